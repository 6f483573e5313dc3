use super::*;

fn destination(if_exists: IfExists) -> Destination {
    let mutable = ["*-SNAPSHOT", "latest"].map(|text| Wildcard::parse(text).unwrap()).to_vec();
    Destination { repository: ImageReference::parse("localhost:5000/shop").unwrap(), if_exists, mutable }
}

fn tag(name: &str, revision: Option<&str>, fits: bool) -> PublishedTag {
    let digest = Digest::of(name.as_bytes());
    PublishedTag { tag: name.to_owned(), digest, revision: revision.map(str::to_owned), version: None, fits }
}

fn wanted<'a>(tags: &'a [String], revision: Option<&'a str>) -> Wanted<'a> {
    Wanted { tags, revision, version: Some("1.0.0") }
}

/// Whether the build is skipped, or what the error says.
#[track_caller]
fn check(if_exists: IfExists, published: &[PublishedTag], ours: Option<&str>, expect: Result<bool, &str>) {
    let tags = ["1.0.0", "1.0", "latest"].map(str::to_owned);
    let published = Published { mutability: None, tags: published.to_vec() };
    match (existing(&destination(if_exists), &published, wanted(&tags, ours)), expect) {
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
    check(IfExists::Fail, &[], Some("c0ffee"), Ok(false));
}

#[test]
fn a_fixed_tag_that_is_missing_goes_to_the_image_that_has_the_first_one() {
    let check = |tags: [&str; 3], theirs: Option<&str>, ours: Option<&str>| {
        let tags = tags.map(str::to_owned);
        let own = PublishedTag { version: theirs.map(str::to_owned), ..tag("sha-c0ffee", Some("c0ffee"), true) };
        let digest = own.digest.clone();
        let published = Published { mutability: None, tags: vec![own] };
        let wanted = Wanted { version: ours, ..wanted(&tags, Some("c0ffee")) };
        existing(&destination(IfExists::Skip), &published, wanted).map(|found| assert_eq!(found, Some(digest)))
    };
    let its_own = ["latest", "sha-c0ffee", "1.0.0"];
    check(its_own, Some("1.0.0"), Some("1.0.0")).unwrap();
    check(its_own, None, Some("1.0.0")).unwrap();
    check(its_own, Some("1.0.0-SNAPSHOT"), None).unwrap();
    let refused = |tags, theirs, ours| {
        let error = check(tags, theirs, ours).unwrap_err();
        assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "build-and-tag/other-image");
        let text = "`localhost:5000/shop:sha-c0ffee` is of this commit, and `1.0.0` may be another image of it";
        assert_eq!(error.to_string(), text);
        actions_core::ActionError::why(&error).unwrap()
    };
    let of = "it is of version `1.0.0-SNAPSHOT`, and `1.0.0` would be version `1.0.0`";
    assert_eq!(refused(its_own, Some("1.0.0-SNAPSHOT"), Some("1.0.0")), of);
    // Several images of one commit share a tag: `api-1.0.0` and `worker-1.0.0`.
    let shared = ["1.0.0", "sha-c0ffee", "latest"];
    for (theirs, ours) in [(Some("1.0.0"), Some("1.0.0")), (None, Some("1.0.0")), (Some("1.0.0"), None)] {
        let why = refused(shared, theirs, ours);
        assert!(why.starts_with("`1.0.0`, which is pushed first, is not there"), "{why}");
    }
}

#[test]
fn where_every_tag_may_move_the_first_that_the_repository_holds_is_the_first() {
    let check = |there: &str| {
        let tags = ["1.1.0-SNAPSHOT", "latest"].map(str::to_owned);
        let tags_there = vec![tag(there, Some("c0ffee"), true)];
        let published = Published { mutability: Some(Mutability::Immutable), tags: tags_there };
        existing(&destination(IfExists::Skip), &published, wanted(&tags, Some("c0ffee"))).is_ok()
    };
    assert!(check("1.1.0-SNAPSHOT") && !check("latest"));
}

#[test]
fn an_image_that_says_another_version_is_kept_where_no_tag_is_missing() {
    let tags = ["1.0.0", "latest"].map(str::to_owned);
    let own = PublishedTag { version: Some("promoted".to_owned()), ..tag("1.0.0", Some("c0ffee"), true) };
    let published = Published { mutability: None, tags: vec![own] };
    let found = existing(&destination(IfExists::Skip), &published, wanted(&tags, Some("c0ffee"))).unwrap();
    assert_eq!(found, Some(Digest::of(b"1.0.0")));
}

#[test]
fn fixed_tags_at_two_images_of_this_commit_can_never_be_pushed() {
    let both = [tag("1.0.0", Some("c0ffee"), true), tag("1.0", Some("c0ffee"), true)];
    check(IfExists::Skip, &both, Some("c0ffee"), Err("another image than `1.0.0`"));
    let same = both.map(|own| PublishedTag { digest: Digest::of(b"one"), ..own });
    check(IfExists::Skip, &same, Some("c0ffee"), Ok(true));
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
    let error = |published| existing(&destination, &published, wanted(&tags, Some("c0ffee"))).unwrap_err();
    let held = error(look(vec![tag("latest", Some("beef"), true)]));
    assert_eq!(miette::Diagnostic::code(&held).unwrap().to_string(), "build-and-tag/repository-immutable");
    assert!(actions_core::ActionError::why(&held).unwrap().contains("of commit beef"));
    let taken = error(look(vec![tag("1.0.0", Some("beef"), true)]));
    assert_eq!(miette::Diagnostic::code(&taken).unwrap().to_string(), "build-and-tag/tag-taken");
    let one = |name| PublishedTag { digest: Digest::of(b"one"), ..tag(name, Some("c0ffee"), true) };
    let own = look(vec![one("1.1.0-SNAPSHOT"), one("latest")]);
    assert!(
        existing(&destination, &own, wanted(&tags, Some("c0ffee"))).unwrap().is_some(),
        "nothing can be pushed again"
    );
}
