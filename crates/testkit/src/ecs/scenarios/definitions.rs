//! Task definitions with something special in them.

use serde_json::json;

use super::super::scenario::{Official, Scenario};

pub(super) fn all() -> Vec<Scenario> {
    vec![unknown_fields(), unknown_fields_lost(), empty_strings()]
}

fn unknown_fields() -> Scenario {
    let mut scenario =
        Scenario::new("unknown-fields", "The file has a member that is newer than every SDK, and ECS knows it.");
    scenario.definition["quantumIsolation"] = json!({"mode": "full"});
    scenario.definition["containerDefinitions"][0]["restartBudget"] = json!(3);
    scenario.unknown = vec!["quantumIsolation", "containerDefinitions[].restartBudget"];
    scenario
}

fn unknown_fields_lost() -> Scenario {
    let mut scenario = unknown_fields().aws("-", None).ours("", 2).official(Official::Success);
    scenario.name = "unknown-fields-lost";
    scenario.what = "The file has a member that nobody knows, and ECS registers the revision without it.";
    scenario.loses = vec!["/quantumIsolation", "/containerDefinitions/0/restartBudget"];
    scenario
}

fn empty_strings() -> Scenario {
    let mut scenario =
        Scenario::new("empty-strings", "Empty strings stand in the command, the entry point, a label, a log option.");
    let app = &mut scenario.definition["containerDefinitions"][0];
    app["entryPoint"] = json!([""]);
    app["command"] = json!(["sh", "-c", "", "echo"]);
    app["dockerLabels"] = json!({"traefik.enable": ""});
    app["environment"][0]["value"] = json!("");
    scenario.definition["tags"] = json!([{"key": "team", "value": ""}]);
    scenario
}
