//! One form for task definitions that mean the same: API defaults left out, lists without an order sorted, keyed lists as
//! objects. Used to compare; never sent.

use serde_json::{Map, Value};

use super::text;

/// Lists whose items have a key, and their order means nothing (containers included: `dependsOn` gives their order).
const KEYED: [(&str, &str); 6] = [
    ("containerDefinitions", "name"),
    ("environment", "name"),
    ("secrets", "name"),
    ("secretOptions", "name"),
    ("volumes", "name"),
    ("tags", "key"),
];

/// Lists of plain values without an order.
const SETS: [&str; 1] = ["requiresCompatibilities"];

/// The canonical form of a whole task definition.
pub(super) fn canonical(fields: &Map<String, Value>) -> Value {
    let network_mode = fields.get("networkMode").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut whole = object(fields, "");
    for name in ["cpu", "memory"] {
        if let Some(Value::String(size)) = whole.get_mut(name) {
            *size = task_size(size);
        }
    }
    if let Some(Value::Object(containers)) = whole.get_mut("containerDefinitions") {
        containers.values_mut().for_each(|container| port_mappings(container, &network_mode));
    }
    Value::Object(whole)
}

fn object(fields: &Map<String, Value>, parent: &str) -> Map<String, Value> {
    let free = has_free_keys(parent);
    let mut kept: Vec<(String, Value)> = fields
        .iter()
        .map(|(name, value)| (name.clone(), if free { value.clone() } else { member(name, value) }))
        .filter(|(name, value)| free || !is_default(parent, name, value))
        .collect();
    kept.sort_by(|left, right| left.0.cmp(&right.0));
    kept.into_iter().collect()
}

/// Maps whose keys are the user's: everything in them counts, the empty string too.
pub(super) fn has_free_keys(name: &str) -> bool {
    matches!(name, "dockerLabels" | "options" | "driverOpts" | "labels")
}

fn member(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(object(fields, name)),
        Value::Array(items) => list(name, items),
        other => other.clone(),
    }
}

fn list(name: &str, items: &[Value]) -> Value {
    let items: Vec<Value> = items.iter().map(|item| member(name, item)).collect();
    if let Some(names) = item_names(name, &items) {
        let mut named: Vec<(&str, &Value)> = names.into_iter().zip(&items).collect();
        named.sort_by_key(|(name, _)| *name);
        return Value::Object(named.into_iter().map(|(name, item)| (name.to_owned(), item.clone())).collect());
    }
    if SETS.contains(&name) {
        let mut items = items;
        items.sort_by_key(ToString::to_string);
        return Value::Array(items);
    }
    Value::Array(items)
}

/// The names of the items of the list `list`, in order; `None` when it has no names, or one is missing or there twice.
pub(super) fn item_names<'a>(list: &str, items: &'a [Value]) -> Option<Vec<&'a str>> {
    let (_, key) = KEYED.iter().find(|(name, _)| *name == list)?;
    let names: Vec<&str> = items.iter().map(|item| text(item, key)).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    let usable =
        sorted.first().is_none_or(|first| !first.is_empty()) && sorted.windows(2).all(|pair| pair[0] != pair[1]);
    usable.then_some(names)
}

/// Whether ECS answers `value` for `parent.name` when nothing was said, so that saying it changes nothing.
///
/// Empty lists and objects are defaults wherever ECS names the member; `command: []` means the image's own, as no `command`
/// does (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>).
fn is_default(parent: &str, name: &str, value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(value) => match name {
            "essential" => *value,
            "privileged"
            | "readonlyRootFilesystem"
            | "disableNetworking"
            | "interactive"
            | "pseudoTerminal"
            | "readOnly"
            | "enableFaultInjection"
            | "initProcessEnabled"
            | "configuredAtLaunch"
            | "autoprovision" => !*value,
            _ => false,
        },
        Value::Number(number) => {
            let default = match (parent, name) {
                ("containerDefinitions", "cpu") | ("healthCheck", "startPeriod") => 0,
                ("healthCheck", "interval") => 30,
                ("healthCheck", "timeout") => 5,
                ("healthCheck", "retries") => 3,
                _ => return false,
            };
            number.as_i64() == Some(default)
        }
        Value::String(text) => match (parent, name) {
            ("portMappings", "protocol") => text == "tcp",
            ("efsVolumeConfiguration", "rootDirectory") => text == "/",
            ("efsVolumeConfiguration", "transitEncryption") | ("authorizationConfig", "iam") => text == "DISABLED",
            ("dockerVolumeConfiguration", "scope") => text == "task",
            ("dockerVolumeConfiguration", "driver") => text == "local",
            // What holds on Linux when none is named, and Windows knows no `bridge`
            // (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#network_mode>).
            ("", "networkMode") => text == "bridge",
            // No role, no mode: the same as not naming one.
            ("", "executionRoleArn" | "taskRoleArn" | "ipcMode" | "pidMode") => text.is_empty(),
            _ => false,
        },
        Value::Null => true,
    }
}

/// Leaves out the host port where it says what holds anyway
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html>).
fn port_mappings(container: &mut Value, network_mode: &str) {
    let mappings = container.get_mut("portMappings").and_then(Value::as_array_mut);
    for mapping in mappings.into_iter().flatten().filter_map(Value::as_object_mut) {
        let host = mapping.get("hostPort").and_then(Value::as_i64);
        let same = host == mapping.get("containerPort").and_then(Value::as_i64);
        let implied = match network_mode {
            "awsvpc" | "host" => same || host == Some(0),
            _ => host == Some(0),
        };
        if implied {
            mapping.shift_remove("hostPort");
        }
    }
}

/// A task's `cpu` or `memory` in the unit ECS answers in: `1 vCPU` is `1024`, `2 GB` is `2048`.
fn task_size(size: &str) -> String {
    let lower = size.to_ascii_lowercase();
    let number = ["vcpu", "gb"].iter().find_map(|unit| lower.strip_suffix(unit)).map(str::trim);
    match number.and_then(thousandths) {
        Some(thousandths) if (thousandths * 1024).is_multiple_of(1000) => (thousandths * 1024 / 1000).to_string(),
        _ => size.to_owned(),
    }
}

/// A decimal number with up to three decimals, in thousandths.
fn thousandths(number: &str) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 3 || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u64 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(1000)?.checked_add(part).filter(|sum| *sum < 1_000_000_000)
}
