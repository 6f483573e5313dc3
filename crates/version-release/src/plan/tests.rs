use super::*;
use crate::notes::{Config, History};

const HERE: &str = "1111111111111111111111111111111111111111";
const THERE: &str = "2222222222222222222222222222222222222222";

fn inputs(version: &str) -> Inputs {
    Inputs {
        version: version.into(),
        tag: format!("v{version}"),
        commit: HERE.into(),
        is_of_run: true,
        tag_message: None,
        tag_prefix: "v".into(),
        component: String::new(),
        paths: Vec::new(),
        previous_tag: None,
        title: format!("v{version}"),
        draft: false,
        publish_draft: false,
        prerelease: Choice::Auto,
        make_latest: Choice::Auto,
        dispatch: vec![Target::parse("deploy.yml").unwrap(), Target::parse("acme/x:released").unwrap()],
        dispatch_when: When::New,
        page: "https://github.com/acme/shop".into(),
    }
}

fn nothing() -> Snapshot {
    let history = History { tag: "v1.0.0".into(), ..History::default() };
    Snapshot {
        tagged: None,
        release: None,
        draft: None,
        highest: Order::of("1.0.0"),
        endings: Vec::new(),
        previous: Some("v1.0.0".into()),
        history: Some((history, Config::default())),
    }
}

fn release(draft: bool, target: &str, body: &str) -> Release {
    Release {
        id: 7,
        tag: "v1.1.0".into(),
        draft,
        prerelease: false,
        target: target.into(),
        url: "https://github.com/acme/shop/releases/7".into(),
        body: body.into(),
    }
}

#[test]
fn a_new_version_gets_its_tag_its_release_and_what_follows() {
    let plan = plan(&inputs("1.1.0"), &nothing()).unwrap();
    assert_eq!((plan.step, plan.start.len()), (Step::Create { with_tag: true }, 2));
    assert!(plan.release.latest && !plan.release.prerelease && plan.release.body.contains("Full changelog"));
    assert_eq!(Value::Object(plan.payload), serde_json::json!({"version": "1.1.0", "tag": "v1.1.0", "sha": HERE}));
    let tagged = Snapshot { tagged: Some(HERE.into()), ..nothing() };
    assert_eq!(super::plan(&inputs("1.1.0"), &tagged).unwrap().step, Step::Create { with_tag: false });
}

#[test]
fn only_the_highest_stable_version_is_the_latest() {
    let latest = |version: &str| plan(&inputs(version), &nothing()).unwrap().release.latest;
    assert_eq!([latest("1.0.0"), latest("0.9.9"), latest("2.0.0-rc.1"), latest("2.0.0")], [true, false, false, true]);
    let prerelease = |version: &str| plan(&inputs(version), &nothing()).unwrap().release.prerelease;
    assert_eq!(
        [prerelease("2.0.0-rc.1"), prerelease("2.0rc1"), prerelease("2.0"), prerelease("2.0.0+x")],
        [true, true, false, false]
    );
    let asked = Inputs { make_latest: Choice::True, ..inputs("0.9.9") };
    assert!(plan(&asked, &nothing()).unwrap().release.latest);
    let draft = Inputs { draft: true, make_latest: Choice::True, ..inputs("2.0.0") };
    let draft = plan(&draft, &nothing()).unwrap();
    assert_eq!((draft.release.latest, draft.start.len(), draft.step), (false, 0, Step::Create { with_tag: false }));
}

#[test]
fn a_release_that_is_there_starts_what_an_earlier_run_did_not_come_to() {
    let there = |body: &str| Snapshot {
        tagged: Some(HERE.into()),
        release: Some(release(false, "main", body)),
        history: None,
        ..nothing()
    };
    let starts = |inputs: &Inputs, body: &str| plan(inputs, &there(body)).unwrap().start.len();
    let wanted = inputs("1.1.0");
    assert_eq!(starts(&wanted, "notes"), 0);
    assert_eq!(starts(&wanted, &pending::with("notes", &wanted.dispatch[1..])), 1);
    assert_eq!(starts(&Inputs { dispatch_when: When::Always, ..wanted }, "notes"), 2);
}

#[test]
fn a_draft_is_published_on_request_only() {
    let with = |target: &str| Snapshot { draft: Some(release(true, target, "mine")), history: None, ..nothing() };
    let left = plan(&inputs("1.1.0"), &with(HERE)).unwrap();
    assert!(matches!(left.step, Step::AlreadyDone { .. }) && left.start.is_empty());
    let asked = Inputs { publish_draft: true, ..inputs("1.1.0") };
    assert!(matches!(plan(&asked, &with("main")).unwrap().step, Step::Publish { with_tag: true, .. }));
    let error = plan(&asked, &with(THERE)).unwrap_err();
    assert_eq!(error.to_string(), format!("the draft of `v1.1.0` is for commit {THERE}, not for {HERE}"));
}

#[test]
fn what_cannot_be_released_is_refused() {
    for version in ["1.1.0-SNAPSHOT", "1.1.0.dev0", "1.1.0-SNAPSHOT+x"] {
        assert!(matches!(plan(&inputs(version), &nothing()), Err(Error::Snapshot { .. })), "{version}");
    }
    let own = Snapshot { endings: vec!["-dev".into()], ..nothing() };
    for version in ["1.1.0-dev", "1.1.0-SNAPSHOT", "1.1.0.dev0"] {
        assert!(matches!(plan(&inputs(version), &own), Err(Error::Snapshot { .. })), "{version}");
    }
    assert!(plan(&inputs("1.1.0-dev"), &nothing()).is_ok() && plan(&inputs("1.1.0-rc.1"), &own).is_ok());
    let elsewhere = Snapshot { tagged: Some(THERE.into()), ..nothing() };
    let error = plan(&inputs("1.1.0"), &elsewhere).unwrap_err();
    assert_eq!(error.to_string(), format!("the tag `v1.1.0` is at commit {THERE}, not at {HERE}"));
}
