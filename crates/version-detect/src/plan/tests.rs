use actions_core::ActionError as _;
use image_ref::LatestPolicy;

use super::*;
use crate::comparison::Release;
use crate::inputs::{BaseInput, CreateTag};
use crate::manifest::{Found, Origin, Place, SnapshotUse, UseKind};
use crate::observe::{Before, Overtaken};
use crate::pattern::Pattern;
use crate::rules::{Rule, Rules};
use git_repository::released;
use project_version::ProjectVersion;

const HERE: &str = "1111111111111111111111111111111111111111";
const THERE: &str = "2222222222222222222222222222222222222222";

/// A situation, on `main` without tags to begin with.
pub(crate) struct Case {
    pub(crate) inputs: Inputs,
    pub(crate) snapshot: Snapshot,
}

pub(crate) fn case(version: &str, subject: Subject) -> Case {
    Case {
        inputs: Inputs {
            folder: ".".into(),
            manifest: None,
            config: None,
            component: None,
            version_command: None,
            branch: None,
            stable_branch: None,
            snapshot_branch: None,
            maintenance_branch: None,
            base: BaseInput::Event,
            latest: LatestPolicy::Develop,
            tag_prefix: None,
            create_tag: CreateTag::No,
            tag_message: None,
        },
        snapshot: Snapshot {
            found: Found {
                version: version.into(),
                manifest: "app/package.json".into(),
                file: "app/package.json".into(),
                place: Place { line: 3, column: 14 },
                ecosystem: Ecosystem::Npm,
                origin: Origin::Written,
                snapshots: Vec::new(),
                loose: Vec::new(),
                unseen: Vec::new(),
                beside: Vec::new(),
                without: Vec::new(),
                remarks: Vec::new(),
                read: vec!["app/package.json".into()],
            },
            version: ProjectVersion::parse(version).unwrap(),
            tag_prefix: "v".into(),
            rules: Rules::convention("main", "develop"),
            before: None,
            overtaken: Overtaken::No,
            subject,
            commit: Some(HERE.into()),
            run_commit: None,
            tags: Tags::Known { source: Source::GitHub, released: Vec::new(), own: None },
        },
    }
}

pub(crate) fn branch(name: &str) -> Subject {
    Subject::Branch { name: name.into() }
}

pub(crate) fn pull(head: &str, base: &str) -> Subject {
    Subject::Pull { number: Some(7), head: head.into(), base: base.into(), held_to: None }
}

impl Case {
    pub(crate) fn tags(mut self, names: &[&str], own: Option<&str>) -> Self {
        let released = released(names, &self.snapshot.tag_prefix);
        self.snapshot.tags = Tags::Known { source: Source::GitHub, released, own: own.map(str::to_owned) };
        self
    }

    pub(crate) fn unknown_tags(mut self) -> Self {
        self.snapshot.tags = Tags::Unknown { reason: "nobody can be asked".into() };
        self
    }

    pub(crate) fn creating(mut self) -> Self {
        self.inputs.create_tag = CreateTag::Yes;
        self
    }

    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        super::plan(&self.inputs, &self.snapshot).unwrap()
    }

    #[track_caller]
    fn error(&self) -> Error {
        super::plan(&self.inputs, &self.snapshot).unwrap_err()
    }
}

#[track_caller]
fn help(error: &Error) -> String {
    miette::Diagnostic::help(error).unwrap().to_string()
}

#[test]
fn a_new_version_on_main_is_published() {
    let plan = case("1.1.0", branch("main")).tags(&["v1.0.0", "v0.9.0", "v2.0.0-rc.1"], None).plan();
    assert_eq!((plan.changed, plan.publish, plan.tag.as_str()), (Some(true), Some(true), "v1.1.0"));
    assert_eq!(plan.previous_version.as_deref(), Some("1.0.0"));
    assert_eq!(plan.image_tags, ["1.1.0"]);
    assert_eq!(plan.tagging, Tagging::NotAsked);
}

