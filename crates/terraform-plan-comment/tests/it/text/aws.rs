//! Plans of the AWS provider: nested blocks, sets, maps and the legacy SDK. Nothing is called: the provider plans without
//! credentials, and the state is made of what it planned.

use std::path::Path;

use serde_json::{Value, json};

use super::workspace::{Schemas, Workspace, mirror};

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
"#;

const BEFORE: &str = include_str!("aws/before.tf");
const AFTER: &str = include_str!("aws/after.tf");

/// A folder that has the provider; `None` where that cannot be had, which is said.
fn workspace() -> Option<Workspace> {
    let workspace = Workspace::new()?;
    let Some(mirror) = mirror(PROVIDER) else {
        eprintln!("SKIPPED generated plans of the AWS provider: the AWS provider is in no local mirror");
        return None;
    };
    workspace.write("terraform.rc", &rc(&mirror));
    Some(workspace)
}

fn rc(mirror: &Path) -> String {
    format!(
        "disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        mirror.display()
    )
}

/// A state in which everything that was planned exists: what is known after apply is made up, and what is sensitive as a
/// whole attribute is marked.
fn state(plan: &Value) -> Value {
    let planned = plan["planned_values"]["root_module"]["resources"].as_array().unwrap();
    let resources = planned.iter().map(|resource| {
        let mut attributes = resource["values"].clone();
        for (name, value) in [("id", "made-up-id"), ("arn", "arn:aws:made:up:::arn")] {
            if attributes[name].is_null() {
                attributes[name] = json!(format!("{value}-{}", resource["name"].as_str().unwrap()));
            }
        }
        let sensitive =
            resource["sensitive_values"].as_object().unwrap().iter().filter(|(_, flag)| **flag == json!(true));
        let sensitive: Vec<Value> = sensitive.map(|(name, _)| json!([{ "type": "get_attr", "value": name }])).collect();
        json!({ "mode": "managed", "type": resource["type"], "name": resource["name"],
                "provider": format!("provider[\"{PROVIDER}\"]"),
                "instances": [{ "schema_version": resource["schema_version"], "attributes": attributes,
                                "sensitive_attributes": sensitive }] })
    });
    json!({ "version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "made-up", "outputs": {},
            "resources": resources.collect::<Vec<_>>() })
}

#[test]
fn generated_plans_of_the_aws_provider_are_shown_as_terraform_shows_them() {
    let Some(workspace) = workspace() else { return };
    let before = format!("{CONFIGURATION}{BEFORE}");
    let created = workspace.plan(&before, &["-refresh=false"]);
    workspace.keep_schemas();
    check("creation", &workspace);
    workspace.write("terraform.tfstate", &state(&created).to_string());
    workspace.plan(&format!("{CONFIGURATION}{AFTER}"), &["-refresh=false"]);
    check("change", &workspace);
    workspace.plan(&before, &["-refresh=false", "-destroy"]);
    check("destruction", &workspace);
}

#[track_caller]
fn check(what: &str, workspace: &Workspace) {
    let without = workspace.compare(Schemas::Missing);
    // An old value of a variable that no state marks is a secret all the same: it stands in a password too.
    let with = workspace.compare(Schemas::Given).without_copies_of(&["correct-horse-battery"]);
    println!("{what}: {} with schemas, {} without", with.percentage(), without.percentage());
    assert!(with.lines > 50 && with.different.is_empty(), "{with}");
}
