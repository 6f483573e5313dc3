use super::*;
use crate::args::{ConnectionArgs, DefinitionArgs, VolumeArgs, WatchArgs};

fn watch() -> WatchArgs {
    WatchArgs { wait_until: "deployed".into(), fail_fast_after: "3".into(), ..WatchArgs::default() }
}

fn args() -> EcsDeployArgs {
    EcsDeployArgs {
        cluster: "prod".into(),
        service: Some("web".into()),
        wait_for_service_stability: true,
        watch: watch(),
        ..EcsDeployArgs::default()
    }
}

#[track_caller]
fn refused(args: &EcsDeployArgs) -> Vec<(String, String)> {
    let errors = parse(args).expect_err("bad inputs");
    errors.iter().map(|bad| (bad.name.clone(), bad.problem.clone())).collect()
}

fn names(errors: &[(String, String)]) -> Vec<&str> {
    errors.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_names_of_both_official_actions_are_taken() {
    let args = EcsDeployArgs {
        definition: DefinitionArgs { container_name: vec!["app, side".into()], ..DefinitionArgs::default() },
        image: Some("shop:1".into()),
        images: vec!["proxy=nginx:1\n\n".into()],
        desired_count: Some("0".into()),
        wait_for_minutes: Some("5".into()),
        propagate_tags: Some(PropagateTags::TaskDefinition),
        ..args()
    };
    let inputs = parse(&args).unwrap();
    let images: Vec<String> = inputs
        .images
        .iter()
        .map(|line| format!("{}={}", line.container.as_deref().unwrap_or_default(), line.image))
        .collect();
    assert_eq!(images, ["proxy=nginx:1", "app=shop:1", "side=shop:1"]);
    assert_eq!(inputs.wait, Some(Duration::from_mins(5)));
    assert_eq!(inputs.desired_count, Some(0));
    assert_eq!(inputs.propagate_tags.unwrap().as_str(), "TASK_DEFINITION");
}

#[test]
fn waits_half_an_hour_unless_told_otherwise() {
    assert_eq!(parse(&args()).unwrap().wait, Some(Duration::from_mins(30)));
    let not = EcsDeployArgs { wait_for_service_stability: false, ..args() };
    assert_eq!(parse(&not).unwrap().wait, None);
    let short = EcsDeployArgs { watch: WatchArgs { wait_timeout: Some("90s".into()), ..watch() }, ..args() };
    assert_eq!(parse(&short).unwrap().wait, Some(Duration::from_secs(90)));
}

#[test]
fn every_bad_input_is_named_at_once() {
    let args = EcsDeployArgs {
        cluster: "a b".into(),
        service: Some("$(touch x)".into()),
        images: vec!["app=".into()],
        desired_count: Some("-1".into()),
        watch: WatchArgs { wait_timeout: Some("10".into()), ..watch() },
        wait_for_minutes: Some("0".into()),
        connection: ConnectionArgs { max_retries: Some("21".into()), ..ConnectionArgs::default() },
        definition: DefinitionArgs { container_name: vec!["app".into()], ..DefinitionArgs::default() },
        ..args()
    };
    assert_eq!(
        names(&refused(&args)),
        [
            "max-retries",
            "cluster",
            "service",
            "images",
            "container-name",
            "desired-count",
            "wait-timeout",
            "wait-for-minutes"
        ]
    );
}

#[test]
fn without_a_service_there_must_be_a_file_and_nothing_for_the_service() {
    let none = EcsDeployArgs { service: None, desired_count: Some("2".into()), force_new_deployment: true, ..args() };
    assert_eq!(names(&refused(&none)), ["service", "desired-count", "force-new-deployment"]);
    let register = EcsDeployArgs {
        service: None,
        definition: DefinitionArgs { task_definition: Some("td.json".into()), ..DefinitionArgs::default() },
        ..args()
    };
    assert!(parse(&register).unwrap().services.is_empty());
}

#[test]
fn a_service_arn_of_another_cluster_is_named_before_anything_is_asked() {
    let arn = "arn:aws:ecs:eu-west-1:1:service/prod/web";
    assert!(parse(&EcsDeployArgs { service: Some(arn.into()), ..args() }).is_ok());
    let other = EcsDeployArgs { cluster: "default".into(), service: Some(arn.into()), ..args() };
    let problem = "is `default`, and the ARN of `service` names the cluster `prod`";
    assert_eq!(refused(&other), [("cluster".to_owned(), problem.to_owned())]);
}

#[test]
fn service_and_services_are_one_list_without_doubles() {
    let both = EcsDeployArgs { services: vec!["worker\ncron, mail".into()], ..args() };
    let names: Vec<String> = parse(&both).unwrap().services.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["web", "worker", "cron", "mail"]);
    let alone =
        EcsDeployArgs { service: None, services: vec!["worker".into()], desired_count: Some("2".into()), ..args() };
    assert_eq!(parse(&alone).unwrap().services.len(), 1);
    let arn = "arn:aws:ecs:eu-west-1:1:service/prod/web";
    let doubled = EcsDeployArgs { services: vec![arn.into()], ..args() };
    assert_eq!(refused(&doubled), [("services".to_owned(), "names `web` twice".to_owned())]);
}

