//! Everything that may start a task of the family: services and tasks of all clusters, service deployments, rules, schedules.

use std::collections::BTreeSet;

use aws_client::ApiError;
use aws_client::call::{ECS, EVENTS, JsonService, Rest, SCHEDULER};
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::codedeploy::CONTROLLER;
use crate::ecs::Ecs;
use crate::inputs::Inputs;
use crate::prune::decide::{named, number};
use crate::prune::{Unknown, codedeploy};
use crate::service::{list, owned};
use crate::task_definition::text;

/// `DescribeServices` takes no more at once, `DescribeTasks` a hundred, and the two of service deployments twenty
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>, `API_DescribeTasks.html`,
/// `API_DescribeServiceDeployments.html`).
const SERVICES: usize = 10;
const TASKS: usize = 100;
const DEPLOYMENTS: usize = 20;

/// The ARNs of the family's `ACTIVE` revisions, the newest first.
pub(super) async fn active(ecs: &Ecs, family: &str) -> Result<Vec<String>, ApiError> {
    let question = json!({"familyPrefix": family, "status": "ACTIVE", "sort": "DESC"});
    let mut arns: Vec<String> = texts(&pages(ecs, &ECS, "ListTaskDefinitions", question, "taskDefinitionArns").await?);
    arns.retain(|arn| crate::names::family(arn) == family);
    arns.sort_by_key(|arn| std::cmp::Reverse(number(arn)));
    Ok(arns)
}

/// When a revision was registered.
pub(super) async fn registered(ecs: &Ecs, arn: &str) -> Result<Option<f64>, ApiError> {
    let answer = ecs.task_definition(arn).await?;
    Ok(answer["taskDefinition"]["registeredAt"].as_f64())
}

/// The ARNs of the revisions of `arn`'s family that something was seen to use.
pub(super) async fn in_use(ecs: &Ecs, inputs: &Inputs, arn: &str) -> Result<BTreeSet<String>, Unknown> {
    let family = crate::names::family(arn);
    let clusters = texts(&pages(ecs, &ECS, "ListClusters", json!({}), "clusterArns").await?);
    let mut seen: Vec<Value> = Vec::new();
    for cluster in &clusters {
        for some in services(ecs, cluster).await?.chunks(SERVICES) {
            let histories = some.iter().map(|service| history(ecs, inputs, cluster, service, family));
            seen.extend(try_join_all(histories).await?.into_iter().flatten());
            seen.extend_from_slice(some);
        }
        seen.extend(tasks(ecs, cluster, family).await?);
    }
    seen.extend(rules(ecs, &clusters).await?);
    seen.extend(schedules(ecs).await?);
    let prefix = arn.rsplit_once(':').map_or(arn, |(prefix, _)| prefix);
    let numbers = seen.iter().flat_map(|value| named(&value.to_string(), family));
    Ok(numbers.map(|number| format!("{prefix}:{number}")).collect())
}

/// All services of a cluster; one that cannot be described could use anything.
async fn services(ecs: &Ecs, cluster: &str) -> Result<Vec<Value>, Unknown> {
    let arns = texts(&pages(ecs, &ECS, "ListServices", json!({"cluster": cluster}), "serviceArns").await?);
    let mut services = Vec::new();
    for some in arns.chunks(SERVICES) {
        let answer = ECS.call(ecs.aws(), "DescribeServices", &json!({"cluster": cluster, "services": some})).await?;
        whole(&answer, "services", some.len())?;
        services.extend(list(&answer, "services").cloned());
    }
    Ok(services)
}

/// What the service's deployments came from, brought, and went back to. A service that left the family may be taken back to it.
async fn history(
    ecs: &Ecs,
    inputs: &Inputs,
    cluster: &str,
    service: &Value,
    family: &str,
) -> Result<Vec<Value>, Unknown> {
    let name = owned(service, "serviceArn");
    let controller = text(&service["deploymentController"], "type");
    if !matches!(controller, "" | "ECS") {
        if named(&service.to_string(), family).is_empty() {
            return Ok(Vec::new());
        }
        if controller == CONTROLLER {
            // Its task sets are part of the service itself.
            return codedeploy::revisions(ecs, inputs, cluster, &name).await;
        }
        return Err(Unknown::Words(format!(
            "service {} is deployed by the {controller} controller, whose revisions are not listed",
            crate::names::last(&name)
        )));
    }
    let question = json!({"cluster": cluster, "service": name});
    let briefs = pages(ecs, &ECS, "ListServiceDeployments", question, "serviceDeployments").await?;
    let arns: Vec<String> = briefs.iter().map(|brief| owned(brief, "serviceDeploymentArn")).collect();
    let mut revisions = BTreeSet::new();
    for some in arns.chunks(DEPLOYMENTS) {
        let answer = ECS.call(ecs.aws(), "DescribeServiceDeployments", &json!({"serviceDeploymentArns": some})).await?;
        for own in list(&answer, "serviceDeployments") {
            let sources = list(own, "sourceServiceRevisions").map(|source| owned(source, "arn"));
            let target = owned(&own["targetServiceRevision"], "arn");
            let rollback = owned(&own["rollback"], "serviceRevisionArn");
            revisions.extend(sources.chain([target, rollback]).filter(|arn| !arn.is_empty()));
        }
    }
    let revisions: Vec<String> = revisions.into_iter().collect();
    let mut seen = Vec::new();
    for some in revisions.chunks(DEPLOYMENTS) {
        let answer = ECS.call(ecs.aws(), "DescribeServiceRevisions", &json!({"serviceRevisionArns": some})).await?;
        seen.extend(list(&answer, "serviceRevisions").cloned());
    }
    Ok(seen)
}

