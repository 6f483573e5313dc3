use actions_core::ExitCode;
use serde_json::json;

use super::*;
use crate::diagnosis::{Diagnosis, group, ours};
use crate::inputs::Preflight;
use crate::names::{ClusterName, ServiceName};
use crate::outcome::Verdict;
use crate::plan::{ContainerImage, ServicePlan, ServiceUpdate};
use crate::service::Service;
use crate::task_definition::tests::{definition, sample};

fn inputs() -> Inputs {
    let mut bad = actions_core::InputErrors::new();
    Inputs {
        connection: crate::ecs::Connection::parse(&crate::args::ConnectionArgs::default(), &mut bad).unwrap(),
        cluster: ClusterName::parse("prod").unwrap(),
        services: vec![ServiceName::parse("web").unwrap()],
        definition: crate::inputs::DefinitionInputs::default(),
        images: Vec::new(),
        desired_count: None,
        force_new_deployment: false,
        wait: None,
        wait_until: crate::rollout::WaitUntil::Deployed,
        fail_fast_after: 3,
        preflight: Preflight::Fail,
        on_conflict: crate::inputs::OnConflict::Supersede,
        remedies: crate::inputs::Remedies::default(),
        propagate_tags: None,
        volume: None,
        codedeploy: crate::codedeploy::CodeDeployInputs::default(),
        adds_waits: true,
        enable_ecs_managed_tags: None,
        task: None,
        targets: crate::targets::TargetInputs::default(),
        keep_revisions: None,
    }
}

fn service(name: &str) -> ServicePlan {
    ServicePlan {
        service: name.into(),
        update: Some(ServiceUpdate {
            task_definition: true,
            desired_count: None,
            force_new_deployment: None,
            propagate_tags: None,
            volume: None,
            enable_ecs_managed_tags: None,
        }),
        previous: "arn:aws:ecs:eu-west-1:1:task-definition/shop:1".into(),
        console: Some("https://eu-west-1.console.aws.amazon.com/ecs".into()),
        target: ServiceName::parse(name).unwrap(),
        before: Service::default(),
        under_way: None,
        history: crate::history::History::default(),
        fallback: None,
        codedeploy: None,
    }
}

fn plan() -> Plan {
    Plan {
        cluster: "prod".into(),
        services: vec![service("web")],
        family: "shop".into(),
        registration: Registration::New,
        remedies: Vec::new(),
        images: vec![ContainerImage { container: "app".into(), before: Some("shop:1".into()), after: "shop:2".into() }],
        changes: definition(json!({"family": "shop", "containerDefinitions": [{"name": "app", "image": "shop:2"}]}))
            .changes_from(&definition(
                json!({"family": "shop", "containerDefinitions": [{"name": "app", "image": "shop:1"}]}),
            )),
        warnings: Vec::new(),
        notices: Vec::new(),
        preflight: Vec::new(),
        foreseen: Vec::new(),
        obstacles: Vec::new(),
        lints: Vec::new(),
        definition: definition(sample()),
        task: None,
        targets: crate::targets::TargetInputs::default(),
        is_from_service: true,
        file: None,
    }
}

fn outcome(verdict: Verdict) -> Outcome {
    Outcome {
        verdict,
        reason: String::new(),
        task_definition: "arn:aws:ecs:eu-west-1:1:task-definition/shop:2".into(),
        registered: true,
        services: if matches!(verdict, Verdict::Registered | Verdict::AlreadyRegistered) {
            Vec::new()
        } else {
            vec![ended("web", verdict)]
        },
        seconds: 75,
        warnings: Vec::new(),
        task: None,
        moved: Vec::new(),
    }
}

fn ended(service: &str, verdict: Verdict) -> ServiceOutcome {
    ServiceOutcome {
        good: None,
        service: service.into(),
        verdict,
        reason: String::new(),
        deployment: "ecs-svc/2".into(),
        service_deployment: String::new(),
        hooks: Vec::new(),
        previous: "arn:aws:ecs:eu-west-1:1:task-definition/shop:1".into(),
        restored: None,
        seconds: 75,
        warnings: Vec::new(),
        events: Vec::new(),
        diagnosis: None,
        back: crate::outcome::Back::No,
        error: None,
    }
}

