use super::entry::{Entry, Origin, fields_named};
use super::*;

const SOURCE: &str = r#"
/// Ways to fail.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The cup is empty. Exit code 2.
    ///
    /// Somebody drank it
    /// all.
    #[error("cup `{cup}` is empty")]
    #[diagnostic(code("tea/empty"), help("fill `{cup}` again"))]
    Empty { cup: String },
    /// Somebody else's.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Other(#[from] std::io::Error),
}

/// The kettle is cold. Exit code 1.
///
/// It was not switched on.
///
/// Switch it on.
const COLD: &str = "tea/cold";
"#;

fn entry() -> Entry {
    source::read("crates/tea/src/error.rs", SOURCE).unwrap().entries.remove(0)
}

fn proven(test: &str) -> bool {
    let mut tests = tests_of::Tests::default();
    tests.read("crates/tea/tests/it/main.rs", test).unwrap();
    tests.asserted().provoke(&entry())
}

#[test]
fn a_variant_and_a_constant_are_codes() {
    let found = source::read("crates/tea/src/error.rs", SOURCE).unwrap();
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let codes: Vec<&str> = found.entries.iter().map(|entry| entry.code.as_str()).collect();
    assert_eq!(codes, ["tea/empty", "tea/cold"]);
    let empty = entry();
    assert_eq!(
        (empty.meaning(), empty.exit_code(), empty.why()),
        ("The cup is empty.", Some("2"), Some("Somebody drank it all."))
    );
    assert_eq!(empty.fix().unwrap(), "Fill `<cup>` again.");
    assert_eq!(found.entries[1].fix().unwrap(), "Switch it on.");
    assert!(found.entries.iter().all(|entry| entry.problems().is_empty() && entry.origin == Origin::Rust));
}

#[test]
fn what_is_not_said_is_a_problem() {
    let bare = SOURCE.replace("    ///\n    /// Somebody drank it\n    /// all.\n", "").replace(" Exit code 2.", "");
    let found = source::read("crates/tea/src/error.rs", &bare).unwrap();
    let problems = found.entries[0].problems().join("\n");
    assert!(problems.contains("its exit code") && problems.contains("why it happens"), "{problems}");
    let dynamic = source::read("a.rs", &SOURCE.replace("fill `{cup}` again", "{}")).unwrap();
    assert!(dynamic.entries[0].problems()[0].contains("how to fix it"), "{:?}", dynamic.entries[0].problems());
}

#[test]
fn codes_made_by_hand_are_found() {
    for line in [
        r#"Failure::new("tea/spilled", "spilled", ExitCode::Failed);"#,
        r#"Failure::new(format!("{}/spilled", NAME), "spilled", ExitCode::Failed);"#,
        r#"failure.code = format!("{}/spilled", NAME);"#,
    ] {
        let found = source::read("a.rs", &format!("fn f() {{ {line} }}")).unwrap();
        assert_eq!(found.problems.len(), 1, "{line}: {:?}", found.problems);
    }
    let compared =
        source::read("a.rs", r#"fn f() { if failure.code == "tea/spilled" {} Failure::new(SPILLED, "x", y); }"#);
    assert!(compared.unwrap().problems.is_empty());
}

#[test]
fn only_an_assertion_proves_a_code() {
    assert!(proven(r#"#[test] fn a() { assert!(said().contains("::error title=tea/empty::")); }"#));
    assert!(proven(r#"fn check(code: &str) { assert_eq!(run(), code); } #[test] fn a() { check("tea/empty"); }"#));
    assert!(!proven("#[test] fn a() { // tea/empty\n assert!(is_ready()); }"));
    assert!(!proven(r"/// tea/empty"), "a comment proves nothing");
    assert!(!proven(r#"#[test] fn a() { println!("tea/empty"); }"#));
    assert!(!proven(r#"#[test] fn a() { assert_eq!(run(), "tea/empty-handed"); }"#));
    assert!(!proven(r#"#[test] fn a() { assert_eq!(run(), "green-tea/empty"); }"#));
}

#[test]
fn fields_become_names() {
    assert_eq!(
        fields_named("`{path}` is {{x}}: {} {0} {task_definition:?}"),
        "`<path>` is {x}: ... ... <task-definition>"
    );
}

#[test]
fn a_code_is_proven_by_what_a_process_printed_and_how_it_ended() {
    let entry = || vec![Entry { origin: Origin::EachAction, ..entry() }];
    let seen = |codes: &[(&str, &[i32])]| -> testkit::provoked::Seen {
        codes.iter().map(|(code, exits)| ((*code).to_owned(), exits.iter().copied().collect())).collect()
    };
    let check = |seen: &testkit::provoked::Seen, list: &str, problem: &str| {
        let problems = provoked::problems(&entry(), seen, list);
        assert!(problems.len() == usize::from(!problem.is_empty()), "{problems:?}");
        assert!(problems.iter().all(|found| found.contains(problem)), "{problems:?}");
    };
    check(&seen(&[("tea/empty", &[2])]), "", "");
    check(&seen(&[("tea/empty", &[])]), "# A comment.\n", "");
    check(&seen(&[("core-sample/empty", &[2])]), "", "");
    check(&seen(&[("tea/cold", &[2])]), "", "was printed by no program");
    check(&seen(&[]), "tea/empty: no cups here\n", "");
    check(&seen(&[("tea/empty", &[2])]), "tea/empty: no cups here\n", "does not belong");
    check(&seen(&[("tea/empty", &[1])]), "", "ended with exit code 1");
    check(&seen(&[]), "tea/empty: \n", "without a reason");
    check(&seen(&[("tea/empty", &[2])]), "tea/hot: no stove here\n", "in no program");
}
