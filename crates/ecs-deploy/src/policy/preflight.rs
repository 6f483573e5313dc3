//! Looking at what the task definition names: each right by itself can be left out, and what it shows is not known then
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>).

use std::collections::BTreeSet;

use aws_client::policy::{Place, Statement, literal};
use serde_json::Value;

use crate::policy::role_arn;
use crate::preflight::{Image, Platform, Source, log_group, sources};
use crate::service::list;
use crate::task_definition::{TaskDefinition, text};

/// What is needed to look at all that a task definition names, and at what a service sends to its tasks.
pub(super) fn look(place: &Place, definition: &TaskDefinition, has_services: bool) -> Option<Vec<Statement>> {
    let body = definition.body();
    let mut statements = images(&body);
    let sources: BTreeSet<Source> =
        list(&body, "containerDefinitions").flat_map(sources).map(|(_, source)| source).collect();
    let secrets = sources.iter().filter_map(|source| match source {
        Source::Secret { arn, .. } => Some(secret_pattern(arn)),
        Source::Parameter { .. } => None,
    });
    statements.push(Statement::new("OptionalLookForSecrets", ["secretsmanager:DescribeSecret"]).on_all(secrets));
    if sources.iter().any(|source| matches!(source, Source::Parameter { .. })) {
        // It knows no resource.
        statements.push(Statement::new("OptionalLookForParameters", ["ssm:DescribeParameters"]).on("*"));
    }
    let roles: Option<BTreeSet<String>> = definition.roles().map(|role| role_arn(place, role)).collect();
    statements.push(Statement::new("OptionalLookAtRoles", ["iam:GetRole"]).on_all(roles?));
    if list(&body, "containerDefinitions").filter_map(log_group).any(|group| !group.is_made) {
        // It knows no resource.
        statements.push(Statement::new("OptionalLookForLogGroups", ["logs:DescribeLogGroups"]).on("*"));
    }
    if has_services {
        // It knows no resource.
        let groups = Statement::new("OptionalLookAtTargetGroups", ["elasticloadbalancing:DescribeTargetGroups"]);
        statements.push(groups.on("*"));
    }
    Some(statements)
}

/// The repositories of the images; a configuration is read where it matters for which processor an image is.
fn images(definition: &Value) -> Vec<Statement> {
    let images = list(definition, "containerDefinitions").map(|container| Image::parse(text(container, "image")));
    let repositories: BTreeSet<String> = images.flatten().map(|image| image.repository.arn()).collect();
    if repositories.is_empty() {
        return Vec::new();
    }
    let look = Statement::new("OptionalLookForImages", ["ecr:BatchGetImage"]);
    let look = look.and("ecr:GetDownloadUrlForLayer", Platform::of_tasks(definition).is_some());
    // It knows no resource.
    let caches = Statement::new("OptionalLookForImageCaches", ["ecr:DescribePullThroughCacheRules"]);
    vec![look.on_all(repositories), caches.on("*")]
}

/// An ARN may lack the six characters that Secrets Manager puts behind a name.
fn secret_pattern(arn: &str) -> String {
    let end = arn.rsplit_once('-').map_or("", |(_, end)| end);
    let is_whole = end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_whole { literal(arn) } else { format!("{}-??????", literal(arn)) }
}