#[test]
fn a_rerun_of_the_tagged_commit_is_published_again_and_nothing_is_new() {
    let plan = case("1.0.0", branch("main")).tags(&["v1.0.0"], Some(HERE)).creating().plan();
    assert_eq!((plan.changed, plan.publish), (Some(false), Some(true)));
    assert_eq!(plan.tagging, Tagging::AlreadyDone);
    assert_eq!(plan.previous_version, None);
}

#[test]
fn a_commit_without_a_version_bump_is_not_published() {
    let plan = case("1.0.0", branch("main")).tags(&["v1.0.0"], Some(THERE)).plan();
    assert_eq!((plan.changed, plan.publish), (Some(false), Some(false)));
}

#[test]
fn a_snapshot_on_develop_has_no_tag_and_is_always_published() {
    let plan = case("1.1.0-SNAPSHOT", branch("develop")).tags(&["v1.0.0"], None).plan();
    assert_eq!((plan.changed, plan.publish, plan.is_snapshot), (Some(true), Some(true), true));
    assert_eq!((plan.tag.as_str(), &plan.tag_state), ("", &TagState::NotTagged));
    assert_eq!(plan.image_tags, ["1.1.0-SNAPSHOT", "develop", "latest"]);
    assert_eq!(plan.previous_version.as_deref(), Some("1.0.0"));
}

#[test]
fn main_refuses_a_snapshot_and_says_what_to_write() {
    let error = case("1.1.0-SNAPSHOT", branch("main")).error();
    assert_eq!(error.to_string(), "branch `main` needs a stable version, and `app/package.json` says `1.1.0-SNAPSHOT`");
    assert_eq!(help(&error), "write `1.1.0` in app/package.json, line 3");
    assert_eq!(error.exit_code(), actions_core::ExitCode::BadInput);
    assert_eq!(error.location().unwrap().line, Some(3));
}

#[test]
fn develop_refuses_a_release_and_says_what_to_write() {
    let error = case("1.0.0", branch("develop")).tags(&["v1.0.0", "v1.1.0"], Some(THERE)).error();
    assert_eq!(help(&error), "write `1.2.0-SNAPSHOT` in app/package.json, line 3");
}

#[test]
fn other_branches_and_odd_versions_are_reported() {
    let plan = case("7.5-SNAPSHOT", branch("feature/x")).plan();
    assert_eq!((plan.publish, plan.image_tags.len(), plan.is_snapshot), (Some(false), 0, true));
    assert!(plan.warnings[0].contains("not a semantic version"));
    let plan = case("1.1.0-SNAPSHOT", branch("feature/x")).plan();
    assert!(plan.image_tags[0].starts_with("1.1.0-feature-x-"), "{:?}", plan.image_tags);
}

#[test]
fn a_pull_request_into_main_warns_and_goes_on() {
    let plan = case("1.1.0-SNAPSHOT", pull("feature/x", "main")).plan();
    assert_eq!(plan.warnings.len(), 1);
    assert!(plan.warnings[0].contains("branch main will refuse version 1.1.0-SNAPSHOT"));
    assert!(plan.warnings[0].contains("write 1.1.0 before merging"));
    assert_eq!(plan.publish, Some(false));
    assert!(case("1.1.0", pull("feature/x", "main")).plan().warnings.is_empty());
    assert!(case("1.1.0-SNAPSHOT", pull("feature/x", "develop")).plan().warnings.is_empty());
}

#[test]
fn the_main_of_a_fork_gets_no_image_tag_of_a_release() {
    let plan = case("1.0.0", pull("main", "main")).plan();
    assert!(plan.image_tags[0].starts_with("1.0.0-pr-7") && plan.image_tags[0].ends_with("-SNAPSHOT"));
    assert_eq!(case("1.1.0-SNAPSHOT", pull("develop", "main")).plan().image_tags.len(), 1);
}

