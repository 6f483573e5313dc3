use super::*;

fn destination(if_exists: IfExists) -> Destination {
    let mutable = ["*-SNAPSHOT", "latest"].map(|text| Wildcard::parse(text).unwrap()).to_vec();
    Destination { repository: ImageReference::parse("localhost:5000/shop").unwrap(), if_exists, mutable }
}

fn tag(name: &str, revision: Option<&str>, fits: bool) -> PublishedTag {
    let digest = Digest::of(name.as_bytes());
    PublishedTag { tag: name.to_owned(), digest, revision: revision.map(str::to_owned), fits }
}

/// Whether the build is skipped, or what the error says.
#[track_caller]
fn check(if_exists: IfExists, published: &[PublishedTag], ours: Option<&str>, expect: Result<bool, &str>) {
    let tags = ["1.0.0", "1.0", "latest"].map(str::to_owned);
    let published = Published { mutability: None, tags: published.to_vec() };
    match (existing(&destination(if_exists), &published, &tags, ours), expect) {
        (Ok(found), Ok(skipped)) => assert_eq!(found.is_some(), skipped),
        (Err(error), Err(words)) => {
            let why = actions_core::ActionError::why(&error).unwrap();
            assert!(why.contains(words), "{why}");
            assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "build-and-tag/tag-taken");
        }
        (found, expect) => panic!("{found:?}, expected {expect:?}"),
    }
}

#[test]
fn nothing_is_built_that_is_there_from_this_commit() {
    let own = || tag("1.0.0", Some("c0ffee"), true);
    check(IfExists::Skip, &[], Some("c0ffee"), Ok(false));
    check(IfExists::Skip, &[own()], Some("c0ffee"), Ok(true));
    check(IfExists::Build, &[own()], Some("other"), Ok(false));
    check(IfExists::Fail, &[own()], Some("c0ffee"), Err("`if-exists`"));
    check(IfExists::Skip, &[tag("1.0", Some("c0ffee"), true)], Some("c0ffee"), Ok(false));
}

#[test]
fn an_image_of_another_or_an_unknown_commit_is_never_taken_for_this_one() {
    let theirs = || tag("1.0.0", Some("beef"), true);
    check(IfExists::Skip, &[theirs()], Some("c0ffee"), Err("of commit beef, and this is c0ffee"));
    check(IfExists::Skip, &[theirs()], None, Err("not known"));
    check(IfExists::Skip, &[tag("1.0.0", None, true)], Some("c0ffee"), Err("has no label"));
    check(IfExists::Skip, &[tag("1.0.0", Some("c0ffee"), false)], Some("c0ffee"), Err("not an image for each"));
    check(
        IfExists::Skip,
        &[tag("1.0.0", Some("c0ffee"), true), tag("1.0", Some("beef"), true)],
        Some("c0ffee"),
        Err("beef"),
    );
}

#[test]
fn tags_that_may_move_are_not_looked_at() {
    let destination = destination(IfExists::Skip);
    assert!(
        !destination.is_fixed("1.1.0-SNAPSHOT") && !destination.is_fixed("latest") && destination.is_fixed("1.0.0")
    );
}

#[test]
fn what_the_repository_holds_is_judged_like_what_never_moves() {
    let destination = destination(IfExists::Skip);
    let filters = |text| vec![Wildcard::parse(text).unwrap()];
    let all = [
        (None, [true, false, false]),
        (Some(Mutability::Mutable), [true, false, false]),
        (Some(Mutability::Immutable), [true, true, true]),
        (Some(Mutability::ImmutableExcept(filters("*-SNAPSHOT"))), [true, false, true]),
        (Some(Mutability::MutableExcept(filters("lat*"))), [true, false, true]),
    ];
    for (mutability, expect) in all {
        let stays = ["1.0.0", "1.1.0-SNAPSHOT", "latest"].map(|tag| destination.stays(tag, mutability.as_ref()));
        assert_eq!(stays, expect, "{mutability:?}");
    }
    let tags = ["1.1.0-SNAPSHOT", "latest"].map(str::to_owned);
    let look = |tags: Vec<PublishedTag>| Published { mutability: Some(Mutability::Immutable), tags };
    let error = |published| existing(&destination, &published, &tags, Some("c0ffee")).unwrap_err();
    let held = error(look(vec![tag("latest", Some("beef"), true)]));
    assert_eq!(miette::Diagnostic::code(&held).unwrap().to_string(), "build-and-tag/repository-immutable");
    assert!(actions_core::ActionError::why(&held).unwrap().contains("of commit beef"));
    let taken = error(look(vec![tag("1.0.0", Some("beef"), true)]));
    assert_eq!(miette::Diagnostic::code(&taken).unwrap().to_string(), "build-and-tag/tag-taken");
    let own = look(vec![tag("1.1.0-SNAPSHOT", Some("c0ffee"), true), tag("latest", Some("c0ffee"), true)]);
    assert!(existing(&destination, &own, &tags, Some("c0ffee")).unwrap().is_some(), "nothing can be pushed again");
}
