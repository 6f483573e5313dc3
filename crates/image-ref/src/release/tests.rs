use proptest::prelude::*;

use super::*;

/// The code of an error.
fn code(error: &ReleaseTagsError) -> String {
    miette::Diagnostic::code(error).unwrap().to_string()
}

fn tags_of(
    version: &str,
    branch: Option<&str>,
    latest: LatestPolicy,
    highest: HighestStable<'_>,
) -> Result<Vec<String>, ReleaseTagsError> {
    let version = Version::parse(version).unwrap();
    let release = Release {
        version: &version,
        branch,
        stable_branch: "main",
        snapshot_branch: "develop",
        latest,
        highest_stable: highest,
    };
    release_tags(&release).map(|tags| tags.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn check(version: &str, branch: &str, latest: LatestPolicy, expected: &[&str]) {
    assert_eq!(tags_of(version, Some(branch), latest, HighestStable::None).unwrap(), expected);
}

#[test]
fn a_stable_version_has_one_tag() {
    check("1.0.0", "main", LatestPolicy::Develop, &["1.0.0"]);
    check("1.0.0", "main", LatestPolicy::None, &["1.0.0"]);
}

#[test]
fn a_snapshot_has_its_version_its_branch_and_latest() {
    check("1.1.0-SNAPSHOT", "develop", LatestPolicy::Develop, &["1.1.0-SNAPSHOT", "develop", "latest"]);
    check("1.1.0-SNAPSHOT", "develop", LatestPolicy::Stable, &["1.1.0-SNAPSHOT", "develop"]);
    check("1.1.0-SNAPSHOT", "develop", LatestPolicy::None, &["1.1.0-SNAPSHOT", "develop"]);
}

#[test]
fn latest_never_moves_back_to_a_lower_version() {
    let first = tags_of("1.0.5", Some("main"), LatestPolicy::Stable, HighestStable::None).unwrap();
    assert_eq!(first, ["1.0.5", "latest"]);
    for (highest, expected) in
        [("1.0.5", &["1.0.5", "latest"][..]), ("1.0.4", &["1.0.5", "latest"]), ("2.0.0", &["1.0.5"])]
    {
        let highest = Version::parse(highest).unwrap();
        let tags = tags_of("1.0.5", Some("main"), LatestPolicy::Stable, HighestStable::Version(&highest)).unwrap();
        assert_eq!(tags, expected, "{highest}");
    }
}

#[test]
fn latest_stays_where_the_releases_are_not_known() {
    let tags = tags_of("1.0.5", Some("main"), LatestPolicy::Stable, HighestStable::Unknown).unwrap();
    assert_eq!(tags, ["1.0.5"]);
}

#[test]
fn a_pull_request_never_has_the_rules_of_our_own_branches() {
    let of = |number, head| pull_branch(number, head, "main", "develop");
    assert_eq!(of(Some(7), "feature/x"), "feature/x");
    assert_eq!(of(Some(7), "main"), "pr-7");
    assert_eq!(of(Some(7), "develop"), "pr-7");
    assert_eq!(of(None, "main"), "pr-main");
}

#[test]
fn other_branches_get_a_tag_that_may_move() {
    check("1.1.0-SNAPSHOT", "fix-it", LatestPolicy::Develop, &["1.1.0-fix-it-SNAPSHOT"]);
    check("1.1.0", "fix-it", LatestPolicy::Develop, &["1.1.0-fix-it-SNAPSHOT"]);
    let tags = tags_of("1.1.0-SNAPSHOT", Some("feature/login"), LatestPolicy::Develop, HighestStable::None).unwrap();
    assert!(tags[0].starts_with("1.1.0-feature-login-") && tags[0].ends_with("-SNAPSHOT"), "{tags:?}");
}

#[test]
fn build_metadata_is_written_with_an_underscore() {
    check("1.0.0+build.5", "main", LatestPolicy::None, &["1.0.0_build.5"]);
    check("1.1.0-SNAPSHOT+5", "x", LatestPolicy::None, &["1.1.0_5-x-SNAPSHOT"]);
}

#[test]
fn the_wrong_kind_of_version_is_refused() {
    let refused = |version: &str, branch: &str| {
        tags_of(version, Some(branch), LatestPolicy::Develop, HighestStable::None).unwrap_err()
    };
    assert_eq!(code(&refused("1.0.0-SNAPSHOT", "main")), "image-ref/stable-needs-release");
    assert_eq!(code(&refused("1.0.0-rc.1", "main")), "image-ref/stable-needs-release");
    assert_eq!(code(&refused("1.0.0", "develop")), "image-ref/snapshot-needs-snapshot");
    assert_eq!(code(&refused("1.0.0-SNAPSHOT.1", "develop")), "image-ref/snapshot-needs-snapshot");
    assert_eq!(
        code(&tags_of("1.0.0", None, LatestPolicy::Develop, HighestStable::None).unwrap_err()),
        "image-ref/no-branch"
    );
    assert_eq!(
        code(&tags_of("1.0.0", Some(""), LatestPolicy::Develop, HighestStable::None).unwrap_err()),
        "image-ref/no-branch"
    );
}

#[test]
fn a_snapshot_branch_cannot_take_a_releases_tag() {
    let version = Version::parse("1.1.0-SNAPSHOT").unwrap();
    for branch in ["1.0.0", "latest", "2.0.0_5"] {
        let release = Release {
            version: &version,
            branch: Some(branch),
            stable_branch: "main",
            snapshot_branch: branch,
            latest: LatestPolicy::None,
            highest_stable: HighestStable::None,
        };
        assert_eq!(code(&release_tags(&release).unwrap_err()), "image-ref/branch-is-version", "{branch}");
    }
}

#[test]
fn a_version_too_long_for_a_tag_is_refused() {
    let version = format!("1.0.0+{}", "a".repeat(123));
    let error = tags_of(&version, Some("main"), LatestPolicy::None, HighestStable::None).unwrap_err();
    assert_eq!(code(&error), "image-ref/version-too-long");
}

proptest! {
    #[test]
    fn no_other_branch_reaches_the_tag_of_a_release_or_of_a_snapshot(branch in "\\PC{1,60}|[0-9a-z./-]{1,140}", version in "[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}(-SNAPSHOT)?") {
        prop_assume!(branch != "main" && branch != "develop");
        // Leading zeros are no semantic version.
        prop_assume!(Version::parse(&version).is_ok());
        let tags = tags_of(&version, Some(&branch), LatestPolicy::Stable, HighestStable::None).unwrap();
        prop_assert_eq!(tags.len(), 1);
        let parsed = Version::parse(&tags[0]);
        prop_assert!(parsed.as_ref().map_or(true, |version| !is_stable(version) && !is_snapshot(version)), "{:?}", tags);
        prop_assert!(tags[0].ends_with("-SNAPSHOT"));
    }
}