#[test]
fn a_pushed_tag_must_stand_for_the_version() {
    let tag = |name: &str| Subject::Tag { name: name.into() };
    let plan = case("1.0.0", tag("v1.0.0")).tags(&["v1.0.0"], Some(HERE)).plan();
    assert_eq!((plan.publish, plan.image_tags), (Some(true), vec!["1.0.0".to_owned()]));
    let error = case("1.0.1", tag("v1.0.0")).error();
    assert_eq!(error.to_string(), "the tag `v1.0.0` stands for `1.0.0`, and `app/package.json` says `1.0.1`");
    assert_eq!(case("1.0.1", tag("nightly")).plan().publish, Some(false));
    assert_eq!(case("1.0.0-rc.1", tag("v1.0.0-rc.1")).plan().image_tags, ["1.0.0-rc.1"]);
}

#[test]
fn a_tag_is_created_for_a_new_stable_version_on_main_only() {
    let create = case("1.0.0", branch("main")).creating().plan().tagging;
    let (name, commit, suggestion) = ("v1.0.0".into(), HERE.into(), "1.0.1".into());
    assert_eq!(create, Tagging::Create { name, commit, message: None, suggestion });
    for (version, subject) in
        [("1.1.0-SNAPSHOT", branch("develop")), ("1.0.0", branch("x")), ("1.0.0", Subject::Detached)]
    {
        assert!(matches!(case(version, subject).creating().plan().tagging, Tagging::Skip { .. }));
    }
    assert!(matches!(case("1.0.0", pull("x", "main")).creating().error(), Error::CreateTagOnPull));
    assert!(matches!(case("1.0.0", branch("main")).unknown_tags().creating().error(), Error::CreateTagNeedsToken));
}

#[test]
fn the_message_of_a_tag_names_the_version_and_the_tag() {
    let mut case = case("1.0.0", branch("main")).creating();
    case.inputs.tag_message = Some("Release {version} as {tag}\n\n{}{other}".into());
    let Tagging::Create { message, .. } = case.plan().tagging else { panic!("no tag") };
    assert_eq!(message.as_deref(), Some("Release 1.0.0 as v1.0.0\n\n{}{other}"));
}

#[test]
fn a_tag_at_another_commit_is_an_error_that_names_both() {
    let error = case("1.0.0", branch("main")).tags(&["v1.0.0"], Some(THERE)).creating().error();
    assert_eq!(error.to_string(), format!("the tag `v1.0.0` is at commit {THERE}, not at {HERE}"));
    assert!(help(&error).starts_with("write `1.0.1` in app/package.json, line 3, or run"));
    assert_eq!(error.exit_code(), actions_core::ExitCode::Failed);
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let plan = case("1.0.0", branch("main")).unknown_tags().plan();
    assert_eq!((plan.changed, plan.publish, plan.previous_version), (None, None, None));
    let plan = case("1.1.0-SNAPSHOT", branch("develop")).unknown_tags().plan();
    assert_eq!((plan.changed, plan.publish), (Some(true), Some(true)));
}

#[test]
fn a_snapshot_of_a_release_is_warned_about() {
    let behind = case("1.0.0-SNAPSHOT", branch("develop")).tags(&["v1.0.0"], None).plan();
    assert_eq!(behind.warnings, ["1.0.0 is released already, so 1.0.0-SNAPSHOT is behind it; write 1.1.0-SNAPSHOT"]);
}

#[test]
fn a_downgrade_is_refused_and_announced_before_a_merge() {
    let lower = |subject| case("1.0.1", subject).tags(&["v1.0.0", "v2.0.0"], None);
    let refused = lower(branch("main"));
    let error = plan(&refused.inputs, &refused.snapshot).unwrap_err();
    assert_eq!(error.to_string(), "`1.0.1` is lower than `2.0.0`, which is released");
    assert_eq!(error.location().and_then(|location| location.line), Some(3));
    assert!(lower(branch("release/1.x")).plan().warnings.is_empty());
    let announced = lower(pull("feature/a", "main")).plan().warnings;
    assert_eq!(
        announced,
        [
            "after the merge, branch main will refuse version 1.0.1: 2.0.0 is released already; write 2.0.1 before merging"
        ]
    );
    let stays = case("1.0.0", branch("main")).tags(&["v1.0.0", "v2.0.0"], Some(THERE)).plan();
    let told =
        "1.0.0 was released before, and 2.0.0 is higher, so this commit is not published; write 2.0.1 to release it";
    assert_eq!((stays.publish, stays.warnings), (Some(false), vec![told.to_owned()]));
    assert!(case("1.0.0", branch("main")).tags(&["v1.0.0", "v2.0.0"], Some(HERE)).plan().warnings.is_empty());
}

