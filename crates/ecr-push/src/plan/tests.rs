use aws_client::AwsInputs;
use proptest::prelude::*;

use super::*;
use crate::RegistryType;
use crate::inputs::Checks;
use crate::origin::Origin;
use crate::source::Source;

pub(crate) fn tag(text: &str) -> ImageTag {
    ImageTag::parse(text).unwrap()
}

pub(crate) fn inputs(tags: &[&str]) -> Inputs {
    Inputs {
        images: vec![ImageInputs {
            source: Source::Layout("image".to_owned()),
            registry: RegistryType::Private,
            repository: RepositoryName::parse("shop").unwrap(),
            tags: tags.iter().map(|text| tag(text)).collect(),
        }],
        checks: Checks::default(),
        registry_id: None,
        new_repository: None,
        mutable_tags: ["*-SNAPSHOT", "develop", "latest"].map(|text| Wildcard::parse(text).unwrap()).to_vec(),
        moving_tags: MovingTags::Forward,
        mount_from: Vec::new(),
        gate: None,
        origin: Origin::default(),
        registry_override: None,
        aws: AwsInputs {
            region: None,
            role: None,
            audience: None,
            session_name: None,
            role_duration: std::time::Duration::from_hours(1),
            allowed_account_ids: Vec::new(),
        },
    }
}

fn new_repository() -> NewRepository {
    NewRepository { scan_on_push: true, kms_key: None, tags: BTreeMap::new(), lifecycle_policy: None }
}

fn ours() -> Digest {
    Digest::of(b"ours")
}

fn theirs() -> Digest {
    Digest::of(b"theirs")
}

pub(crate) fn snapshot(mutability: Mutability, tags: &[(&str, Digest)]) -> Snapshot {
    let uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop".parse().unwrap();
    let facts = ImageFacts {
        digest: ours(),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        images: 1,
        blobs: 2,
        bytes: 2048,
    };
    let image = ImageSnapshot {
        facts,
        labels: Vec::new(),
        origin: None,
        repository: Some(Repository { arn: "arn".to_owned(), uri, mutability }),
        near: Vec::new(),
        tags: tags.iter().map(|(name, digest)| (tag(name), digest.clone())).collect(),
        occupant: None,
        releases: Vec::new(),
        referrers: None,
        lacks_policy: false,
    };
    Snapshot { images: vec![image], place: "eu-west-1".to_owned() }
}

/// The planned tags as `tag action`.
fn planned(tags: &[&str], existing: &[(&str, Digest)]) -> Result<Vec<String>, Error> {
    let plan = plan(&inputs(tags), &snapshot(Mutability::Mutable, existing))?;
    let word = |action: &TagAction| match action {
        TagAction::Push => "push",
        TagAction::Move { .. } => "move",
        TagAction::AlreadyDone => "done",
        TagAction::Leave { .. } => "leave",
    };
    Ok(plan.images[0].tags.iter().map(|tag| format!("{} {}", tag.tag, word(&tag.action))).collect())
}

#[test]
fn new_tags_are_pushed_stable_ones_first() {
    let tags = planned(&["develop", "1.1.0-SNAPSHOT", "1.1.0", "latest"], &[]).unwrap();
    assert_eq!(tags, ["1.1.0 push", "develop push", "1.1.0-SNAPSHOT push", "latest push"]);
}

#[test]
fn the_same_image_is_already_done() {
    let tags = planned(&["1.0.0", "latest"], &[("1.0.0", ours()), ("latest", theirs())]).unwrap();
    assert_eq!(tags, ["1.0.0 done", "latest move"]);
    let snapshot = snapshot(Mutability::Immutable, &[("1.0.0", ours())]);
    assert!(plan(&inputs(&["1.0.0"]), &snapshot).unwrap().is_done());
}

#[test]
fn a_stable_tag_is_never_moved_even_where_the_repository_would_let_it() {
    let existing = [("1.0.0", theirs()), ("2.0.0", theirs()), ("latest", theirs())];
    let error = planned(&["1.0.0", "latest", "2.0.0"], &existing).unwrap_err();
    let text = format!("{error}");
    assert!(text.contains("`1.0.0`") && text.contains(ours().as_str()) && text.contains(theirs().as_str()), "{text}");
    let Error::TagConflict { others, .. } = error else { panic!("{error:?}") };
    assert_eq!(others.len(), 1);
}

