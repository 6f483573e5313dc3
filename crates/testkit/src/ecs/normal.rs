//! What ECS makes of a task definition that is registered: defaults filled in, sizes in one unit, variables in another order.
//!
//! A tool that compares what it sent with what it reads back must know that both mean the same.

use serde_json::{Map, Value, json};

/// The task definition as ECS answers it.
pub(super) fn normal(mut definition: Value) -> Value {
    let Some(fields) = definition.as_object_mut() else { return definition };
    for (name, value) in [("volumes", json!([])), ("placementConstraints", json!([]))] {
        fields.entry(name).or_insert(value);
    }
    for name in ["cpu", "memory"] {
        if let Some(Value::String(size)) = fields.get_mut(name) {
            *size = in_units(size).unwrap_or_else(|| size.clone());
        }
    }
    let shares_its_ports = matches!(fields.get("networkMode").and_then(Value::as_str), Some("awsvpc" | "host"));
    objects(fields.get_mut("containerDefinitions")).for_each(|own| container(own, shares_its_ports));
    objects(fields.get_mut("volumes")).for_each(volume);
    definition
}

/// `1 vCPU` is answered as `1024`, `4 GB` as `4096`
/// (<https://github.com/hashicorp/terraform-provider-aws/issues/42780>,
/// <https://github.com/hashicorp/terraform-provider-aws/issues/29139>).
#[expect(clippy::cast_possible_truncation, reason = "a few thousands")]
fn in_units(size: &str) -> Option<String> {
    let lower = size.to_ascii_lowercase();
    let number = lower.strip_suffix("vcpu").or_else(|| lower.strip_suffix("gb"))?;
    let number: f64 = number.trim().parse().ok()?;
    Some(((number * 1024.0).round() as i64).to_string())
}

/// The lists and numbers that were left out, as terraform-provider-aws has to undo them in its `containerDefinitions.reduce`
/// (<https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/container_definitions.go>).
fn container(fields: &mut Map<String, Value>, shares_its_ports: bool) {
    fields.entry("essential").or_insert(json!(true));
    fields.entry("cpu").or_insert(json!(0));
    for name in ["environment", "mountPoints", "portMappings", "systemControls", "volumesFrom"] {
        fields.entry(name).or_insert(json!([]));
    }
    objects(fields.get_mut("portMappings")).for_each(|mapping| port_mapping(mapping, shares_its_ports));
    if let Some(Value::Object(check)) = fields.get_mut("healthCheck") {
        // <https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/148>
        for (name, seconds) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(name).or_insert(json!(seconds));
        }
    }
    if let Some(Value::Array(variables)) = fields.get_mut("environment") {
        // <https://github.com/aws-actions/amazon-ecs-deploy-task-definition/pull/224>
        variables.retain(|variable| variable["value"].is_string());
    }
    // ECS keeps no order of variables: <https://github.com/hashicorp/terraform-provider-aws/pull/11463>
    for name in ["environment", "secrets"] {
        fields.get_mut(name).and_then(Value::as_array_mut).into_iter().for_each(|variables| variables.reverse());
    }
}

/// Where the container has the task's or the host's network the host port is the container's, else any
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html>).
fn port_mapping(fields: &mut Map<String, Value>, shares_its_ports: bool) {
    fields.entry("protocol").or_insert(json!("tcp"));
    let Some(port) = fields.get("containerPort").cloned() else { return };
    let host = fields.entry("hostPort").or_insert(json!(0));
    if shares_its_ports && *host == 0 {
        *host = port;
    }
}

/// `"host": {}` and no `host` mean the same (<https://github.com/awsdocs/amazon-ecs-developer-guide/pull/120>), so whatever was sent is
/// answered the other way.
fn volume(fields: &mut Map<String, Value>) {
    match fields.get("host") {
        None if fields.len() == 1 => drop(fields.insert("host".to_owned(), json!({}))),
        Some(host) if *host == json!({}) => drop(fields.remove("host")),
        None | Some(_) => {}
    }
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    list.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_filled_in() {
        let told = normal(json!({
            "networkMode": "awsvpc", "cpu": ".25 vCPU", "memory": "2GB", "volumes": [{"name": "scratch"}, {"name": "run", "host": {}}],
            "containerDefinitions": [{
                "name": "app", "portMappings": [{"containerPort": 80}, {"containerPortRange": "90-99", "protocol": "udp"}],
                "healthCheck": {"command": ["CMD", "true"], "retries": 5},
                "environment": [{"name": "A", "value": ""}, {"name": "B"}, {"name": "C", "value": null}, {"name": "D", "value": "d"}]
            }]
        }));
        let container = json!({
            "name": "app", "essential": true, "cpu": 0, "mountPoints": [], "systemControls": [], "volumesFrom": [],
            "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}, {"containerPortRange": "90-99", "protocol": "udp"}],
            "healthCheck": {"command": ["CMD", "true"], "retries": 5, "interval": 30, "timeout": 5},
            "environment": [{"name": "D", "value": "d"}, {"name": "A", "value": ""}]
        });
        let expect = json!({
            "networkMode": "awsvpc", "cpu": "256", "memory": "2048", "placementConstraints": [],
            "volumes": [{"name": "scratch", "host": {}}, {"name": "run"}], "containerDefinitions": [container]
        });
        assert_eq!(told, expect);
    }

    #[test]
    fn what_was_said_stays() {
        let said = json!({
            "cpu": "512", "placementConstraints": [], "volumes": [{"name": "data", "host": {"sourcePath": "/data"}}],
            "containerDefinitions": [{
                "name": "app", "essential": false, "cpu": 5, "environment": [], "mountPoints": [], "systemControls": [], "volumesFrom": [],
                "portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "udp"}]
            }]
        });
        assert_eq!(normal(said.clone()), said);
    }
}