#[test]
fn latest_moves_to_the_highest_stable_version_only() {
    let mut highest = case("2.0.0", branch("main")).tags(&["v1.0.0"], None);
    highest.inputs.latest = LatestPolicy::Stable;
    assert_eq!(highest.plan().image_tags, ["2.0.0", "latest"]);
    let mut backport = case("1.0.1", branch("main")).tags(&["v1.0.1", "v2.0.0"], Some(HERE));
    backport.inputs.latest = LatestPolicy::Stable;
    assert_eq!(backport.plan().image_tags, ["1.0.1"]);
    let mut unknown = case("1.0.1", branch("main")).unknown_tags();
    unknown.inputs.latest = LatestPolicy::Stable;
    assert_eq!(unknown.plan().image_tags, ["1.0.1"]);
}

#[test]
fn a_plan_is_the_same_when_made_again() {
    let case = case("1.0.0", branch("main")).creating();
    assert_eq!(case.plan(), case.plan());
    assert_eq!(case.snapshot.found.place.line, 3);
}

#[test]
fn a_version_that_nobody_wrote_is_reported_and_not_released() {
    let on = |name: &str| {
        let mut case = case("0.0.0", branch(name));
        case.snapshot.found.origin = Origin::Default;
        plan(&case.inputs, &case.snapshot)
    };
    for ruled in ["main", "develop"] {
        assert_eq!(on(ruled).unwrap_err().to_string(), "`app/package.json` has no version");
    }
    let warnings = on("feature/a").unwrap().warnings;
    assert_eq!(
        warnings,
        ["no version is written in app/package.json, so npm takes 0.0.0; a branch with rules will refuse it"]
    );
}

#[test]
fn a_release_is_not_built_with_snapshots() {
    let with = |kind, version: &str, subject| {
        let mut case = case(version, subject);
        let location = Location { file: "app/pom.xml".into(), line: Some(7), column: Some(9) };
        case.snapshot.found.snapshots =
            vec![SnapshotUse { kind, name: "g:a".into(), version: "2-SNAPSHOT".into(), location }];
        case
    };
    let refused = |kind| {
        let case = with(kind, "1.0.0", branch("main"));
        let error = plan(&case.inputs, &case.snapshot).unwrap_err();
        assert_eq!(error.location().and_then(|location| location.line), Some(7));
        error.to_string()
    };
    assert_eq!(refused(UseKind::Parent), "the release `1.0.0` has the parent `g:a` `2-SNAPSHOT`");
    assert_eq!(refused(UseKind::Dependency), "the release `1.0.0` has the dependency `g:a` `2-SNAPSHOT`");
    assert_eq!(refused(UseKind::Plugin), "the release `1.0.0` has the plugin `g:a` `2-SNAPSHOT`");
    assert!(with(UseKind::Parent, "1.0.0-SNAPSHOT", branch("develop")).plan().warnings.is_empty());
    assert!(with(UseKind::Parent, "1.0.0", branch("feature/a")).plan().warnings.is_empty());
    let announced = with(UseKind::Parent, "1.0.0", pull("feature/a", "main")).plan().warnings;
    let told =
        "after the merge, branch main will refuse version 1.0.0: its parent g:a is 2-SNAPSHOT, at app/pom.xml, line 7";
    assert_eq!(announced, [told]);
}

impl Case {
    /// The same, with these rules.
    fn ruled(mut self, rules: &[(&str, Takes, bool)]) -> Self {
        let rule = |(pattern, takes, line): &(&str, Takes, bool)| Rule {
            line: *line,
            ..Rule::new(Pattern::parse(pattern).unwrap(), *takes)
        };
        self.snapshot.rules = Rules::new(rules.iter().map(rule).collect());
        self
    }

    /// The same, where the version was another one before.
    fn after(mut self, version: &str) -> Self {
        self.snapshot.before = Some(Before { version: version.into(), release: Release::Before });
        self
    }
}

