//! A version whose tag is at another commit: one that a push brings back, and those that it does not.

use serde_json::{Value, json};
use testkit::http::{Reply, Request};
use testkit::{FakeGitHub, FakeRunner, Fault, RunOutput};

use crate::origin::Origin;
use crate::{REPOSITORY, git, package, run, runner};

/// A project at `version`.
fn at(origin: &Origin, version: &str) -> String {
    origin.commit(&[("package.json", Some(&package(version)))])
}

fn push(server: &FakeGitHub, origin: &Origin, [before, after]: [&str; 2]) -> FakeRunner {
    let step = runner(server)
        .github("push", "refs/heads/main", after, REPOSITORY)
        .event(json!({"before": before, "repository": {"default_branch": "main"}}));
    origin.check_out(&step, after);
    step
}

/// A server with the repository and its releases.
fn server(origin: &Origin, tags: &[(&str, &str)]) -> FakeGitHub {
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    for (tag, commit) in tags {
        server.add_tag(REPOSITORY, tag, commit);
    }
    server
}

/// Nothing is new, nothing is published, and the log says why.
#[track_caller]
fn is_released(output: &RunOutput, why: &str) {
    output.assert_code(0);
    assert_eq!((output.outputs["changed"].as_str(), output.outputs["publish"].as_str()), ("false", "false"));
    assert!(output.stdout.contains(why) || output.stderr.contains(why), "{}{}", output.stdout, output.stderr);
    assert!(!output.stdout.contains("::warning"), "{}", output.stdout);
}

#[track_caller]
fn is_refused(output: &RunOutput) {
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/version-reused"), "{}", output.stderr);
    assert!(output.outputs.is_empty());
}

fn comparisons(server: &FakeGitHub) -> usize {
    server.requests().iter().filter(|request| request.path.contains("/compare/")).count()
}

const LATER: &str = "which follows this commit: a later run has released it";
const WITHIN: &str = "a commit of this change, so nothing is new";

#[test]
fn a_run_that_was_overtaken_finds_its_version_released() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let raised = at(&origin, "1.1.0");
    let mended = origin.commit(&[("a", Some("mended"))]);
    let next = at(&origin, "1.2.0");
    let server = server(&origin, &[("v1.0.0", &first), ("v1.1.0", &mended)]);
    let step = push(&server, &origin, [&first, &raised]);
    is_released(&run(&step), LATER);
    let asked: Vec<String> = server.requests().iter().map(Request::line).collect();
    assert_eq!(asked.len(), 4, "the tags, the files before, the manifest before, one comparison: {asked:?}");
    assert!(asked[3].contains(&format!("/compare/{mended}...{raised}?")), "{asked:?}");
    // It is told to raise nothing, also where a higher version is out by now.
    server.add_tag(REPOSITORY, "v1.2.0", &next);
    is_released(&run(&step), LATER);
}

#[test]
fn a_tag_that_is_pushed_with_the_branch_is_a_release_of_the_push() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let tagged = at(&origin, "1.1.0");
    let last = origin.commit(&[("README.md", Some("x"))]);
    let server = server(&origin, &[("v1.0.0", &first), ("v1.1.0", &tagged)]);
    is_released(&run(&push(&server, &origin, [&first, &last])), WITHIN);
    assert_eq!(comparisons(&server), 2);
}

/// A line of maintenance that released 1.0.1 and is merged into `main`; the commits of `main` before, of the release and of the merge.
fn merged_back() -> (Origin, [String; 3]) {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let main = origin.commit(&[("a", Some("x"))]);
    origin.git(&["checkout", "-q", "-b", "release/1.0", &first]);
    let released = at(&origin, "1.0.1");
    origin.git(&["checkout", "-q", "main"]);
    origin.git(&["merge", "-q", "--no-ff", "-m", "merge", "release/1.0"]);
    let merge = origin.git(&["rev-parse", "HEAD"]);
    (origin, [main, released, merge])
}

