use proptest::prelude::*;

use super::*;

fn version(text: &str) -> ProjectVersion {
    ProjectVersion::parse(text).unwrap()
}

fn released(versions: &[&str]) -> Vec<Version> {
    versions.iter().map(|text| Version::parse(text).unwrap()).collect()
}

#[test]
fn only_the_plain_forms_fit_a_branch() {
    let fits = |text: &str, form| version(text).misfit(form).is_none();
    assert!(fits("1.0.0", Form::Stable));
    assert!(fits("1.1.0-SNAPSHOT", Form::Snapshot));
    for text in ["1.0.0-SNAPSHOT", "1.0.0-rc.1", "1.0.0+5", "1.0", "1.2.3.0", "01.0.0", "1.2.7.43.RELEASE", "v1.0.0"] {
        assert!(!fits(text, Form::Stable), "{text}");
    }
    for text in ["1.0.0", "1.0.0-dev", "1.0.0-snapshot", "1.0.0-rc.1-SNAPSHOT", "7.5-SNAPSHOT", "1.0.0-SNAPSHOT+5"] {
        assert!(!fits(text, Form::Snapshot), "{text}");
    }
}

#[test]
fn a_snapshot_is_told_by_its_ending_in_every_scheme() {
    for text in ["1.0.0-SNAPSHOT", "7.5-SNAPSHOT", "1.0.0-rc.1-SNAPSHOT", "1.0.0-SNAPSHOT+5"] {
        assert!(version(text).is_snapshot(), "{text}");
    }
    for text in ["1.0.0", "1.0.0-dev", "1.0.0+x-SNAPSHOT"] {
        assert!(!version(text).is_snapshot(), "{text}");
    }
}

#[test]
fn suggests_the_nearest_version_that_is_free() {
    #[track_caller]
    fn check(text: &str, form: Form, taken: &[&str], expect: &str) {
        assert_eq!(version(text).suggestion(form, &released(taken), Height::AboveAll), expect);
    }
    check("1.1.0-SNAPSHOT", Form::Stable, &["1.0.0"], "1.1.0");
    check("1.1.0-SNAPSHOT", Form::Stable, &["1.1.0"], "1.1.1");
    check("1.0.0", Form::Snapshot, &["1.0.0"], "1.1.0-SNAPSHOT");
    check("1.0.0", Form::Snapshot, &["1.0.0", "1.1.0"], "1.2.0-SNAPSHOT");
    check("2.0.0-rc.1", Form::Snapshot, &[], "2.0.0-SNAPSHOT");
    check("7.5-SNAPSHOT", Form::Stable, &[], "7.5.0");
    check("1.2.7.43.RELEASE", Form::Snapshot, &[], "1.2.7-SNAPSHOT");
    check("dev", Form::Stable, &[], "0.0.0");
    // Above what is released, or the next run would refuse it.
    check("1.5.0-SNAPSHOT", Form::Stable, &["1.0.0", "2.0.0"], "2.0.1");
    check("1.0.0", Form::Stable, &["1.0.0", "1.1.0"], "1.1.1");
    check("1.0.0", Form::Prerelease, &["1.0.0", "2.3.4"], "2.4.0-rc.1");
    let line =
        |text: &str, form| version(text).suggestion(form, &released(&["1.5.0", "1.5.1", "2.0.0"]), Height::OwnLine);
    assert_eq!(line("1.5.0-SNAPSHOT", Form::Stable), "1.5.2");
    assert_eq!(line("1.5.0", Form::Snapshot), "1.6.0-SNAPSHOT");
}

#[test]
fn the_last_number_of_all_has_one_behind_it_or_none() {
    const LAST: u64 = u64::MAX;
    let full = version(&format!("1.0.{LAST}-SNAPSHOT"));
    for height in [Height::AboveAll, Height::OwnLine] {
        assert_eq!(full.suggestion(Form::Stable, &[full.core()], height), "1.1.0");
        let last = version(&format!("{LAST}.{LAST}.{LAST}"));
        assert_eq!(last.suggestion(Form::Stable, &[last.core()], height), last.as_str());
        assert_eq!(last.suggestion(Form::Snapshot, &[last.core()], height), format!("{}-SNAPSHOT", last.as_str()));
    }
}

#[test]
fn a_tag_has_one_v() {
    for (text, prefix, tag) in [
        ("1.0.0", "v", "v1.0.0"),
        ("v1.0.0", "v", "v1.0.0"),
        ("V1.0.0", "api-v", "api-v1.0.0"),
        ("v1.0.0", "release-", "release-v1.0.0"),
        ("vendor", "v", "vvendor"),
        ("v1.0.0", "", "v1.0.0"),
    ] {
        assert_eq!(version(text).tag(prefix), tag);
    }
}

