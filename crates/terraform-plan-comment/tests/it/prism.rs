//! A second judge of our requests and of the stand-in: the proxy `prism`, with GitHub's own description. That it finds what is
//! wrong is shown where the tags are tested.

use testkit::prism::Prism;

use super::{REPOSITORY, comments, github, plan, run, runner};

#[test]
fn prism_finds_nothing_wrong() {
    let github = github("Text.");
    github.add_commit(REPOSITORY, super::HEAD, "Change things");
    github.add_label(REPOSITORY, 7, "terraform/no-changes");
    let prism = match Prism::start(&github.url()) {
        Ok(prism) => prism,
        Err(reason) => {
            eprintln!("SKIPPED prism: {reason}");
            return;
        }
    };
    for target in ["comment", "body"] {
        // Created, found unchanged, updated.
        for (run_id, name) in [("1000", "json_policy"), ("1001", "json_policy"), ("1002", "mixed")] {
            let step = runner(&github).api_url(prism.url()).env("GITHUB_RUN_ID", run_id);
            run(&step, &["--plan", &plan(name), "--target", target]).assert_code(0);
        }
    }
    // A label on, another one off, a check run created and updated.
    for (run_id, name) in [("1003", "mixed"), ("1004", "empty")] {
        let step = runner(&github).api_url(prism.url()).env("GITHUB_RUN_ID", run_id);
        let step = step.input("label", "true").input("check-run", "plan");
        run(&step, &["--plan", &plan(name), "--target", "none"]).assert_code(0);
    }
    let of_branch = super::workflow_run::runner(&github).api_url(prism.url());
    run(&of_branch, &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(github.check_runs(REPOSITORY).len(), 1);
    assert!(comments(&github)[0].contains("/runs/1002"));
    let body = github.pull(REPOSITORY, 7).unwrap()["body"].as_str().unwrap_or_default().to_owned();
    assert!(body.starts_with("Text.") && body.contains("/runs/1002"), "{body}");
    assert_eq!(prism.violations(), Vec::<String>::new());
    assert_eq!(prism.passed_on(), github.requests().len());
}