#[test]
fn a_release_of_an_older_line_is_merged_back() {
    let (origin, [main, released, merge]) = merged_back();
    let server = server(&origin, &[("v1.0.1", &released)]);
    is_released(&run(&push(&server, &origin, [&main, &merge])), WITHIN);
    // The pull request is told nothing of it either.
    let pull = runner(&server)
        .github("pull_request", "refs/pull/7/merge", &merge, REPOSITORY)
        .env("GITHUB_HEAD_REF", "release/1.0")
        .env("GITHUB_BASE_REF", "main")
        .event(json!({}));
    origin.check_out(&pull, &merge);
    is_released(&run(&pull), WITHIN);
}

#[test]
fn an_older_line_that_is_merged_back_does_not_lower_the_version() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let main = at(&origin, "2.0.0");
    origin.git(&["checkout", "-q", "-b", "release/1.0", &first]);
    let released = at(&origin, "1.0.1");
    origin.git(&["checkout", "-q", "main"]);
    // The conflict is resolved to the lower version.
    origin.git(&["merge", "-q", "--no-ff", "-X", "theirs", "-m", "merge", "release/1.0"]);
    let merge = origin.git(&["rev-parse", "HEAD"]);
    let server = server(&origin, &[("v1.0.1", &released), ("v2.0.0", &main)]);
    let push = |rules: &str| {
        let step = push(&server, &origin, [&main, &merge]).file("slipway.toml", rules);
        run(&step)
    };
    is_refused(&push(""));
    let pull = runner(&server)
        .github("pull_request", "refs/pull/7/merge", &merge, REPOSITORY)
        .env("GITHUB_HEAD_REF", "release/1.0")
        .env("GITHUB_BASE_REF", "main")
        .event(json!({}));
    origin.check_out(&pull, &merge);
    let output = run(&pull);
    output.assert_code(0);
    assert!(
        output.stdout.contains("branch main will refuse version 1.0.1: the change from 2.0.0"),
        "{}",
        output.stdout
    );
    // On a line of maintenance it is one of its releases.
    is_released(&push("[[branch]]\npattern = \"main\"\nversion = \"stable\"\nline = true\n"), WITHIN);
}

#[test]
fn a_release_of_the_push_stays_one_when_a_later_run_has_released_a_higher_version() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let tagged = at(&origin, "1.1.0");
    let last = origin.commit(&[("README.md", Some("x"))]);
    let higher = at(&origin, "1.2.0");
    let server = server(&origin, &[("v1.0.0", &first), ("v1.1.0", &tagged), ("v1.2.0", &higher)]);
    // The run of the push is started again.
    is_released(&run(&push(&server, &origin, [&first, &last])), WITHIN);
    assert_eq!(comparisons(&server), 3);
}

#[test]
fn a_complete_clone_asks_nobody() {
    let (origin, [main, released, merge]) = merged_back();
    let next = at(&origin, "1.1.0");
    let mended = origin.commit(&[("a", Some("mended"))]);
    let back = at(&origin, "1.0.1");
    origin.git(&["tag", "v1.0.1", &released]);
    let of = |before: &str, after: &str| {
        let step = FakeRunner::new()
            .github("push", "refs/heads/main", after, REPOSITORY)
            .event(json!({"before": before, "repository": {"default_branch": "main"}}));
        git(step.workspace(), &["clone", "-q", &format!("file://{}", origin.path().display()), "."]);
        git(step.workspace(), &["checkout", "-q", "--detach", after]);
        run(&step)
    };
    is_released(&of(&main, &merge), WITHIN);
    origin.git(&["tag", "v1.1.0", &mended]);
    is_released(&of(&merge, &next), LATER);
    is_refused(&of(&mended, &back));
}