#[test]
fn every_rule_has_its_versions_and_what_becomes_of_them() {
    let rules = [
        ("main", Takes::Stable, false),
        ("develop", Takes::Snapshot, false),
        ("trunk", Takes::StableOrSnapshot, false),
        ("next/*", Takes::Prerelease, false),
        ("release/*", Takes::Stable, true),
        ("feature/**", Takes::Any, false),
    ];
    for (name, version, expect) in [
        ("main", "1.0.0", "publish 1.0.0 tag"),
        ("main", "1.0.0-rc.1", "refused"),
        ("develop", "1.0.0-SNAPSHOT", "publish 1.0.0-SNAPSHOT,develop,latest"),
        ("develop", "1.0.0", "refused"),
        ("trunk", "1.0.0", "publish 1.0.0 tag"),
        ("trunk", "1.0.0-SNAPSHOT", "publish 1.0.0-SNAPSHOT,trunk,latest"),
        ("trunk", "1.0.0-rc.1", "refused"),
        ("next/a", "1.0.0-rc.1", "publish 1.0.0-rc.1 tag"),
        ("next/a", "1.0.0", "refused"),
        ("release/1.x", "0.0.1", "publish 0.0.1 tag"),
        ("feature/a/b", "1.0.0", "1 of its own"),
        ("hotfix/a", "1.0.0-rc.1", "1 of its own"),
    ] {
        let case = case(version, branch(name)).ruled(&rules).tags(&["v0.9.0"], None).creating();
        let shown = match plan(&case.inputs, &case.snapshot) {
            Err(Error::WrongVersion { .. }) => "refused".to_owned(),
            Err(error) => error.to_string(),
            Ok(plan) if plan.publish == Some(true) => {
                let tag = if matches!(plan.tagging, Tagging::Create { .. }) { " tag" } else { "" };
                format!("publish {}{tag}", plan.image_tags.join(","))
            }
            Ok(plan) => format!("{} of its own", plan.image_tags.len()),
        };
        assert_eq!(shown, expect, "{name} {version}");
    }
}

#[test]
fn a_change_back_to_a_released_version_is_refused() {
    let back = |before: &str, subject| case("1.0.0", subject).tags(&["v1.0.0", "v1.1.0"], Some(THERE)).after(before);
    let error = back("1.1.0", branch("main")).error();
    assert_eq!(
        error.to_string(),
        "this push changes the version from `1.1.0` to `1.0.0`, which was released from another commit"
    );
    assert_eq!(help(&error), "write `1.1.1` in app/package.json, line 3: a version is released once");
    let announced = back("1.1.0", pull("feature/a", "main")).plan().warnings;
    assert_eq!(announced.len(), 1);
    assert!(announced[0].contains("brings back what commit 2222222 was released as"), "{announced:?}");
    // Nothing changed, or the branch has no rules, or it is this very commit.
    assert!(!back("1.0.0", branch("main")).plan().warnings[0].contains("brings back"));
    back("1.1.0", branch("feature/a")).plan();
    case("1.0.0", branch("main")).tags(&["v1.0.0"], Some(HERE)).after("0.9.0").plan();
}

#[test]
fn what_a_later_run_has_gone_beyond_is_not_published_and_no_mistake() {
    let late = |version: &str, name: &str| {
        let mut case = case(version, branch(name)).tags(&["v1.0.0", "v2.0.0"], None).creating();
        case.snapshot.overtaken = Overtaken::Yes;
        case.plan()
    };
    let plan = late("1.1.0", "main");
    assert_eq!((plan.changed, plan.publish), (Some(true), Some(false)));
    assert_eq!(plan.tagging, Tagging::Skip { reason: "a later run has released a higher version".into() });
    assert_eq!((late("1.1.0-SNAPSHOT", "develop").publish, plan.warnings.len()), (Some(false), 0));
    // A release that was made by a later run is none that comes back, nor is one of the change itself.
    for release in [Release::Behind, Release::Within] {
        let mut case = case("1.1.0", branch("main")).tags(&["v1.1.0"], Some(THERE));
        case.snapshot.before = Some(Before { version: "1.0.0".into(), release });
        let plan = case.plan();
        assert_eq!((plan.changed, plan.publish, plan.warnings.len()), (Some(false), Some(false), 0));
    }
}

