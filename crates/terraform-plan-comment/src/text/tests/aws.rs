//! Plans of the AWS provider: nested blocks, sets, maps and the legacy SDK. Nothing is called: the provider plans without
//! credentials, and the state is made of what it planned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::workspace::{Planned, Workspace, mirror};
use crate::schema::SchemaFile;

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// The old value of a variable that no state marks: it is a secret all the same, and stands in a password too.
const COPIED: &str = "correct-horse-battery";

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
    let Some(package) = mirror(PROVIDER).and_then(|mirror| package(&mirror.join(PROVIDER))) else {
        eprintln!("SKIPPED generated plans of the AWS provider: the AWS provider is in no local mirror");
        return None;
    };
    // An override is used as it is. A package of a mirror would be hashed again by each command, some hundred megabytes.
    let overrides = format!("dev_overrides {{\n    \"hashicorp/aws\" = \"{}\"\n  }}\n  direct {{}}", package.display());
    workspace
        .write("terraform.rc", &format!("disable_checkpoint = true\nprovider_installation {{\n  {overrides}\n}}\n"));
    // There is nothing left to install.
    std::fs::create_dir(workspace.path().join(".terraform")).unwrap();
    Some(workspace)
}

/// The unpacked provider in a mirror: below its version and its platform.
fn package(provider: &Path) -> Option<PathBuf> {
    let folder = |path: &Path| {
        std::fs::read_dir(path).ok()?.filter_map(|entry| Some(entry.ok()?.path())).find(|path| path.is_dir())
    };
    folder(&folder(provider)?)
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

/// The schemas of the types in `plan` alone, without what is written for people: those of the whole provider are tens of
/// megabytes.
fn schemas(all: &str, plan: &Value) -> String {
    let file: File<'_> = serde_json::from_str(all).unwrap();
    let planned = plan["planned_values"]["root_module"]["resources"].as_array().unwrap();
    let kinds: BTreeSet<&str> = planned.iter().map(|resource| resource["type"].as_str().unwrap()).collect();
    let schema = |kind: &str| {
        let mut schema = serde_json::from_str(file.provider_schemas[PROVIDER].resource_schemas[kind].get()).unwrap();
        leave_out_descriptions(&mut schema);
        schema
    };
    let schemas: BTreeMap<&str, Value> = kinds.into_iter().map(|kind| (kind, schema(kind))).collect();
    json!({ "format_version": "1.0", "provider_schemas": { PROVIDER: { "resource_schemas": schemas } } }).to_string()
}

fn leave_out_descriptions(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            entries.retain(|name, value| !(name.starts_with("description") && value.is_string()));
            entries.values_mut().for_each(leave_out_descriptions);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_descriptions),
        _ => {}
    }
}

#[derive(serde::Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    provider_schemas: BTreeMap<String, Provider<'a>>,
}

#[derive(serde::Deserialize)]
struct Provider<'a> {
    #[serde(borrow, default)]
    resource_schemas: BTreeMap<String, &'a RawValue>,
}

#[test]
fn generated_plans_of_the_aws_provider_are_shown_as_terraform_shows_them() {
    let Some(workspace) = workspace() else { return };
    let before = format!("{CONFIGURATION}{BEFORE}");
    let created = workspace.plan(&before, &["-refresh=false"]);
    let all = workspace.schemas();
    check_catalog(&all);
    let schemas = schemas(&all, &created.value());
    keep("schemas.json", &schemas);
    check("creation", &created, &schemas);
    workspace.write("terraform.tfstate", &state(&created.value()).to_string());
    check("change", &workspace.plan(&format!("{CONFIGURATION}{AFTER}"), &["-refresh=false"]), &schemas);
    check("destruction", &workspace.plan(&before, &["-refresh=false", "-destroy"]), &schemas);
}

/// What is known of the provider's types is so.
fn check_catalog(all: &str) {
    let file: File<'_> = serde_json::from_str(all).unwrap();
    let kinds = file.provider_schemas[PROVIDER].resource_schemas.keys().map(String::as_str);
    let has_attribute = |name: &str| all.contains(&format!("\"{name}\":{{"));
    assert_eq!(crate::risk::tests::unknown_names(kinds, &has_attribute), [""; 0]);
}

#[track_caller]
fn check(what: &str, planned: &Planned, schemas: &str) {
    let without = planned.compare(&SchemaFile::default());
    let with = planned.compare(&SchemaFile::new(schemas.as_bytes()).unwrap()).without_copies_of(&[COPIED]);
    println!("{what}: {} with schemas, {} without", with.percentage(), without.percentage());
    assert!(with.lines > 50 && with.different.is_empty(), "{with}");
    keep(&format!("{what}.json"), &planned.json);
    keep(&format!("{what}.show.txt"), &planned.shown);
}

/// Writes a file of `tests/plans/aws` anew, where `WRITE_PLANS` asks for it.
fn keep(name: &str, content: &str) {
    if std::env::var_os("WRITE_PLANS").is_some() {
        std::fs::write(super::golden::plans().join("aws").join(name), content).unwrap();
    }
}