#[test]
fn what_comes_from_before_the_push_or_from_another_line_is_refused() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let before = at(&origin, "1.1.0");
    origin.git(&["checkout", "-q", "-b", "other"]);
    let other = at(&origin, "1.2.0");
    origin.git(&["checkout", "-q", "--orphan", "alone"]);
    let alone = at(&origin, "1.3.0");
    origin.git(&["checkout", "-q", "-f", "main"]);
    let refused = |version: &str, tag: (&str, &str)| {
        origin.git(&["reset", "-q", "--hard", &before]);
        let after = origin.commit(&[("package.json", Some(&package(version))), ("b", Some("x"))]);
        let server = server(&origin, &[tag]);
        is_refused(&run(&push(&server, &origin, [&before, &after])));
        comparisons(&server)
    };
    for (version, tag) in [("1.0.0", ("v1.0.0", &first)), ("1.2.0", ("v1.2.0", &other)), ("1.3.0", ("v1.3.0", &alone))]
    {
        assert_eq!(refused(version, (tag.0, tag.1)), 1, "{version}");
    }
    // Of several commits a second comparison tells on which side of the push's beginning it is.
    let server = server(&origin, &[("v1.0.0", &first)]);
    origin.git(&["reset", "-q", "--hard", &before]);
    origin.commit(&[("b", Some("y"))]);
    let after = at(&origin, "1.0.0");
    origin.show(&server);
    is_refused(&run(&push(&server, &origin, [&before, &after])));
    assert_eq!(comparisons(&server), 2);
}

#[test]
fn a_comparison_that_github_refuses_is_told_and_publishes_nothing() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let raised = at(&origin, "1.1.0");
    let mended = origin.commit(&[("a", Some("mended"))]);
    let server = server(&origin, &[("v1.1.0", &mended)]);
    let refusal = Reply::json(403, &json!({"message": "Resource not accessible by integration"}));
    server.faults().add(Fault::reply(refusal).on("GET", "*/compare/*").always());
    let output = run(&push(&server, &origin, [&first, &raised]));
    output.assert_code(1);
    assert!(
        output.stderr.contains("github/forbidden") && output.stderr.contains("contents: read"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains(&format!("compare `{mended}` with `{raised}`")), "{}", output.stderr);
    assert!(output.outputs.is_empty());
}

fn entries(output: &RunOutput) -> Vec<Value> {
    output.assert_code(0);
    serde_json::from_str(&output.outputs["components-json"]).unwrap()
}

/// A commit of so many components, each with a content.
fn components(origin: &Origin, count: usize, content: &str) -> String {
    let paths: Vec<String> = (0..count).map(|n| format!("services/c{n:03}/package.json")).collect();
    let mut files: Vec<(&str, Option<&str>)> = paths.iter().map(|path| (path.as_str(), Some(content))).collect();
    files.push(("slipway.toml", Some("[discover]\nfolders = [\"services/*\"]\n")));
    origin.commit(&files)
}

#[test]
fn components_that_were_released_together_cost_one_comparison() {
    let origin = Origin::new();
    let first = components(&origin, 20, &package("1.0.0"));
    let raised = components(&origin, 20, &package("1.1.0"));
    let mended = origin.commit(&[("services/c000/a", Some("mended"))]);
    let server = server(&origin, &[]);
    for n in 0..20 {
        server.add_tag(REPOSITORY, &format!("c{n:03}-v1.1.0"), &mended);
    }
    let output = run(&push(&server, &origin, [&first, &raised]));
    assert!(entries(&output).iter().all(|one| one["changed"] == false && one["publish"] == false));
    assert_eq!(comparisons(&server), 1);
    // What goes back is told of each one, for one more.
    let back = components(&origin, 20, &package("1.0.0"));
    origin.show(&server);
    for n in 0..20 {
        server.add_tag(REPOSITORY, &format!("c{n:03}-v1.0.0"), &first);
    }
    let before = comparisons(&server);
    let output = run(&push(&server, &origin, [&mended, &back]));
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/components: 20 components"), "{}", output.stderr);
    assert_eq!(comparisons(&server) - before, 1);
}

#[test]
fn a_change_of_every_manifest_does_not_use_up_the_token_s_limit() {
    let origin = Origin::new();
    let manifest =
        |n: usize, license: &str| format!("{{\"version\": \"1.0.0\", \"n\": {n}, \"license\": \"{license}\"}}");
    let commit = |license: &str| {
        let files: Vec<(String, String)> =
            (0..230).map(|n| (format!("services/c{n:03}/package.json"), manifest(n, license))).collect();
        let mut files: Vec<(&str, Option<&str>)> =
            files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
        files.push(("slipway.toml", Some("[discover]\nfolders = [\"services/*\"]\n")));
        origin.commit(&files)
    };
    let (first, second) = (commit("MIT"), commit("Apache-2.0"));
    let server = server(&origin, &[]);
    for n in 0..230 {
        server.add_tag(REPOSITORY, &format!("c{n:03}-v1.0.0"), &first);
    }
    let output = run(&push(&server, &origin, [&first, &second]));
    assert!(entries(&output).iter().all(|one| one["built"] == true && one["publish"] == false));
    assert_eq!(server.requests().len(), 202, "the tags, the files before, and two hundred manifests");
    assert!(
        output.stdout.contains("GitHub was asked 200 times") || output.stderr.contains("GitHub was asked 200 times")
    );
}