/// The family's tasks that run in a cluster, or are to run.
async fn tasks(ecs: &Ecs, cluster: &str, family: &str) -> Result<Vec<Value>, Unknown> {
    let question = json!({"cluster": cluster, "family": family, "desiredStatus": "RUNNING"});
    let arns = texts(&pages(ecs, &ECS, "ListTasks", question, "taskArns").await?);
    let mut tasks = Vec::new();
    for some in arns.chunks(TASKS) {
        // One that ended meanwhile is missing, and needs nothing any more.
        let answer = ECS.call(ecs.aws(), "DescribeTasks", &json!({"cluster": cluster, "tasks": some})).await?;
        tasks.extend(list(&answer, "tasks").cloned());
    }
    Ok(tasks)
}

/// The targets of all rules of all buses that start tasks in one of the clusters.
async fn rules(ecs: &Ecs, clusters: &[String]) -> Result<Vec<Value>, Unknown> {
    let mut targets = Vec::new();
    for bus in pages(ecs, &EVENTS, "ListEventBuses", json!({}), "EventBuses").await? {
        let bus = owned(&bus, "Name");
        for cluster in clusters {
            let question = json!({"TargetArn": cluster, "EventBusName": bus});
            for rule in texts(&pages(ecs, &EVENTS, "ListRuleNamesByTarget", question, "RuleNames").await?) {
                let question = json!({"Rule": rule, "EventBusName": bus});
                targets.extend(pages(ecs, &EVENTS, "ListTargetsByRule", question, "Targets").await?);
            }
        }
    }
    Ok(targets)
}

/// All schedules that have to do with ECS.
async fn schedules(ecs: &Ecs) -> Result<Vec<Value>, Unknown> {
    let mut schedules = Vec::new();
    let mut next = String::new();
    loop {
        let query = [("NextToken", next.as_str())];
        let query = if next.is_empty() { &query[..0] } else { &query[..] };
        let rest = Rest { operation: "ListSchedules", method: "GET", path: &["schedules"], query };
        let page = SCHEDULER.call(ecs.aws(), &rest, &Value::Null).await?;
        for brief in list(&page, "Schedules").filter(|brief| text(&brief["Target"], "Arn").contains(":ecs:")) {
            let path = ["schedules", text(brief, "Name")];
            let query = [("groupName", text(brief, "GroupName"))];
            let rest = Rest { operation: "GetSchedule", method: "GET", path: &path, query: &query };
            schedules.push(SCHEDULER.call(ecs.aws(), &rest, &Value::Null).await?);
        }
        next = owned(&page, "NextToken");
        if next.is_empty() {
            return Ok(schedules);
        }
    }
}

/// All pages of a list. ECS writes `nextToken`, `EventBridge` `NextToken`.
async fn pages(
    ecs: &Ecs,
    service: &JsonService,
    operation: &str,
    question: Value,
    member: &str,
) -> Result<Vec<Value>, ApiError> {
    let name = if *service == ECS { "nextToken" } else { "NextToken" };
    let mut question = question;
    let mut all = Vec::new();
    loop {
        let page = service.call(ecs.aws(), operation, &question).await?;
        all.extend(list(&page, member).cloned());
        let next = owned(&page, name);
        if next.is_empty() {
            return Ok(all);
        }
        question[name] = json!(next);
    }
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// As many answers as questions.
fn whole(answer: &Value, member: &str, asked: usize) -> Result<(), Unknown> {
    if list(answer, member).count() == asked {
        return Ok(());
    }
    Err(Unknown::Words(format!("ECS does not tell all of the {member} that it lists")))
}
