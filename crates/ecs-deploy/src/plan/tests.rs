use actions_core::ActionError as _;
use serde_json::json;

use super::*;
use crate::error::DefinitionError;
use crate::history::History;
use crate::image_assignment::ImageAssignment;
use crate::inputs::{DefinitionInputs, Propagation};
use crate::names::{ClusterName, ServiceName};
use crate::observe::SeenService;
use crate::rollout::{Refusal, WaitUntil};
use crate::service::{Deployment, RolloutState, Service};
use crate::task_definition::tests::{definition, described, sample};

const OLD: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:7";

fn inputs(images: &[&str]) -> Inputs {
    let mut bad = actions_core::InputErrors::new();
    Inputs {
        connection: crate::ecs::Connection::parse(&crate::args::ConnectionArgs::default(), &mut bad).unwrap(),
        cluster: ClusterName::parse("prod").unwrap(),
        services: vec![ServiceName::parse("web").unwrap()],
        definition: DefinitionInputs::default(),
        images: images.iter().map(|line| ImageAssignment::parse(line).unwrap()).collect(),
        desired_count: None,
        force_new_deployment: false,
        wait: None,
        wait_until: WaitUntil::Deployed,
        fail_fast_after: 3,
        preflight: Preflight::Fail,
        on_conflict: crate::inputs::OnConflict::Supersede,
        remedies: crate::inputs::Remedies::default(),
        propagate_tags: None,
        enable_ecs_managed_tags: None,
        volume: None,
        codedeploy: crate::codedeploy::CodeDeployInputs::default(),
        adds_waits: true,
        task: None,
        targets: crate::targets::TargetInputs::default(),
        keep_revisions: None,
    }
}

fn service() -> Service {
    Service {
        arn: "arn:aws:ecs:eu-west-1:1:service/prod/web".into(),
        status: "ACTIVE".into(),
        task_definition: OLD.into(),
        desired: 2,
        deployments: vec![Deployment {
            id: "ecs-svc/1".into(),
            status: "PRIMARY".into(),
            task_definition: OLD.into(),
            rollout: RolloutState::Completed,
            ..Deployment::default()
        }],
        ..Service::default()
    }
}

fn seen(service: Service) -> SeenService {
    SeenService { service, ..SeenService::default() }
}

/// The service runs the sample; there is no file.
fn snapshot() -> Snapshot {
    Snapshot {
        file: None,
        services: vec![seen(service())],
        host: None,
        named: None,
        current: Some(Registered {
            arn: OLD.into(),
            status: "ACTIVE".into(),
            definition: definition(described(&definition(sample()), OLD)),
        }),
        blind_spots: Vec::new(),
        preflight: Vec::new(),
        foreseen: Vec::new(),
        is_aws: true,
    }
}

fn file(document: &serde_json::Value) -> File {
    File::parse("td.json", std::path::Path::new("td.json"), &document.to_string(), &[]).unwrap()
}

fn made(inputs: &Inputs, snapshot: &Snapshot) -> Plan {
    plan(inputs, snapshot).unwrap()
}

fn only(plan: &Plan) -> serde_json::Value {
    serde_json::to_value(&plan.services[0].update).unwrap()
}

#[test]
fn a_new_image_is_registered_and_the_service_updated_with_nothing_else() {
    let plan = made(&inputs(&["app=shop:2"]), &snapshot());
    assert_eq!(plan.registration, Registration::New);
    assert_eq!(only(&plan), json!({"task_definition": true}));
    assert_eq!(plan.images[0].before.as_deref(), Some("shop:1"));
    assert_eq!(plan.images[0].after, "shop:2");
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.changes);
    assert!(plan.services[0].console.is_some() && plan.warnings.is_empty(), "{:?}", plan.warnings);
}

#[test]
fn the_same_image_changes_nothing() {
    let plan = made(&inputs(&["app=shop:1"]), &snapshot());
    assert_eq!(plan.registration, Registration::Reuse(OLD.into()));
    assert_eq!(plan.services[0].update, None);
    assert!(plan.changes.is_empty());
}

#[test]
fn a_retired_revision_is_left_where_it_runs_and_given_to_no_other_service() {
    let mut retired = snapshot();
    retired.current.as_mut().unwrap().status = "INACTIVE".into();
    assert_eq!(made(&inputs(&["app=shop:1"]), &retired).registration, Registration::Reuse(OLD.into()));
    let behind = Service { task_definition: "arn:aws:ecs:eu-west-1:1:task-definition/shop:6".into(), ..service() };
    retired.services.push(seen(behind));
    let mut both = inputs(&["app=shop:1"]);
    both.services.push(ServiceName::parse("worker").unwrap());
    assert_eq!(made(&both, &retired).registration, Registration::New);
}

