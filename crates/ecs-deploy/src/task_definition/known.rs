//! The fields of the API as of 2026, to recognize a misspelling of one of them. A field that is not listed is sent all the
//! same: the list is never used to leave anything out.

use serde_json::{Map, Value};

const TASK: &[&str] = &[
    "family",
    "containerDefinitions",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "tags",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
];

const CONTAINER: &[&str] = &[
    "name",
    "image",
    "repositoryCredentials",
    "cpu",
    "memory",
    "memoryReservation",
    "links",
    "portMappings",
    "essential",
    "restartPolicy",
    "entryPoint",
    "command",
    "environment",
    "environmentFiles",
    "mountPoints",
    "volumesFrom",
    "linuxParameters",
    "secrets",
    "dependsOn",
    "startTimeout",
    "stopTimeout",
    "versionConsistency",
    "hostname",
    "user",
    "workingDirectory",
    "disableNetworking",
    "privileged",
    "readonlyRootFilesystem",
    "dnsServers",
    "dnsSearchDomains",
    "extraHosts",
    "dockerSecurityOptions",
    "interactive",
    "pseudoTerminal",
    "dockerLabels",
    "ulimits",
    "logConfiguration",
    "healthCheck",
    "systemControls",
    "resourceRequirements",
    "firelensConfiguration",
    "credentialSpecs",
];

const LOG_CONFIGURATION: &[&str] = &["logDriver", "options", "secretOptions"];
const HEALTH_CHECK: &[&str] = &["command", "interval", "timeout", "retries", "startPeriod"];
const RUNTIME_PLATFORM: &[&str] = &["cpuArchitecture", "operatingSystemFamily"];
const VARIABLE: &[&str] = &["name", "value"];
const SECRET: &[&str] = &["name", "valueFrom"];
const PORT_MAPPING: &[&str] = &["containerPort", "hostPort", "protocol", "name", "appProtocol", "containerPortRange"];

/// A field counts as a misspelling from this likeness on (Jaro-Winkler): `enviroment` has 0.98, `links` and `ulimits` 0.85.
const LIKENESS: f64 = 0.92;

/// The fields that look like a misspelling: the path, and the field that was probably meant.
pub(super) fn misspellings(task: &Map<String, Value>) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    level("", task, TASK, &mut found);
    nested("", task, "runtimePlatform", RUNTIME_PLATFORM, &mut found);
    for container in items(task, "containerDefinitions") {
        let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
        let path = format!("containerDefinitions.{name}.");
        level(&path, container, CONTAINER, &mut found);
        nested(&path, container, "logConfiguration", LOG_CONFIGURATION, &mut found);
        nested(&path, container, "healthCheck", HEALTH_CHECK, &mut found);
        for (list, known) in [("environment", VARIABLE), ("secrets", SECRET), ("portMappings", PORT_MAPPING)] {
            for (index, item) in items(container, list).enumerate() {
                level(&format!("{path}{list}[{index}]."), item, known, &mut found);
            }
        }
    }
    found
}

fn items<'a>(fields: &'a Map<String, Value>, list: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    fields.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn nested(
    path: &str,
    fields: &Map<String, Value>,
    name: &str,
    known: &'static [&'static str],
    found: &mut Vec<(String, &'static str)>,
) {
    if let Some(Value::Object(inner)) = fields.get(name) {
        level(&format!("{path}{name}."), inner, known, found);
    }
}

fn level(
    path: &str,
    fields: &Map<String, Value>,
    known: &'static [&'static str],
    found: &mut Vec<(String, &'static str)>,
) {
    for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
        let lower = name.to_lowercase();
        let nearest = known
            .iter()
            .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), *candidate))
            .max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((likeness, meant)) = nearest
            && likeness >= LIKENESS
        {
            found.push((format!("{path}{name}"), meant));
        }
    }
}