#[test]
fn a_tag_that_moves_does_not_go_back_behind_a_higher_version() {
    let actions = |rule: MovingTags, tags: &[&str], existing: &[(&str, Digest)]| {
        let mut seen = snapshot(Mutability::Mutable, existing);
        seen.images[0].releases = ["1.0.0", "1.0.5", "2.0.0"].map(tag).to_vec();
        let mut wanted = inputs(tags);
        wanted.mutable_tags.push(Wildcard::parse("1*").unwrap());
        wanted.moving_tags = rule;
        let plan = plan(&wanted, &seen).unwrap();
        let is_left = |tag: &&PlannedTag| matches!(tag.action, TagAction::Leave { .. });
        plan.images[0].tags.iter().filter(is_left).map(|tag| tag.tag.to_string()).collect::<Vec<_>>()
    };
    let tags = ["1.0.5", "1", "1.0", "latest", "develop", "1.1.0-SNAPSHOT"];
    assert_eq!(actions(MovingTags::Forward, &tags, &[("latest", theirs())]), ["latest", "develop"]);
    assert_eq!(actions(MovingTags::Any, &tags, &[("latest", theirs())]), [""; 0]);
    // What points here already stays here, and what is no release has nothing to be behind of.
    assert_eq!(actions(MovingTags::Forward, &["1.0.5", "latest"], &[("latest", ours())]), [""; 0]);
    assert_eq!(actions(MovingTags::Forward, &["1.1.0-SNAPSHOT", "latest"], &[("latest", theirs())]), [""; 0]);
    assert_eq!(actions(MovingTags::Forward, &["2.0.1", "latest"], &[("latest", theirs())]), [""; 0]);
}

#[test]
fn a_repository_that_lets_no_tag_move_is_an_error_before_the_upload() {
    let with = |mutability| plan(&inputs(&["latest"]), &snapshot(mutability, &[("latest", theirs())]));
    assert!(matches!(with(Mutability::Immutable), Err(Error::RepositoryImmutable { .. })));
    let filters = |text: &str| vec![Wildcard::parse(text).unwrap()];
    assert!(matches!(with(Mutability::ImmutableExcept(filters("*-SNAPSHOT"))), Err(Error::RepositoryImmutable { .. })));
    assert!(with(Mutability::ImmutableExcept(filters("latest"))).is_ok());
    assert!(matches!(with(Mutability::MutableExcept(filters("lat*"))), Err(Error::RepositoryImmutable { .. })));
}

#[test]
fn a_missing_repository_is_an_error_unless_it_may_be_created() {
    let mut missing = snapshot(Mutability::Mutable, &[]);
    missing.images[0].repository = None;
    missing.images[0].near = vec!["shop2".to_owned()];
    let error = plan(&inputs(&["1.0.0"]), &missing).unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(help.contains("`shop2`") && help.contains("create-repository"), "{help}");
    let mut inputs = inputs(&["1.0.0"]);
    inputs.new_repository = Some(new_repository());
    assert_eq!(plan(&inputs, &missing).unwrap().images[0].existing, None);
}

#[test]
fn a_lifecycle_policy_is_written_where_a_run_stopped_before_it() {
    let policy = r#"{"rules":[{}]}"#;
    let mut wanted = inputs(&["1.0.0"]);
    wanted.new_repository = Some(NewRepository { lifecycle_policy: Some(policy.to_owned()), ..new_repository() });
    let mut seen = snapshot(Mutability::Mutable, &[("1.0.0", ours())]);
    assert!(plan(&wanted, &seen).unwrap().is_done());
    seen.images[0].lacks_policy = true;
    let plan = plan(&wanted, &seen).unwrap();
    assert!(!plan.is_done());
    assert_eq!(plan.images[0].lifecycle_policy.as_deref(), Some(policy));
}

/// A snapshot of an image that comes from `name`.
fn from_registry(name: &str) -> Snapshot {
    let mut snapshot = snapshot(Mutability::Mutable, &[]);
    snapshot.images[0].origin = Some(name.parse().unwrap());
    snapshot
}

