//! GitHub's own matching of branches and paths: which workflow starts for a change.

use globset::GlobBuilder;
use yaml_serde::Value;

use super::files::{items, workflow};

/// The path-filtered workflows.
pub(crate) const FILTERED: [&str; 3] = ["backend", "frontend", "infrastructure"];

/// Changed files, and what starts for them on a pull request to `main`.
pub(crate) const CASES: [(&[&str], &[&str]); 21] = [
    (&["README.md"], &[]),
    (&["examples/backend/src/main.rs"], &["backend"]),
    (&["examples/backend/Cargo.toml", "docs/a.md"], &["backend"]),
    (&["examples/backend/.hidden/file"], &["backend"]),
    (&["examples/backend/ünïcode \"quoted\" file"], &["backend"]),
    (&["examples/backend/tab\tand\nnewline"], &["backend"]),
    (&["docs/line\nexamples/backend/break"], &[]),
    (&["examples/backend.md", "examples/backends/x"], &[]),
    (&["other/examples/backend/x"], &[]),
    (&["examples/frontend/index.html"], &["frontend"]),
    (&["examples/frontend/a", "examples/backend/b", "infrastructure/c"], &["backend", "frontend", "infrastructure"]),
    (&["actions/ecr-push/action.yml"], &["backend", "frontend"]),
    (&[".github/actions/get-tools/action.yml"], &["backend", "frontend"]),
    (&["scripts/run-action.sh"], &["backend", "frontend"]),
    (&["scripts/run-action.sh.md", "scripts/other.sh"], &[]),
    (&["release.lock"], &["backend", "frontend"]),
    (&["docs/release.lock"], &[]),
    (&[".github/workflows/backend.yml"], &["backend"]),
    (&[".github/workflows/infrastructure.yml"], &["infrastructure"]),
    (&["infrastructure/modules/a/b/main.tf"], &["infrastructure"]),
    (&["INFRASTRUCTURE/main.tf", "infrastructure.md", ".github/workflows/gate.yml"], &[]),
];

/// Whether one of the patterns takes the text: the last one that matches decides, `!` excludes, and without any pattern
/// everything is taken.
fn is_taken(patterns: &[&str], text: &str) -> bool {
    let mut taken = patterns.is_empty();
    for pattern in patterns {
        let (positive, pattern) = pattern.strip_prefix('!').map_or((true, *pattern), |rest| (false, rest));
        if matches(pattern, text) {
            taken = positive;
        }
    }
    taken
}

/// One pattern. GitHub's `*` stops at a slash, `**` does not.
fn matches(pattern: &str, text: &str) -> bool {
    // `?`, `+`, `[]` and a `**` within a name mean something else to GitHub than to a glob; the workflows do without.
    assert!(!pattern.contains(['?', '+', '[', '{', '\\']), "{pattern}");
    assert!(pattern.split('/').all(|part| part == "**" || !part.contains("**")), "{pattern}");
    let glob = GlobBuilder::new(pattern).literal_separator(true).build().expect("the pattern is a glob");
    glob.compile_matcher().is_match(text)
}

/// Whether a workflow starts for this event, branch and change.
pub(crate) fn starts(name: &str, event: &str, branch: &str, changed: &[&str]) -> bool {
    let file = workflow(name);
    let on = &file.yaml["on"][event];
    let list = |key: &str| -> Vec<&str> { items(&on[key]).iter().map(|item| item.as_str().expect("text")).collect() };
    assert!(on["paths-ignore"].is_null() && on["branches-ignore"].is_null(), "{name}: not covered here");
    let (branches, paths) = (list("branches"), list("paths"));
    let is_named = !matches!(on, Value::Null) || on_names(&file.yaml["on"], event);
    is_named && is_taken(&branches, branch) && changed.iter().any(|path| is_taken(&paths, path))
}

/// Whether `on` names an event that has no settings.
fn on_names(on: &Value, event: &str) -> bool {
    on.as_mapping().is_some_and(|mapping| mapping.keys().any(|key| key.as_str() == Some(event)))
}

/// What starts for a pull request to `branch`.
pub(crate) fn started(branch: &str, changed: &[&str]) -> Vec<&'static str> {
    FILTERED.into_iter().filter(|name| starts(name, "pull_request", branch, changed)).collect()
}

#[test]
fn order_and_negation_are_githubs() {
    for (patterns, text, taken) in [
        (&["docs/**"][..], "docs/a/b", true),
        (&["docs/*"], "docs/a/b", false),
        (&["docs/**"], "docs", false),
        (&["**/x"], "x", true),
        (&["docs/**", "!docs/a/**"], "docs/a/b", false),
        (&["docs/**", "!docs/a/**"], "docs/b", true),
        (&["!docs/a/**", "docs/**"], "docs/a/b", true),
        (&["docs/**", "!docs/a/**", "docs/a/b"], "docs/a/b", true),
        (&["!docs/**"], "src/a", false),
        (&[], "anything", true),
    ] {
        assert_eq!(is_taken(patterns, text), taken, "{patterns:?} {text}");
    }
}

#[test]
fn a_change_starts_its_workflows_and_no_other() {
    for (changed, names) in CASES {
        assert_eq!(started("main", changed), names, "{changed:?}");
    }
}

#[test]
fn branches_decide_as_well() {
    let all = ["examples/frontend/a", "examples/backend/b", "infrastructure/c"];
    assert_eq!(started("develop", &all), ["backend", "frontend"]);
    assert_eq!(started("dev", &all), ["infrastructure"]);
    assert!(started("feature/main", &all).is_empty());
}

#[test]
fn a_push_starts_what_its_pull_request_started() {
    for (changed, _) in CASES {
        for branch in ["main", "develop"] {
            for name in ["backend", "frontend"] {
                let pull = starts(name, "pull_request", branch, changed);
                assert_eq!(starts(name, "push", branch, changed), pull, "{name} {branch} {changed:?}");
            }
        }
    }
    assert!(!starts("infrastructure", "push", "main", &["infrastructure/main.tf"]), "a push plans nothing");
    assert!(!starts("backend", "push", "feature", &["examples/backend/x"]), "a feature branch deploys nothing");
}

#[test]
fn the_required_check_starts_for_every_pull_request() {
    for branch in ["main", "develop", "dev"] {
        for name in ["gate", "ci"] {
            assert!(starts(name, "pull_request", branch, &["any/file"]), "{name} {branch}");
            assert!(starts(name, "merge_group", branch, &["any/file"]), "{name} {branch}");
        }
    }
}