#[test]
fn what_may_have_been_overtaken_is_neither_published_nor_a_mistake() {
    let mut case = case("1.1.0", branch("main")).tags(&["v1.0.0", "v2.0.0"], None).creating();
    case.snapshot.overtaken = Overtaken::Unknown;
    let plan = case.plan();
    assert_eq!((plan.changed, plan.publish, plan.overtaken), (Some(true), None, false));
    let reason = "whether a later run has released a higher version is not known".into();
    assert_eq!(plan.tagging, Tagging::Skip { reason });
}

#[test]
fn what_comes_in_below_a_release_lowers_the_version_unless_a_later_run_made_that() {
    let with = |highest: &str, overtaken: Overtaken, subject: Subject| {
        let mut case = case("1.1.0", subject).tags(&["v1.1.0", highest], Some(THERE));
        case.snapshot.before = Some(Before { version: "2.0.0".into(), release: Release::Within });
        case.snapshot.overtaken = overtaken;
        super::plan(&case.inputs, &case.snapshot).map_err(|error| miette::Diagnostic::code(&error).unwrap().to_string())
    };
    let refused = with("v2.0.0", Overtaken::No, branch("main")).unwrap_err();
    assert_eq!(refused, "version-detect/version-reused");
    assert_eq!(with("v2.0.0", Overtaken::No, pull("a", "main")).unwrap().warnings.len(), 1);
    for (highest, overtaken) in [("v2.0.0", Overtaken::Yes), ("v2.0.0", Overtaken::Unknown), ("v1.0.0", Overtaken::No)]
    {
        let plan = with(highest, overtaken, branch("main")).unwrap();
        assert_eq!((plan.publish, plan.warnings.len()), (Some(false), 0), "{highest} {overtaken:?}");
    }
}

#[test]
fn prereleases_and_snapshots_go_upwards_too() {
    let rules = [
        ("main", Takes::Stable, false),
        ("develop", Takes::Snapshot, false),
        ("next", Takes::Prerelease, false),
        ("next-1", Takes::Prerelease, true),
        ("develop-1", Takes::Snapshot, true),
    ];
    let on = |name: &str, version: &str, own: Option<&str>| {
        let case = case(version, branch(name)).ruled(&rules).tags(&["v1.0.0", "v2.0.0"], own);
        plan(&case.inputs, &case.snapshot)
    };
    for (name, version, advice) in [
        ("next", "1.0.0-rc.1", "2.1.0-rc.1"),
        ("next", "2.0.0-rc.2", "2.1.0-rc.1"),
        ("develop", "1.5.0-SNAPSHOT", "2.1.0-SNAPSHOT"),
    ] {
        let error = on(name, version, None).unwrap_err();
        assert_eq!(error.to_string(), format!("`{version}` is lower than `2.0.0`, which is released"));
        assert!(
            help(&error).starts_with(&format!("write `{advice}` in app/package.json, line 3, or ")),
            "{}",
            help(&error)
        );
        assert!(on(name, advice, None).unwrap().warnings.is_empty());
    }
    for (name, version) in [("next-1", "1.1.0-rc.1"), ("develop-1", "1.5.0-SNAPSHOT"), ("next", "2.1.0-rc.1")] {
        assert!(on(name, version, None).unwrap().warnings.is_empty(), "{name} {version}");
    }
    // What was released stays as it is, and the snapshot of the last release is left to whoever raises it.
    on("next", "2.0.0-rc.1", Some(HERE)).unwrap();
    on("next", "2.0.0-rc.1", Some(THERE)).unwrap();
    assert_eq!(on("develop", "2.0.0-SNAPSHOT", None).unwrap().warnings.len(), 1);
}

/// The same, built with a snapshot.
fn built_with_a_snapshot(mut case: Case) -> Case {
    let location = Location { file: "app/pom.xml".into(), line: Some(7), column: Some(9) };
    let (kind, name, version) = (UseKind::Dependency, "g:a".into(), "2-SNAPSHOT".into());
    case.snapshot.found.snapshots = vec![SnapshotUse { kind, name, version, location }];
    case
}