#[test]
fn what_could_leave_a_tag_or_a_path_is_no_version() {
    let long = "1".repeat(129);
    for text in
        ["", "1.0.0\n2", "1.0\u{1b}[31m", "../1", "1..0", "-1.0.0", "${revision}", "1.0.0 ", "a/b", "$(touch x)", &long]
    {
        assert!(ProjectVersion::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn python_marks_work_in_progress_in_its_own_way() {
    let python = |text: &str| ProjectVersion::parse_in(Family::Python, text, &[]).unwrap();
    let fits = |text: &str, form| python(text).misfit(form).is_none();
    assert!(fits("1.0.0", Form::Stable) && fits("1.1.0.dev0", Form::Snapshot) && python("1.1.0.dev12").is_snapshot());
    for text in ["1.1.0.dev0", "1.0.0rc1", "1.0.0.post1", "1.0", "1.0.0+x", "1.1.0-SNAPSHOT"] {
        assert!(!fits(text, Form::Stable), "{text}");
    }
    for text in ["1.0.0", "1.0.0rc1.dev0", "1.0.0.post1", "1.0.0.dev", "1.0.dev0", "1.0.0.dev0+x"] {
        assert!(!fits(text, Form::Snapshot), "{text}");
    }
    assert_eq!(python("1.0.0").suggestion(Form::Snapshot, &released(&["1.0.0"]), Height::AboveAll), "1.1.0.dev0");
    assert_eq!(python("1.1.0.dev0").suggestion(Form::Stable, &[], Height::AboveAll), "1.1.0");
    assert_eq!(python("1.1.0.dev0").misfit(Form::Stable).as_deref(), Some("`.dev` marks work in progress"));
    assert_eq!(python("1.0.0rc1").semantic().map(ToString::to_string).as_deref(), Some("1.0.0-rc.1"));
    assert!(!ProjectVersion::parse_in(Family::Marked, "1.1.0.dev0", &[]).unwrap().is_snapshot());
    assert!(ProjectVersion::parse_in(Family::Either, "1.1.0.dev0", &[]).unwrap().is_snapshot());
    assert!(ProjectVersion::parse_in(Family::Either, "1.1.0-SNAPSHOT", &[]).unwrap().is_snapshot());
    let either = |text: &str| ProjectVersion::parse_in(Family::Either, text, &[]).unwrap();
    for (text, meant) in [("1.0.0rc1", "1.0.0-rc.1"), ("1.0.0-rc1", "1.0.0-rc1"), ("1.1.0.dev0", "1.1.0-SNAPSHOT")] {
        assert_eq!(either(text).semantic().map(ToString::to_string).as_deref(), Some(meant), "{text}");
    }
    for text in ["1.0", "v1.0.0", "1.0.0.RELEASE", "1.0.0.post1"] {
        assert!(either(text).semantic().is_none(), "{text}");
    }
}

#[test]
fn a_repository_may_mark_snapshots_in_its_own_way() {
    let endings = ["-dev".to_owned(), "-SNAPSHOT".to_owned()];
    let version = |text: &str| ProjectVersion::parse_in(Family::Marked, text, &endings).unwrap();
    assert!(version("1.1.0-dev").is_snapshot() && version("1.1.0-SNAPSHOT").is_snapshot());
    assert_eq!(version("1.1.0-dev").misfit(Form::Snapshot), None);
    assert_eq!(version("1.1.0-dev").semantic().map(ToString::to_string).as_deref(), Some("1.1.0-SNAPSHOT"));
    assert_eq!(version("1.1.0-dev").as_str(), "1.1.0-dev");
    assert_eq!(version("1.0.0").suggestion(Form::Snapshot, &[], Height::AboveAll), "1.1.0-dev");
    assert_eq!(version("1.1.0-dev").misfit(Form::Stable).as_deref(), Some("`-dev` marks work in progress"));
    let only = ["-dev".to_owned()];
    let other = ProjectVersion::parse_in(Family::Marked, "1.1.0-SNAPSHOT", &only).unwrap();
    assert!(!other.is_snapshot() && other.misfit(Form::Snapshot).is_some());
    let python = ProjectVersion::parse_in(Family::Python, "1.1.0.dev0", &only).unwrap();
    assert!(python.is_snapshot());
}

#[test]
fn a_candidate_is_neither_a_release_nor_a_snapshot() {
    assert_eq!(version("1.0.0-rc.1").misfit(Form::Prerelease), None);
    for text in ["1.0.0", "1.0.0-SNAPSHOT", "1.0", "1.0.0-rc.1+5"] {
        assert!(version(text).misfit(Form::Prerelease).is_some(), "{text}");
    }
    assert_eq!(version("1.0.0").suggestion(Form::Prerelease, &released(&["1.0.0"]), Height::AboveAll), "1.1.0-rc.1");
}

proptest! {
    #[test]
    fn a_suggestion_fits_its_form_and_is_free(text in "[0-9a-z][0-9A-Za-z.+-]{0,20}", minor in 0_u64..4) {
        if let Ok(version) = ProjectVersion::parse(&text) {
            let taken = [version.core(), Version::new(1, minor, 0)];
            for form in [Form::Stable, Form::Snapshot, Form::Prerelease] {
                for height in [Height::AboveAll, Height::OwnLine] {
                    let suggestion = ProjectVersion::parse(&version.suggestion(form, &taken, height)).unwrap();
                    prop_assert_eq!(suggestion.misfit(form), None);
                    prop_assert!(!taken.contains(&suggestion.core()));
                    prop_assert!(height == Height::OwnLine || taken.iter().all(|taken| suggestion.core() > *taken));
                }
            }
        }
    }
}