#[test]
fn an_image_of_the_very_repository_gets_tags_only_by_whichever_name_of_the_host() {
    for (host, is_there, mounts) in [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop", true, None),
        ("123456789012.dkr-ecr.eu-west-1.on.aws/shop", true, None),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/develop/shop", false, Some("develop/shop")),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop", false, None),
        ("210987654321.dkr.ecr.eu-west-1.amazonaws.com/shop", false, None),
        ("ghcr.io/shop", false, None),
    ] {
        let plan = plan(&inputs(&["1.0.0"]), &from_registry(&format!("{host}:1.0.0-rc"))).unwrap();
        let image = &plan.images[0];
        assert_eq!(image.is_there, is_there, "{host}");
        assert_eq!(image.mount_from.as_ref().map(RepositoryName::as_str), mounts, "{host}");
        assert_eq!(image.origin.as_ref().unwrap().to_string(), format!("{host}@{}", ours()));
    }
}

#[test]
fn an_image_that_is_not_the_one_that_was_meant_is_refused() {
    let mut wanted = inputs(&["1.0.0"]);
    wanted.checks.digest = Some(theirs());
    let seen = from_registry("ghcr.io/shop:1.0.0");
    assert!(matches!(plan(&wanted, &seen), Err(Error::Source(SourceError::UnexpectedDigest { .. }))));
    wanted.checks.digest = Some(ours());
    assert!(plan(&wanted, &seen).is_ok());
}

#[test]
fn a_label_has_to_be_on_every_image_of_an_index() {
    let mut wanted = inputs(&["1.0.0"]);
    wanted.checks.labels.insert("revision".to_owned(), "abc".to_owned());
    let with = |values: &[Option<&str>]| {
        let mut seen = snapshot(Mutability::Mutable, &[]);
        let pair = |value: &str| ("revision".to_owned(), value.to_owned());
        seen.images[0].labels = values.iter().map(|value| value.map(pair).into_iter().collect()).collect();
        plan(&wanted, &seen).map_err(|error| error.to_string())
    };
    assert!(with(&[Some("abc"), Some("abc")]).is_ok());
    assert!(
        with(&[Some("abc"), Some("abd")]).unwrap_err().contains("has `abd` as its label `revision`, and not `abc`")
    );
    assert!(with(&[Some("abc"), None]).unwrap_err().contains("has nothing as its label"));
}

#[test]
fn what_refers_to_an_image_is_wanted_by_rule() {
    let mut wanted = inputs(&["1.0.0"]);
    let mut seen = snapshot(Mutability::Mutable, &[("1.0.0", ours())]);
    seen.images[0].referrers = Some(ReferrerFacts { count: 0, missing: Vec::new() });
    assert!(plan(&wanted, &seen).unwrap().is_done());
    wanted.origin.referrers = ReferrerRule::Require;
    assert!(matches!(plan(&wanted, &seen), Err(Error::Source(SourceError::ReferrersMissing { .. }))));
    seen.images[0].referrers = Some(ReferrerFacts { count: 1, missing: vec![theirs()] });
    assert!(!plan(&wanted, &seen).unwrap().is_done());
}

proptest! {
    #[test]
    fn planning_after_the_plan_was_carried_out_finds_nothing_to_do(
        names in prop::collection::btree_set("[0-9]\\.[0-9]\\.0(-SNAPSHOT)?|develop|latest", 1..6),
        moved in any::<bool>(),
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut before = snapshot(Mutability::Mutable, &[]);
        if moved {
            before.images[0].tags.insert(tag("latest"), theirs());
        }
        let first = plan(&inputs(&names), &before).unwrap();
        let mut after = before.clone();
        after.images[0].tags.extend(first.images[0].tags.iter().map(|planned| (planned.tag.clone(), ours())));
        prop_assert!(plan(&inputs(&names), &after).unwrap().is_done());
        prop_assert!(first.images[0].tags.is_sorted_by_key(|planned| planned.may_move));
    }

    #[test]
    fn no_plan_moves_a_tag_that_must_not_move(name in "[0-9]\\.[0-9]\\.[0-9]|[a-z]{1,8}|[0-9]\\.0\\.0-SNAPSHOT") {
        let snapshot = snapshot(Mutability::Mutable, &[(name.as_str(), theirs())]);
        if let Ok(plan) = plan(&inputs(&[&name]), &snapshot) {
            prop_assert!(plan.images[0].tags.iter().all(|planned| planned.may_move));
        }
    }
}
