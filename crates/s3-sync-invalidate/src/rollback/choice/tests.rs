use super::*;

/// Releases from the newest to the oldest: the hour of each, and the hour of the one that it went back to.
fn content(releases: &[(u8, Option<u8>)]) -> Content {
    let mut all = releases.iter().map(|(hour, back)| Release {
        id: id(*hour),
        at: format!("2026-11-21T{hour:02}:00:00Z"),
        rolled_back_to: back.map(id),
        place: None,
        gone: false,
        by: run(*hour),
    });
    Content {
        write: String::new(),
        release: all.next().unwrap(),
        history: all.collect(),
        distributions: std::collections::BTreeSet::new(),
        entries: std::sync::Arc::default(),
        gone: std::collections::BTreeMap::new(),
    }
}

fn id(hour: u8) -> ReleaseId {
    ReleaseId::parse(&format!("20261121T{hour:02}0000Z-00000000")).unwrap()
}

fn run(number: u8) -> Publisher {
    Publisher { repository: Some("o/r".into()), run_id: Some(number.to_string()), ..Publisher::default() }
}

#[track_caller]
fn check(to: &str, releases: &[(u8, Option<u8>)], expect: Option<u8>) {
    check_as(to, releases, Caller { publisher: &run(99), is_owed: false }, expect);
}

#[track_caller]
fn check_as(to: &str, releases: &[(u8, Option<u8>)], caller: Caller<'_>, expect: Option<u8>) {
    let found = choose(&To::parse(to).unwrap(), &content(releases), caller);
    assert_eq!(found.ok().map(|release| release.id), expect.map(id), "{to} of {releases:?}");
}

#[test]
fn previous_is_the_one_before() {
    check("previous", &[(3, None), (2, None), (1, None)], Some(2));
    check("previous", &[(1, None)], None);
}

#[test]
fn going_back_twice_goes_back_two_releases() {
    check("previous", &[(4, Some(2)), (3, None), (2, None), (1, None)], Some(1));
    check("previous", &[(5, Some(1)), (4, Some(2)), (3, None), (2, None), (1, None)], None);
    // A publication after a rollback goes back to the rollback, and from there on to what is before its own target.
    check("previous", &[(5, None), (4, Some(2)), (3, None), (2, None), (1, None)], Some(4));
    check("previous", &[(6, Some(4)), (5, None), (4, Some(2)), (3, None), (2, None), (1, None)], Some(1));
}

#[test]
fn a_rollback_to_what_is_forgotten_has_nothing_before() {
    check("previous", &[(4, Some(1)), (3, None), (2, None)], None);
}

#[test]
fn a_rollback_that_did_not_get_to_its_end_is_not_another_one() {
    let releases = [(4, Some(2)), (3, None), (2, None), (1, None)];
    check_as("previous", &releases, Caller { publisher: &run(4), is_owed: false }, Some(2));
    check_as("previous", &releases, Caller { publisher: &run(99), is_owed: true }, Some(2));
    let from_a_terminal = Publisher::default();
    check_as("previous", &releases, Caller { publisher: &from_a_terminal, is_owed: false }, Some(1));
    // What is due after a publication is no reason to stay.
    check_as("previous", &[(3, None), (2, None)], Caller { publisher: &run(3), is_owed: true }, Some(2));
}

#[test]
fn a_release_is_named_or_its_moment() {
    let releases = [(3, None), (2, None), (1, None)];
    check("20261121T010000Z-00000000", &releases, Some(1));
    check("20261121T030000Z-00000000", &releases, Some(3));
    check("20261121T010000Z-00000001", &releases, None);
    check("2026-11-21T02:59:59Z", &releases, Some(2));
    check("2026-11-21T03:59:59+01:00", &releases, Some(2));
    check("2027-01-01T00:00:00Z", &releases, Some(3));
    check("2026-11-21T00:59:59Z", &releases, None);
}

#[test]
fn what_is_no_release_is_refused() {
    for text in ["", "last", "2026-11-21", "20261121T010000Z", "2026-11-21T02:59:59"] {
        assert!(To::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_older_note_says_nothing_of_a_release() {
    let release = content(&[(3, Some(1)), (2, None), (1, None)]).release;
    let at = seconds(&release).unwrap();
    for (later, expect) in [(-3600, false), (-61, false), (-60, true), (0, true), (3600, true)] {
        assert_eq!(is_since(at + later, &release), expect, "{later}");
    }
}
