use super::*;
use crate::plan::tests::{Case, branch, case, pull};

const HERE: &str = "1111111111111111111111111111111111111111";

fn dry(case: &Case) -> Report {
    report(&case.plan(), None)
}

fn done(case: &Case, tag_created: bool) -> Report {
    let plan = case.plan();
    let outcome = Outcome { plan: plan.clone(), tag_created };
    report(&plan, Some(&outcome))
}

#[test]
fn every_declared_output_is_set() {
    use crate::components::Reason;
    use crate::plan::ProjectPlan;
    use actions_core::Action as _;
    let plan = case("1.0.0", branch("main")).unknown_tags().plan();
    let project = |name: &str| ProjectPlan {
        component: name.to_owned(),
        folder: format!("services/{name}"),
        reason: Some(Reason::DependsOn { component: "core".to_owned() }),
        plan: plan.clone(),
    };
    let one = RunPlan::One(Box::new(project("api")));
    let all = RunPlan::All {
        commit: Some(HERE.to_owned()),
        components: vec![project("api"), ProjectPlan { reason: None, ..project("web") }],
        warnings: vec!["something is so".to_owned()],
    };
    for plan in [one, all] {
        let report = report_run(&plan, None);
        for output in crate::VersionDetect::OUTPUTS {
            assert!(report.outputs.get(output.name).is_some(), "{}", output.name);
        }
        assert_eq!(report.outputs.iter().count(), crate::VersionDetect::OUTPUTS.len());
        assert_eq!(report.outputs.get("changed"), Some(""));
        assert_eq!(report.outputs.get("changed-components"), Some("[\"api\"]"));
        let matrix: serde_json::Value = serde_json::from_str(report.outputs.get("matrix").unwrap()).unwrap();
        assert_eq!(matrix["include"][0]["path"], "services/api");
    }
}

#[test]
fn a_created_tag_is_told() {
    let report = done(&case("1.1.0", branch("main")).tags(&["v1.0.0"], None).creating(), true);
    assert_eq!(report.verdict, "tagged commit 1111111 as v1.1.0");
    assert_eq!(report.outputs.get("tag-created"), Some("true"));
    insta::assert_snapshot!(report.summary, @r"
    |  |  |
    | --- | --- |
    | Version | `1.1.0` |
    | Written in | `app/package.json`, line 3 |
    | Built for | branch `main`: needs a stable version, as it is |
    | Git tag | `v1.1.0`, created now |
    | Published | yes |
    | Version before | `1.0.0` |
    | Image tags | `1.1.0` |

    A tag that a job's own token creates starts no workflow: let the jobs that follow the release run in this one.
    ");
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let report = dry(&case("1.0.0", branch("main")).creating());
    assert_eq!(report.verdict, "commit 1111111 would be tagged as v1.0.0");
    assert_eq!(report.outputs.get("tag-created"), Some("false"));
}

#[test]
fn a_pull_request_that_releases_nothing_says_so() {
    let report = done(&case("1.0.0", pull("feature/x", "main")).tags(&["v1.0.0"], Some("2222222")), false);
    assert_eq!(report.verdict, "1.0.0 was released before, from commit 2222222");
    assert!(report.summary.contains("Merging this releases nothing, because `v1.0.0` exists."), "{}", report.summary);
    let again = done(&case("1.0.0", branch("main")).tags(&["v1.0.0"], Some(HERE)).creating(), false);
    assert_eq!(again.verdict, "already done: this commit is tagged as v1.0.0");
}

#[test]
fn warnings_point_at_the_version() {
    let report = done(&case("1.1.0-SNAPSHOT", pull("feature/x", "main")), false);
    let [warning] = report.annotations.as_slice() else { panic!("{:?}", report.annotations) };
    assert_eq!(warning.location.as_ref().and_then(|place| place.line), Some(3));
    assert!(warning.message.starts_with("After the merge, branch main will refuse version 1.1.0-SNAPSHOT"));
}

#[test]
fn a_hostile_branch_stays_text() {
    let report = done(&case("1.0.0", branch("a`|</td>@all\n::error::x$(touch x)")), false);
    let row = report.summary.lines().find(|line| line.starts_with("| Built for")).unwrap();
    assert_eq!(row, "| Built for | branch ``a`\\|</td>@all ::error::x$(touch x)``: any version will do |");
}

#[test]
fn why_nothing_is_published_is_told() {
    let told = |case: &Case| published::published(&case.plan());
    let there = Some("2222222222222222222222222222222222222222");
    assert_eq!(told(&case("1.1.0", branch("main"))), "yes");
    assert_eq!(told(&case("1.1.0", pull("a", "main"))), "no: a pull request publishes nothing");
    assert_eq!(told(&case("1.1.0", branch("feature/x"))), "no: this branch publishes nothing");
    let feature = case("1.1.0", branch("feature/x")).tags(&["v1.1.0"], there);
    assert_eq!(told(&feature), "no: this branch publishes nothing");
    let released = case("1.1.0", branch("main")).tags(&["v1.1.0"], there);
    assert_eq!(told(&released), "no: released before, from commit 2222222; what changed since needs a higher version");
    let unknown = case("1.1.0", branch("main")).unknown_tags();
    assert_eq!(told(&unknown), "whether v1.1.0 exists is not known: nobody can be asked");
    assert!(told(&case("1.1.0", Subject::Detached)).ends_with("name its branch with the input branch"));
    let tag = Subject::Tag { name: "nightly".to_owned() };
    assert_eq!(told(&case("1.1.0", tag)), "no: the pushed tag is not the one of version 1.1.0");
}