/// How often the files of `commit` were listed at once.
fn lists(server: &FakeGitHub, commit: &str) -> usize {
    server.requests().iter().filter(|request| request.line().ends_with(&format!("/{commit}?recursive=1"))).count()
}

#[test]
fn a_commit_that_cannot_be_listed_is_asked_for_once() {
    let origin = Origin::new();
    let first = components(&origin, 20, &package("1.0.0"));
    let config = "shared = [\"libs/**\"]\n[discover]\nfolders = [\"services/*\"]\n";
    let second = origin.commit(&[("slipway.toml", Some(config)), ("libs/a", Some("x"))]);
    let server = server(&origin, &[]);
    for n in 0..20 {
        server.add_tag(REPOSITORY, &format!("c{n:03}-v1.0.0"), &first);
    }
    server.truncate_trees(REPOSITORY, 3);
    let output = run(&push(&server, &origin, [&first, &second]));
    assert!(entries(&output).iter().all(|one| one["built"] == true && one["publish"] == false));
    assert_eq!((lists(&server, &first), server.requests().len()), (1, 3), "the tags, the list, the root's folder");
    // A forced push left its beginning behind.
    let gone = "badc0de0badc0de0badc0de0badc0de0badc0de0";
    let output = run(&push(&server, &origin, [gone, &second]));
    assert_eq!(entries(&output).len(), 20);
    assert_eq!((lists(&server, gone), lists(&server, &first)), (1, 2));
}

#[test]
fn comparisons_with_many_releases_of_a_large_repository_share_their_questions() {
    let origin = Origin::new();
    let folders: Vec<String> = (0..120).map(|n| format!("docs/d{n:03}/a")).collect();
    let commit = |content: &str| {
        let docs = folders.iter().map(|path| (path.as_str(), Some(content)));
        let config = ("slipway.toml", Some("[discover]\nfolders = [\"services/*\"]\n"));
        let web = ("services/web/VERSION", Some("1.0.0"));
        let all = [("services/api/VERSION", "1.0.0"), ("services/job/VERSION", "1.0.0")];
        let rest = all.map(|(path, version)| (path, Some(version)));
        origin.commit(&docs.chain([config, web]).chain(rest).collect::<Vec<_>>())
    };
    let releases: Vec<String> = ["a", "b", "c"].iter().map(|content| commit(content)).collect();
    let last = commit("d");
    let server = server(&origin, &[]);
    for (name, commit) in ["api", "job", "web"].iter().zip(&releases) {
        server.add_tag(REPOSITORY, &format!("{name}-v1.0.0"), commit);
    }
    server.truncate_trees(REPOSITORY, 3);
    let by_hand = runner(&server).github("workflow_dispatch", "refs/heads/main", &last, REPOSITORY).event(json!({}));
    origin.check_out(&by_hand, &last);
    let built: Vec<Value> = entries(&run(&by_hand)).into_iter().filter(|one| one["built"] == true).collect();
    let because = format!("what changed is not known: the files of commit {} cannot be listed", releases[2]);
    assert_eq!((built.len(), &built[0]["name"], &built[0]["because"]), (1, &"web".into(), &because.into()));
    assert_eq!(server.requests().len(), 304, "the tags, three lists, 300 folders");
}