#[test]
fn a_pushed_tag_is_held_to_what_a_release_needs() {
    let tagged = |version: &str| {
        let tag = format!("v{version}");
        case(version, Subject::Tag { name: tag.clone() }).tags(&[&tag, "v2.0.0"], Some(HERE))
    };
    for version in ["1.0.0", "3.0.0", "1.0.0-rc.1"] {
        let with = built_with_a_snapshot(tagged(version)).error();
        assert!(matches!(with, Error::SnapshotDependency { .. }), "{with}");
    }
    let mut unwritten = tagged("1.0.0");
    unwritten.snapshot.found.origin = Origin::Default;
    assert!(matches!(unwritten.error(), Error::NoVersion { .. }));
    assert!(tagged("3.0.0").plan().warnings.is_empty());
    let lower = tagged("1.0.0");
    assert_eq!(lower.plan().publish, Some(true));
    let told = "2.0.0 is released already, so 1.0.0 corrects an older release; name the branch of such releases with maintenance-branch";
    assert_eq!(lower.plan().warnings, [told]);
    assert!(lower.ruled(&[("release/**", Takes::Stable, true)]).plan().warnings.is_empty());
    // A tag that is nearly a version's.
    let near = |tag: &str, version: &str| case(version, Subject::Tag { name: tag.into() }).plan();
    let plan = near("v1.2", "1.3");
    assert_eq!(plan.publish, Some(false));
    assert!(
        plan.warnings.iter().any(|told| told == "the tag v1.2 is not the one of version 1.3, so nothing is published")
    );
    assert!(near("v1", "1.3.0").warnings.is_empty() && near("nightly", "1.3.0").warnings.is_empty());
}

#[test]
fn a_pull_request_under_a_branch_is_held_to_its_rules_and_publishes_nothing() {
    let under = |version: &str, head: &str| {
        let mut case = case(version, pull(head, "main"));
        case.snapshot.subject = case.snapshot.subject.under("main");
        case
    };
    assert!(matches!(under("1.0.0-SNAPSHOT", "feature/x").error(), Error::WrongVersion { .. }));
    assert!(matches!(built_with_a_snapshot(under("1.0.0", "feature/x")).error(), Error::SnapshotDependency { .. }));
    let plan = under("1.0.0", "main").plan();
    assert_eq!((plan.publish, plan.needs), (Some(false), Some(Takes::Stable)));
    assert!(plan.image_tags[0].starts_with("1.0.0-pr-7") && plan.image_tags.len() == 1, "{:?}", plan.image_tags);
    assert!(matches!(under("1.0.0", "main").creating().error(), Error::CreateTagOnPull));
    let branch = Subject::Tag { name: "v1".into() }.under("release");
    assert_eq!(branch, Subject::Branch { name: "release".into() });
}

#[test]
fn another_commit_than_the_run_s_is_not_tagged() {
    let mut other = case("1.0.0", Subject::Detached).creating();
    other.snapshot.run_commit = Some(THERE.into());
    let error = other.error();
    assert_eq!(error.to_string(), format!("commit {HERE} is checked out, and the run is about {THERE}"));
    assert_eq!(error.exit_code(), actions_core::ExitCode::BadInput);
    other.inputs.create_tag = CreateTag::No;
    assert_eq!(other.plan().publish, Some(false));
}

#[test]
fn the_names_that_peers_give_their_outputs_are_there() {
    let plan = case("1.1.0", branch("main")).tags(&["v1.0.0"], None).plan();
    assert_eq!((plan.is_release, plan.previous_tag.as_deref()), (true, Some("v1.0.0")));
    assert_eq!((plan.commit.as_deref(), plan.version_normalized.as_deref()), (Some(HERE), Some("1.1.0")));
    let plan = case("1.1", branch("feature/x")).tags(&["v1.0.0"], None).plan();
    assert_eq!((plan.is_release, plan.previous_tag, plan.version_normalized), (false, None, None));
}