#[test]
fn force_updates_without_registering() {
    let forced = Inputs { force_new_deployment: true, ..inputs(&[]) };
    let plan = made(&forced, &snapshot());
    assert_eq!(plan.registration, Registration::Reuse(OLD.into()));
    assert_eq!(only(&plan), json!({"task_definition": false, "force_new_deployment": true}));
}

#[test]
fn a_count_that_is_set_already_is_no_update() {
    let count = |count| made(&Inputs { desired_count: Some(count), ..inputs(&[]) }, &snapshot());
    assert_eq!(only(&count(2)), json!(null));
    assert_eq!(only(&count(0)), json!({"task_definition": false, "desired_count": 0}));
}

#[test]
fn tags_that_are_set_already_are_no_update() {
    let tags = |tags, managed| {
        let inputs = Inputs { propagate_tags: Some(tags), enable_ecs_managed_tags: Some(managed), ..inputs(&[]) };
        made(&inputs, &snapshot()).services.remove(0).update
    };
    assert_eq!(tags(Propagation::None, false), None);
    assert!(tags(Propagation::Service, false).is_some());
    assert!(tags(Propagation::None, true).is_some());
}

#[test]
fn the_file_wins_over_what_runs() {
    let mut document = sample();
    document["cpu"] = json!("512");
    let file = Some(file(&document));
    let plan = made(&inputs(&["side=proxy:2"]), &Snapshot { file, ..snapshot() });
    let paths: Vec<&str> = plan.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["containerDefinitions.side.image", "cpu"]);
}

#[test]
fn a_serialized_plan_holds_no_value_but_images() {
    let json = serde_json::to_string(&made(&inputs(&["app=shop:2"]), &snapshot())).unwrap();
    assert!(json.contains("shop:2") && !json.contains("hunter2"), "{json}");
}

#[test]
fn a_bare_image_needs_one_container_and_a_name_an_existing_one() {
    let ambiguous = plan(&inputs(&["shop:2"]), &snapshot()).unwrap_err();
    assert_eq!(ambiguous.exit_code().number(), 2);
    assert!(
        matches!(&ambiguous, Error::Definition(DefinitionError::AmbiguousImage { found, .. }) if *found == ["app", "side"]),
        "{ambiguous}"
    );
    let unknown = plan(&inputs(&["ap=shop:2"]), &snapshot()).unwrap_err();
    assert!(
        matches!(&unknown, Error::Definition(DefinitionError::UnknownContainer { found, .. }) if *found == ["app", "side"]),
        "{unknown}"
    );
    let mut document = sample();
    document["containerDefinitions"].as_array_mut().unwrap().pop();
    let file = Some(file(&document));
    assert_eq!(made(&inputs(&["shop:2"]), &Snapshot { file, ..snapshot() }).images[0].after, "shop:2");
}

#[test]
fn services_of_other_kinds_are_refused() {
    let with = |change: &dyn Fn(&mut Service)| {
        let mut service = service();
        change(&mut service);
        let count = Inputs { desired_count: Some(1), ..inputs(&[]) };
        plan(&count, &Snapshot { services: vec![seen(service)], ..snapshot() }).unwrap_err().to_string()
    };
    assert_eq!(with(&|s| s.controller = "EXTERNAL".into()), "service `web` is deployed by the EXTERNAL controller");
    assert_eq!(with(&|s| s.status = "DRAINING".into()), "service `web` is DRAINING");
    assert!(with(&|s| s.scheduling = "DAEMON".into()).contains("is a DAEMON"));
}

#[test]
fn a_deployment_under_way_is_taken_over_aloud() {
    let mut busy = service();
    busy.deployments[0].rollout = RolloutState::InProgress;
    let plan = made(&inputs(&["app=shop:2"]), &Snapshot { services: vec![seen(busy)], ..snapshot() });
    assert_eq!(plan.warnings, ["the deployment of `shop:7` is still under way; this one takes its place"]);
}

#[test]
fn without_the_present_definition_everything_is_registered() {
    let file = Some(file(&sample()));
    let blind = Snapshot { file, current: None, blind_spots: vec!["grant x".into()], ..snapshot() };
    let plan = made(&Inputs { definition: of("td.json"), ..inputs(&[]) }, &blind);
    assert_eq!(plan.registration, Registration::New);
    assert_eq!(plan.images[0].before, None);
    assert_eq!(plan.warnings, ["grant x"]);
}