#[test]
fn annotated_tags_of_many_components_are_followed_at_once() {
    let origin = Origin::new();
    let first = components(&origin, 30, &package("1.0.0"));
    let config = "shared = [\"libs/**\"]\n[discover]\nfolders = [\"services/*\"]\n";
    let second = origin.commit(&[("slipway.toml", Some(config)), ("libs/a", Some("x"))]);
    let server = server(&origin, &[]);
    for n in 0..30 {
        server.add_annotated_tag(REPOSITORY, &format!("c{n:03}-v1.0.0"), if n == 7 { &second } else { &first });
    }
    let output = run(&push(&server, &origin, [&first, &second]));
    let published: Vec<Value> = entries(&output).into_iter().filter(|one| one["publish"] == true).collect();
    assert_eq!((published.len(), &published[0]["name"]), (1, &"c007".into()));
    assert_eq!(server.requests().len(), 3, "the tags, their commits, the files before");
    // By hand each is compared with its own release, of which there are two commits and not thirty.
    let by_hand = runner(&server).github("workflow_dispatch", "refs/heads/main", &second, REPOSITORY).event(json!({}));
    origin.check_out(&by_hand, &second);
    let asked = server.requests().len();
    let built: Vec<Value> = entries(&run(&by_hand)).into_iter().filter(|one| one["built"] == true).collect();
    assert_eq!(built.len(), 29);
    assert!(built.iter().all(|one| one["because"] == "libs/a matches libs/**, which all components depend on"));
    assert_eq!(server.requests().len() - asked, 3);
}

#[test]
fn a_run_that_a_higher_release_has_overtaken_is_late_and_goes_not_down() {
    let origin = Origin::new();
    let first = at(&origin, "1.0.0");
    let raised = at(&origin, "1.1.0");
    let higher = at(&origin, "1.2.0");
    let server = server(&origin, &[("v1.0.0", &first)]);
    server.add_annotated_tag(REPOSITORY, "v1.2.0", &higher);
    let step = push(&server, &origin, [&first, &raised]);
    let output = run(&step.input("create-tag", "true"));
    output.assert_code(0);
    assert_eq!((output.outputs["changed"].as_str(), output.outputs["publish"].as_str()), ("true", "false"));
    let told = format!("v1.2.0 is at {higher}, {LATER}");
    assert!(output.stdout.contains(&told) || output.stderr.contains(&told), "{}{}", output.stdout, output.stderr);
    assert!(output.summary.contains("1.1.0 comes too late: a later run has released a higher version"));
    assert_eq!(
        (server.tag(REPOSITORY, "v1.1.0"), server.requests().len()),
        (None, 3),
        "the tags, its commit, one comparison"
    );
    // What goes down behind the release is refused as ever.
    let lower = at(&origin, "1.1.1");
    origin.show(&server);
    let refused = run(&push(&server, &origin, [&higher, &lower]));
    refused.assert_code(2);
    assert!(refused.stderr.contains("version-detect/downgrade"), "{}", refused.stderr);
}

#[test]
fn a_higher_tag_at_the_very_commit_is_no_later_run() {
    let origin = Origin::new();
    let first = at(&origin, "1.4.0");
    let raised = at(&origin, "1.5.0");
    let server = server(&origin, &[("v1.4.0", &first), ("v2.0.0", &raised)]);
    let output = run(&push(&server, &origin, [&first, &raised]));
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/downgrade"), "{}", output.stderr);
    assert_eq!(comparisons(&server), 0);
}

#[test]
fn components_that_were_overtaken_keep_no_other_from_its_job() {
    let origin = Origin::new();
    let first = components(&origin, 5, &package("1.0.0"));
    let raised = components(&origin, 5, &package("1.1.0"));
    let higher = components(&origin, 4, &package("1.2.0"));
    let server = server(&origin, &[]);
    for n in 0..5 {
        server.add_annotated_tag(REPOSITORY, &format!("c{n:03}-v1.0.0"), &first);
    }
    for n in 0..4 {
        server.add_annotated_tag(REPOSITORY, &format!("c{n:03}-v1.2.0"), &higher);
    }
    let output = run(&push(&server, &origin, [&first, &raised]));
    let published: Vec<Value> = entries(&output).into_iter().filter(|one| one["publish"] == true).collect();
    assert_eq!((published.len(), &published[0]["name"]), (1, &"c004".into()));
    assert_eq!(server.requests().len(), 4, "the tags, the files before, the commits of the releases, one comparison");
}