#[test]
fn a_container_gets_one_image() {
    let twice = EcsDeployArgs { images: vec!["app=a:1\napp=b:1".into()], ..args() };
    assert_eq!(refused(&twice), [("images".to_owned(), "gives `app` two images".to_owned())]);
    let both = EcsDeployArgs { images: vec!["a:1".into()], image: Some("b:1".into()), ..args() };
    assert_eq!(refused(&both), [("images".to_owned(), "gives the only container two images".to_owned())]);
    let doubled = EcsDeployArgs {
        watch: WatchArgs { wait_timeout: Some("1m".into()), ..watch() },
        wait_for_minutes: Some("1".into()),
        ..args()
    };
    assert_eq!(names(&refused(&doubled)), ["wait-for-minutes"]);
}

#[test]
fn what_is_waited_for_needs_waiting() {
    let stage = EcsDeployArgs { watch: WatchArgs { wait_until: "stage:bake-time".into(), ..watch() }, ..args() };
    assert_eq!(parse(&stage).unwrap().wait_until, WaitUntil::parse("stage:BAKE_TIME").unwrap());
    let not = EcsDeployArgs { wait_for_service_stability: false, ..stage };
    assert_eq!(names(&refused(&not)), ["wait-until"]);
    assert_eq!(
        names(&refused(&EcsDeployArgs { watch: WatchArgs { wait_until: "done".into(), ..watch() }, ..args() })),
        ["wait-until"]
    );
}

#[test]
fn minutes_mean_what_they_mean_to_the_official_action() {
    let minutes = |text: &str| parse(&EcsDeployArgs { wait_for_minutes: Some(text.into()), ..args() }).unwrap();
    let (most, note) = (minutes("400"), "`wait-for-minutes`: 400 is taken for 360, the longest wait".to_owned());
    assert_eq!((most.wait, most.definition.notes), (Some(Duration::from_hours(6)), vec![note]));
    let some = minutes("15");
    assert!(some.adds_waits && some.definition.notes.is_empty(), "what CodeDeploy waits itself comes on top");
    let timed = EcsDeployArgs { watch: WatchArgs { wait_timeout: Some("15m".into()), ..watch() }, ..args() };
    assert!(!parse(&timed).unwrap().adds_waits);
}

#[test]
fn what_the_official_action_takes_without_a_service_is_taken() {
    let task = EcsDeployArgs {
        service: None,
        run_task: true,
        enable_ecs_managed_tags: Some(true),
        volume: VolumeArgs { service_managed_ebs_volume: Some("{}".into()), ..VolumeArgs::default() },
        definition: DefinitionArgs { task_definition: Some("td.json".into()), ..DefinitionArgs::default() },
        ..args()
    };
    assert_eq!(parse(&task).unwrap().task.unwrap().managed_tags, Some(true));
    assert_eq!(names(&refused(&EcsDeployArgs { run_task: false, ..task })), ["enable-ecs-managed-tags"]);
}

#[test]
fn a_secret_in_the_place_of_its_name_is_refused_and_not_quoted() {
    let given = |value: &str| {
        let definition = DefinitionArgs { secrets: vec![format!("KEY={value}")], ..DefinitionArgs::default() };
        EcsDeployArgs { definition: DefinitionArgs { container_name: vec!["app".into()], ..definition }, ..args() }
    };
    for name in ["arn:aws:secretsmanager:eu-west-1:1:secret:x:key::", "/shop/db", "shop.db-1_a", "/shop/db:3"] {
        assert!(parse(&given(name)).is_ok(), "{name}");
    }
    for secret in ["hunter 2", "hunter2!", "p@ss", "a+b="] {
        let refused = refused(&given(secret));
        assert_eq!(names(&refused), ["secrets"], "{secret}");
        assert_eq!(refused[0].1, "gives `KEY` what is neither an ARN nor the name of a parameter");
    }
}
