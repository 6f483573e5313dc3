//! All checks of a task definition and of the services that get it, at the same time and within one limit.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::ecs::Ecs;
use crate::preflight::platform::Platform;
use crate::preflight::{Answer, Finding, Image, Wiring, image, logs, ports, roles, secrets};
use crate::service::{list, owned};
use crate::task_definition::{TaskDefinition, text};

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks at everything that `definition` names, and at what the services send to its containers.
pub(crate) async fn preflight(ecs: &Ecs, definition: &TaskDefinition, services: &[&Wiring]) -> Vec<Finding> {
    let body = definition.body();
    let mut asked = images(ecs, &body);
    asked.extend(questions(ecs, &body, services));
    answered(&body, services, asked).await
}

/// The same but for the images.
pub(crate) async fn preflight_but_images(ecs: &Ecs, definition: &TaskDefinition, services: &[&Wiring]) -> Vec<Finding> {
    let body = definition.body();
    answered(&body, services, questions(ecs, &body, services)).await
}

async fn answered(body: &Value, services: &[&Wiring], questions: Vec<(String, BoxFuture<'_, Answer>)>) -> Vec<Finding> {
    let deadline = Instant::now() + LIMIT;
    let mut findings = of_the_definition(body);
    findings.extend(of_services(body, services));
    let asked = questions.into_iter().map(|(subject, question)| async move {
        let answer = timeout_at(deadline, question).await;
        Finding::new(subject, answer.unwrap_or_else(|_| Answer::because("it was not answered in time")))
    });
    findings.extend(join_all(asked).await);
    findings
}

/// Whether its tasks may run on Fargate.
pub(super) fn is_fargate(definition: &Value) -> bool {
    list(definition, "requiresCompatibilities").any(|word| word == "FARGATE")
}

/// Whether its tasks run on Fargate and nowhere else: on instances these decide the processor.
pub(super) fn is_for_fargate_alone(definition: &Value) -> bool {
    is_fargate(definition) && list(definition, "requiresCompatibilities").all(|word| word == "FARGATE")
}

/// What is seen in the task definition alone: somebody has to fetch secrets and images, and to write logs
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>).
fn of_the_definition(definition: &Value) -> Vec<Finding> {
    if !text(definition, "executionRoleArn").is_empty() {
        return Vec::new();
    }
    let containers = || list(definition, "containerDefinitions");
    let needs = |any: bool, what: &'static str| any.then_some(what);
    let on_fargate = is_fargate(definition);
    let needs = [
        needs(containers().any(|container| !secrets::of_container(container).is_empty()), "secrets"),
        needs(
            on_fargate && containers().any(|own| Image::parse(text(own, "image")).is_ok()),
            "images of ECR on Fargate",
        ),
        needs(
            on_fargate && containers().any(|own| logs::of_container(own).is_some()),
            "the driver `awslogs` on Fargate",
        ),
    ];
    let needs: Vec<&str> = needs.into_iter().flatten().collect();
    if needs.is_empty() {
        return Vec::new();
    }
    let problem = format!("it is missing, and {} need it", needs.join(", "));
    vec![Finding::new("executionRoleArn", Answer::Failed(problem))]
}

/// What is seen in the task definition and the services.
fn of_services(definition: &Value, services: &[&Wiring]) -> Vec<Finding> {
    let ends = services.iter().flat_map(|wiring| &wiring.ends);
    let ends = ends.map(|end| Finding::new(&*end.from, ports::arrives(definition, end)));
    let names: BTreeSet<&String> = services.iter().flat_map(|wiring| &wiring.port_names).collect();
    let names = names.into_iter().map(|name| Finding::new(format!("port {name}"), ports::is_named(definition, name)));
    ends.chain(names).collect()
}

/// What is asked of AWS about all but the images, each thing once.
fn questions<'a>(ecs: &'a Ecs, definition: &'a Value, services: &[&'a Wiring]) -> Vec<(String, BoxFuture<'a, Answer>)> {
    let mut questions = Vec::new();
    let containers = || list(definition, "containerDefinitions");
    let mut sources: BTreeMap<secrets::Source, String> = BTreeMap::new();
    for (whose, source) in containers().flat_map(secrets::of_container) {
        sources.entry(source).or_insert(whose);
    }
    for (source, whose) in sources {
        ask(&mut questions, source.subject(whose), async move { secrets::check(ecs, &source).await });
    }
    let groups: BTreeSet<logs::LogGroup> = containers().filter_map(logs::of_container).collect();
    for group in groups {
        ask(&mut questions, format!("log group {}", group.name), async move { logs::check(ecs, &group).await });
    }
    let named = ["taskRoleArn", "executionRoleArn"].map(|field| owned(definition, field));
    let named: BTreeSet<String> = named.into_iter().filter(|role| !role.is_empty()).collect();
    for role in named {
        ask(
            &mut questions,
            format!("role {}", crate::names::last(&role)),
            async move { roles::check(ecs, &role).await },
        );
    }
    let targets: BTreeSet<&str> = services.iter().flat_map(|wiring| wiring.target_groups()).collect();
    for arn in targets {
        ask(
            &mut questions,
            format!("target group {}", ports::group_name(arn)),
            ports::check_group(ecs, arn, definition),
        );
    }
    questions
}

/// Each image once, with the containers that have it.
fn images<'a>(ecs: &'a Ecs, definition: &'a Value) -> Vec<(String, BoxFuture<'a, Answer>)> {
    let mut used: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for container in list(definition, "containerDefinitions") {
        used.entry(text(container, "image")).or_default().push(text(container, "name"));
    }
    let mut questions = Vec::new();
    for (name, containers) in used {
        let subject = format!("image {name} ({})", containers.join(", "));
        ask(
            &mut questions,
            subject,
            async move { image::check(ecs, name, Platform::of_tasks(definition).as_ref()).await },
        );
    }
    questions
}

fn ask<'a>(
    questions: &mut Vec<(String, BoxFuture<'a, Answer>)>,
    subject: String,
    question: impl Future<Output = Answer> + Send + 'a,
) {
    questions.push((subject, question.boxed()));
}