#[test]
fn each_service_is_told_only_what_is_new_to_it() {
    let old = Service { task_definition: "arn:aws:ecs:eu-west-1:1:task-definition/shop:6".into(), ..service() };
    let both =
        Inputs { services: ["web", "worker"].map(|name| ServiceName::parse(name).unwrap()).to_vec(), ..inputs(&[]) };
    let seen = Snapshot { services: vec![seen(service()), seen(old)], ..snapshot() };
    let plan = made(&both, &seen);
    assert_eq!(plan.registration, Registration::Reuse(OLD.into()));
    assert_eq!(plan.services[0].update, None);
    assert!(plan.services[1].update.as_ref().is_some_and(|update| update.task_definition));
    let new = made(&Inputs { images: inputs(&["app=shop:2"]).images, ..both }, &seen);
    assert!(new.services.iter().all(|service| service.update.is_some()));
}

fn waits(until: WaitUntil) -> Inputs {
    Inputs { wait: Some(std::time::Duration::from_mins(1)), wait_until: until, ..inputs(&["app=shop:2"]) }
}

fn refused(denied: bool) -> History {
    History { refused: Some(Refusal { action: "ecs:ListServiceDeployments".into(), denied }), ..History::default() }
}

#[test]
fn a_missing_permission_is_a_notice_where_the_rollout_state_decides_too() {
    let denied = Snapshot { services: vec![SeenService { history: refused(true), ..seen(service()) }], ..snapshot() };
    let plan = made(&waits(WaitUntil::Deployed), &denied);
    assert_eq!(
        plan.notices,
        ["grant `ecs:ListServiceDeployments` to follow the service deployment; until then its `rolloutState` decides"]
    );
    let unknown = Snapshot { services: vec![SeenService { history: refused(false), ..seen(service()) }], ..snapshot() };
    assert!(made(&waits(WaitUntil::Deployed), &unknown).notices.is_empty());
}

#[test]
fn what_could_not_be_followed_to_its_end_is_refused_before_anything_is_changed() {
    let shifting = Service { strategy: "BLUE_GREEN".into(), ..service() };
    let with = |inputs: &Inputs, service: &Service, history: History| {
        let seen = SeenService { history, ..seen(service.clone()) };
        plan(inputs, &Snapshot { services: vec![seen], ..snapshot() })
    };
    let deployed = waits(WaitUntil::Deployed);
    let error = with(&deployed, &shifting, refused(true)).unwrap_err();
    assert!(
        matches!(&error, Error::CannotBeFollowed { way_out, .. } if way_out == "allow the role `ecs:ListServiceDeployments`"),
        "{error}"
    );
    assert_eq!(error.exit_code().number(), 2);
    assert!(with(&Inputs { wait: None, ..deployed.clone() }, &shifting, refused(true)).is_ok());
    assert!(with(&deployed, &shifting, History::default()).is_ok());
    let stage = waits(WaitUntil::parse("stage:BAKE_TIME").unwrap());
    assert!(matches!(with(&stage, &service(), History::default()), Err(Error::NoStages { .. })));
    assert!(with(&stage, &shifting, History::default()).is_ok());
    let paused = waits(WaitUntil::Paused);
    assert!(matches!(with(&paused, &shifting, History::default()), Err(Error::NoPause { .. })));
    let with_hook = Service { has_pause: true, ..shifting };
    assert!(with(&paused, &with_hook, History::default()).is_ok());
}

fn of(file: &str) -> DefinitionInputs {
    DefinitionInputs { source: Source::File(file.into()), ..DefinitionInputs::default() }
}

#[test]
fn nothing_to_deploy_is_told_unless_something_else_was_asked_for() {
    let warning = "nothing was given to deploy: `task-definition` and `images` are empty; did an earlier step's output come empty?";
    assert_eq!(made(&inputs(&[]), &snapshot()).warnings, [warning]);
    for more in [
        inputs(&["app=shop:1"]),
        Inputs { desired_count: Some(2), ..inputs(&[]) },
        Inputs { force_new_deployment: true, ..inputs(&[]) },
    ] {
        assert!(made(&more, &snapshot()).warnings.is_empty());
    }
}

#[test]
fn a_retired_revision_can_be_the_beginning_of_another() {
    let definition = DefinitionInputs { source: Source::Revision("shop:3".into()), ..DefinitionInputs::default() };
    let retired = Registered { arn: OLD.replace(":7", ":3"), status: "INACTIVE".into(), ..snapshot().current.unwrap() };
    let seen = Snapshot { named: Some(retired), ..snapshot() };
    let asis = plan(&Inputs { definition: definition.clone(), ..inputs(&[]) }, &seen).unwrap_err();
    assert!(asis.to_string().contains("INACTIVE"), "{asis}");
    let edited = made(&Inputs { definition, ..inputs(&["app=shop:9"]) }, &seen);
    assert_eq!(edited.registration, Registration::New);
}
