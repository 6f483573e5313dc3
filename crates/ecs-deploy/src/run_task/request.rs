//! What `RunTask` is asked for: what was given, and for the rest what the service has. Pure.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::TaskError;
use crate::run_task::TaskInputs;
use crate::service::{list, owned};
use crate::task_definition::text;

/// Where a service's tasks run, as ECS writes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Placement {
    /// `awsvpcConfiguration`; null outside of a VPC.
    network: Value,
    /// `capacityProviderStrategy`; empty where a launch type is used.
    strategy: Vec<Value>,
    launch_type: String,
    platform_version: String,
}

/// How a task is run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TaskPlan {
    /// The service that network and capacity come from.
    pub(crate) service: Option<String>,
    /// `FARGATE`, or the capacity providers.
    pub(crate) capacity: String,
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    /// The containers whose settings are overridden; the values may be secret.
    pub(crate) overridden: Vec<String>,
    /// Whether its end is waited for.
    pub(crate) is_waited_for: bool,
    pub(crate) warnings: Vec<String>,
    /// The body of `RunTask` without cluster, task definition and token.
    #[serde(skip)]
    pub(crate) request: Map<String, Value>,
}

impl Placement {
    /// Reads it out of a service; a service of task sets has it there.
    pub(crate) fn of(service: &Value) -> Self {
        let primary = |name: &str| list(service, name).find(|entry| text(entry, "status") == "PRIMARY");
        let places: Vec<&Value> =
            [Some(service), primary("deployments"), primary("taskSets")].into_iter().flatten().collect();
        let with = |name: &str| places.iter().map(|place| &place[name]).find(|value| !is_nothing(value));
        let word = |name: &str| with(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            network: with("networkConfiguration")
                .map(|network| network["awsvpcConfiguration"].clone())
                .unwrap_or_default(),
            strategy: with("capacityProviderStrategy").and_then(Value::as_array).cloned().unwrap_or_default(),
            launch_type: word("launchType"),
            platform_version: word("platformVersion"),
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Decides how the task of `definition` is run. `services` are those that it may inherit from, each with its name.
pub(crate) fn plan(
    inputs: &TaskInputs,
    definition: &Value,
    services: &[(&str, &Placement)],
) -> Result<TaskPlan, TaskError> {
    must_have_containers(&inputs.overrides, definition)?;
    let inherited = inherited(inputs, services)?;
    let none = Placement::default();
    let placement = inherited.map_or(&none, |(_, placement)| placement);
    let mut request = Map::new();
    let capacity = capacity(inputs, placement, &mut request);
    let mut warnings = Vec::new();
    let network = network(inputs, definition, placement, &mut warnings)?;
    let listed = |name: &str| list(&network, name).filter_map(Value::as_str).map(str::to_owned).collect();
    let (subnets, security_groups) = (listed("subnets"), listed("securityGroups"));
    if !network.is_null() {
        request.insert("networkConfiguration".to_owned(), json!({"awsvpcConfiguration": network}));
    }
    if inputs.wait.is_none() {
        warnings.push("`wait-for-task-stopped` is false: nothing depends on how the task ends".to_owned());
    }
    request.insert("count".to_owned(), json!(1));
    request.insert("startedBy".to_owned(), json!(inputs.started_by));
    let given = [
        ("overrides", (!inputs.overrides.is_empty()).then(|| json!({"containerOverrides": inputs.overrides}))),
        ("tags", (!inputs.tags.is_empty()).then(|| json!(inputs.tags))),
        ("enableECSManagedTags", inputs.managed_tags.map(Value::from)),
        ("volumeConfigurations", inputs.volume.as_ref().map(|volume| json!([volume]))),
    ];
    for (name, value) in given {
        request.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(TaskPlan {
        service: inherited.map(|(name, _)| name.to_owned()),
        capacity,
        subnets,
        security_groups,
        overridden: inputs.overrides.iter().map(|entry| owned(entry, "name")).collect(),
        is_waited_for: inputs.wait.is_some(),
        warnings,
        request,
    })
}

fn must_have_containers(overrides: &[Value], definition: &Value) -> Result<(), TaskError> {
    let found: Vec<String> =
        list(definition, "containerDefinitions").map(|container| owned(container, "name")).collect();
    let unknown = overrides.iter().map(|entry| owned(entry, "name")).find(|name| !found.contains(name));
    unknown.map_or(Ok(()), |container| Err(TaskError::UnknownContainer { container, found }))
}

/// The service that was named, or the only one, or any of several that are alike.
fn inherited<'a>(
    inputs: &TaskInputs,
    services: &[(&'a str, &'a Placement)],
) -> Result<Option<(&'a str, &'a Placement)>, TaskError> {
    if let Some(named) = &inputs.service {
        return Ok(services.iter().find(|(name, _)| *name == named.name()).copied());
    }
    let differ = services.windows(2).any(|pair| pair[0].1 != pair[1].1);
    if differ {
        return Err(TaskError::DifferentServices {
            services: services.iter().map(|(name, _)| (*name).to_owned()).collect(),
        });
    }
    Ok(services.first().copied())
}

/// Writes strategy or launch type into the request, and tells it. ECS refuses both at once
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>).
fn capacity(inputs: &TaskInputs, placement: &Placement, request: &mut Map<String, Value>) -> String {
    let is_given = !inputs.strategy.is_empty() || inputs.launch_type.is_some();
    let (strategy, launch_type) = match (is_given, placement.launch_type.as_str()) {
        (true, _) => (&inputs.strategy, inputs.launch_type.unwrap_or_default()),
        (false, "") if placement.strategy.is_empty() => (&inputs.strategy, "FARGATE"),
        (false, own) => (&placement.strategy, own),
    };
    let providers: Vec<&str> = strategy.iter().map(|entry| text(entry, "capacityProvider")).collect();
    let on_fargate = if providers.is_empty() {
        launch_type == "FARGATE"
    } else {
        providers.iter().all(|name| name.starts_with("FARGATE"))
    };
    if on_fargate && !is_given && !placement.platform_version.is_empty() {
        request.insert("platformVersion".to_owned(), json!(placement.platform_version));
    }
    if providers.is_empty() {
        request.insert("launchType".to_owned(), json!(launch_type));
        return launch_type.to_owned();
    }
    request.insert("capacityProviderStrategy".to_owned(), json!(strategy));
    providers.join(", ")
}

/// The `awsvpcConfiguration`; null where the task definition has no network of its own.
fn network(
    inputs: &TaskInputs,
    definition: &Value,
    placement: &Placement,
    warnings: &mut Vec<String>,
) -> Result<Value, TaskError> {
    let is_given = !inputs.subnets.is_empty() || !inputs.security_groups.is_empty() || inputs.public_ip.is_some();
    if text(definition, "networkMode") != "awsvpc" {
        if is_given {
            warnings.push(
                "subnets and security groups of the task are not used: its network mode is not awsvpc".to_owned(),
            );
        }
        return Ok(Value::Null);
    }
    let mut network = placement.network.as_object().cloned().unwrap_or_default();
    for (name, given) in [("subnets", &inputs.subnets), ("securityGroups", &inputs.security_groups)] {
        if !given.is_empty() {
            network.insert(name.to_owned(), json!(given));
        }
    }
    if network.get("subnets").is_none_or(is_nothing) {
        return Err(TaskError::NoNetwork { family: owned(definition, "family") });
    }
    if let Some(choice) = inputs.public_ip {
        network.insert("assignPublicIp".to_owned(), json!(choice));
    }
    network.entry("assignPublicIp").or_insert_with(|| json!("DISABLED"));
    network.retain(|_, value| !is_nothing(value));
    Ok(Value::Object(network))
}

#[cfg(test)]
mod tests;