fn rolled_back(event: &str) -> Outcome {
    let task = json!({
        "startedBy": "ecs-svc/2", "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": 137}]
    });
    let service = ServiceOutcome {
        reason: "tasks failed to start".into(),
        restored: Some("arn:aws:ecs:eu-west-1:1:task-definition/shop:1".into()),
        diagnosis: Some(Diagnosis {
            events: vec![event.into()],
            stopped: group(
                &ours(&[task], "ecs-svc/2", ""),
                &serde_json::Value::Null,
                &crate::diagnosis::Mask::default(),
            ),
            ..Diagnosis::default()
        }),
        ..ended("web", Verdict::RolledBack)
    };
    Outcome { services: vec![service], ..outcome(Verdict::RolledBack) }
}

#[test]
fn a_deployment_is_told() {
    let report = report(&inputs(), &plan(), Some(&outcome(Verdict::Deployed)));
    assert_eq!(report.verdict, "deployed shop:2 to service web in cluster prod in 1 min 15 s");
    assert_eq!(report.failure, None);
    assert_eq!(report.outputs.get("revision"), Some("shop:2"));
    assert_eq!(report.outputs.get("previous-task-definition-arn"), Some(plan().services[0].previous.as_str()));
    insta::assert_snapshot!(report.summary, @r"
    |  |  |
    | --- | --- |
    | Service | `web` |
    | Cluster | `prod` |
    | Task definition | `shop:1` → `shop:2` |
    | Deployment | `ecs-svc/2` |
    | Verdict | deployed |
    | Duration | 1 min 15 s |

    | Container | Image |
    | --- | --- |
    | `app` | `shop:1` → `shop:2` |

    <details><summary>Changed fields (1)</summary>

    ```text
    ~ containerDefinitions.app.image: shop:1 -> shop:2
    ```

    </details>

    [Deployments in the AWS console](<https://eu-west-1.console.aws.amazon.com/ecs>)
    ");
}

#[test]
fn a_rollback_says_why_and_what_was_restored() {
    let report = report(&inputs(), &plan(), Some(&rolled_back("(service web) was unable to place a task.")));
    let failure = report.failure.unwrap();
    assert_eq!(failure.exit_code, ExitCode::RolledBack);
    assert_eq!(failure.code, "ecs-deploy/rolled-back");
    assert_eq!(failure.message, "rolled back: shop:2 failed on service web in cluster prod, which went back to shop:1");
    insta::assert_snapshot!(failure.why.unwrap(), @r"
    tasks failed to start
    1 task stopped: app exited with 137 (killed: out of memory, or it did not stop when it was told to)
    ");
    assert!(
        report
            .summary
            .contains("| 1 | `EssentialContainerExited` | Essential container in task exited | app exited with 137")
    );
    assert!(report.summary.contains("Service events since the start (1)"));
}

#[test]
fn hostile_texts_stay_text() {
    let mut bad = rolled_back("</details>```\n::error::x <img src=x>");
    bad.services[0].diagnosis.as_mut().unwrap().stopped[0].cause.reason = "a | b <script> [x](http://y)".into();
    let summary = report(&inputs(), &plan(), Some(&bad)).summary;
    assert!(!summary.contains("<script>"), "{summary}");
    assert!(summary.contains(r"a \| b &lt;script&gt; \[x\]\(http&#58;//y\)"), "{summary}");
    assert!(summary.contains("````text\n</details>```\n"), "the fence is longer than the one inside: {summary}");
}

#[test]
fn every_verdict_has_its_exit_code_and_all_outputs() {
    for (verdict, code) in [
        (Verdict::Deployed, (0, "")),
        (Verdict::AlreadyDeployed, (0, "")),
        (Verdict::Registered, (0, "")),
        (Verdict::AlreadyRegistered, (0, "")),
        (Verdict::Updated, (0, "")),
        (Verdict::Paused, (0, "")),
        (Verdict::StageReached, (0, "")),
        (Verdict::Restored, (0, "")),
        (Verdict::RolledBack, (3, "ecs-deploy/rolled-back")),
        (Verdict::Failed, (1, "ecs-deploy/failed")),
        (Verdict::Superseded, (1, "ecs-deploy/superseded")),
        (Verdict::TimedOut, (4, "ecs-deploy/timed-out")),
        (Verdict::Cancelled, (130, "ecs-deploy/cancelled")),
    ] {
        let report = report(&inputs(), &plan(), Some(&outcome(verdict)));
        let failure = report.failure.as_ref();
        assert_eq!(failure.map_or((0, ""), |failure| (failure.exit_code.number(), failure.code.as_str())), code);
        assert_eq!(report.outputs.get("verdict"), Some(verdict.as_str()));
        assert_eq!(report.outputs.iter().count(), OUTPUTS.len());
        assert!(report.verdict.contains("shop:2"), "{}", report.verdict);
    }
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let dry = report(&inputs(), &plan(), None);
    assert_eq!(dry.verdict, "would register a new revision of shop, and would update service web in cluster prod");
    assert_eq!(dry.outputs.iter().count(), OUTPUTS.len());
    assert_eq!(dry.outputs.get("task-definition-arn"), Some(""));
    assert!(dry.summary.contains("`shop:1` → a new revision of `shop`"), "{}", dry.summary);
}

#[test]
fn a_dry_run_with_nothing_to_do_says_already() {
    let same = Registration::Reuse("arn:aws:ecs:eu-west-1:1:task-definition/shop:1".into());
    let unchanged = ServicePlan { update: None, ..service("web") };
    let plan = Plan { registration: same, services: vec![unchanged], ..plan() };
    assert_eq!(
        report(&inputs(), &plan, None).verdict,
        "already deployed: service web in cluster prod runs shop:1, nothing would be changed"
    );
    assert_eq!(
        report(&inputs(), &Plan { services: Vec::new(), ..plan }, None).verdict,
        "already registered: shop:1 is the same, nothing would be changed"
    );
}

#[test]
fn a_failed_deployment_that_this_run_only_found_names_the_way_to_try_it_again() {
    let unchanged = Plan { services: vec![ServicePlan { update: None, ..service("web") }], ..plan() };
    let found = report(&inputs(), &unchanged, Some(&outcome(Verdict::Failed))).failure.unwrap();
    assert!(found.help.unwrap_or_default().contains("`force-new-deployment: true`"));
}

#[test]
fn of_several_services_the_worst_decides_and_each_is_told() {
    let plan = Plan { services: vec![service("web"), service("worker"), service("cron")], ..plan() };
    let rolled_back = ServiceOutcome { service: "worker".into(), ..rolled_back("e").services.remove(0) };
    let services = vec![ended("web", Verdict::Deployed), rolled_back, ended("cron", Verdict::Deployed)];
    let outcome = Outcome { services, ..outcome(Verdict::RolledBack) };
    let report = report(&inputs(), &plan, Some(&outcome));
    assert_eq!(
        report.verdict,
        "rolled back: shop:2 failed on service worker in cluster prod, which went back to shop:1; web: deployed; cron: deployed"
    );
    let why = report.failure.unwrap().why.unwrap();
    assert!(why.starts_with("worker: tasks failed to start\nworker: 1 task stopped"), "{why}");
    let row = "| `worker` | `shop:1` → `shop:2` | rolled-back | `ecs-svc/2` | `shop:1` | tasks failed to start |";
    assert!(report.summary.contains(row), "{}", report.summary);
    assert!(report.summary.contains("**worker**\n\n| Stopped tasks"), "{}", report.summary);
}
