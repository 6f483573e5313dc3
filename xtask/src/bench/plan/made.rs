//! The plans that are measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::bench::contender::write;

/// Resources of the plan with a large prior state.
const MANY: usize = 10_000;

/// Every so many of them changes.
const CHANGED: usize = 100;

/// The length of each of their texts: three times in the plan, that is 100 MB in all.
const TEXT: usize = 4_700;

/// Resources of the plan with secrets.
const SECRETIVE: usize = 4_000;

/// The attributes of each of them, of which every other one is marked.
const ATTRIBUTES: usize = 20;

/// A plan that Terraform made.
pub(super) struct Planned {
    /// The root module.
    pub(super) folder: PathBuf,
    /// Terraform's own plan.
    pub(super) binary: PathBuf,
    /// The same as JSON.
    pub(super) json: PathBuf,
}

/// The plans.
pub(super) struct Plans {
    /// Resources with a text each: 3 MB of JSON for 5,000.
    pub(super) plain: Planned,
    /// As many with an object each, in which there are a list and tags.
    pub(super) rich: Planned,
    /// A plan with a large prior state.
    pub(super) large: PathBuf,
    /// A plan of many short attributes, half of them secret, all of which change; its state beside them, as Terraform writes it.
    pub(super) secretive: PathBuf,
}

impl Plans {
    /// Lets Terraform plan `resources` resources in `work`, unless it has.
    pub(super) fn make(terraform: &Path, work: &Path, resources: usize) -> Result<Self, String> {
        let plans = Self {
            plain: Planned::make(terraform, work.join("plain"), &configuration(resources, PLAIN))?,
            rich: Planned::make(terraform, work.join("rich"), &configuration(resources, RICH))?,
            large: work.join("large.json"),
            secretive: work.join("secretive.json"),
        };
        if !plans.large.is_file() {
            write(&plans.large, &large().to_string())?;
        }
        if !plans.secretive.is_file() {
            write(&plans.secretive, &secretive().to_string())?;
        }
        Ok(plans)
    }
}

impl Planned {
    fn make(terraform: &Path, folder: PathBuf, configuration: &str) -> Result<Self, String> {
        let planned = Self { binary: folder.join("tfplan"), json: folder.join("plan.json"), folder };
        if !planned.json.is_file() {
            write(&planned.folder.join("main.tf"), configuration)?;
            planned.terraform(terraform, &["init", "-input=false", "-no-color"])?;
            planned.terraform(terraform, &["plan", "-input=false", "-no-color", "-out=tfplan"])?;
            let json = planned.terraform(terraform, &["show", "-json", "tfplan"])?;
            write(&planned.json, &json)?;
        }
        Ok(planned)
    }

    fn terraform(&self, terraform: &Path, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(terraform);
        command.current_dir(&self.folder).env("CHECKPOINT_DISABLE", "1").args(arguments);
        let output = command.output().map_err(|error| format!("terraform: {error}"))?;
        if !output.status.success() {
            return Err(format!("terraform {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|error| format!("terraform {arguments:?}: {error}"))
    }
}

const PLAIN: &str = "\"web-${count.index}\"";
const RICH: &str = "{
    name  = \"web-${count.index}\"
    image = \"shop/web:1.2.${count.index}\"
    ports = [80, 443, 8000 + count.index]
    tags  = { Owner = \"shop\", Index = tostring(count.index) }
  }";

/// Resources of the one type that needs no provider.
fn configuration(resources: usize, input: &str) -> String {
    format!("resource \"terraform_data\" \"web\" {{\n  count = {resources}\n  input = {input}\n}}\n")
}

fn secretive() -> Value {
    let name = |attribute: usize| format!("attribute_{attribute:02}");
    let values = |index: usize, what: &str| {
        let text = |attribute: usize| Value::from(format!("{what}-{index}-{attribute}"));
        (0..ATTRIBUTES).map(|attribute| (name(attribute), text(attribute))).collect::<serde_json::Map<_, _>>()
    };
    let mask: serde_json::Map<_, _> =
        (0..ATTRIBUTES).step_by(2).map(|attribute| (name(attribute), true.into())).collect();
    let of = |index: usize| {
        json!({ "address": format!("aws_thing.web[{index}]"), "mode": "managed", "type": "aws_thing", "name": "web",
        "index": index, "provider_name": "registry.terraform.io/hashicorp/aws" })
    };
    let with = |mut object: Value, more: Value| {
        let (Value::Object(members), Value::Object(more)) = (&mut object, more) else { return object };
        members.extend(more);
        object
    };
    let change = |index: usize| {
        with(
            of(index),
            json!({ "change": { "actions": ["update"], "before": values(index, "old"), "after": values(index, "new"),
            "after_unknown": {}, "before_sensitive": mask, "after_sensitive": mask } }),
        )
    };
    let state = |what: &str| {
        let object = |index: usize| with(of(index), json!({ "values": values(index, what), "sensitive_values": mask }));
        json!({ "root_module": { "resources": (0..SECRETIVE).map(object).collect::<Vec<_>>() } })
    };
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "planned_values": state("new"),
        "resource_changes": (0..SECRETIVE).map(change).collect::<Vec<_>>(), "applyable": true, "complete": true, "errored": false,
        "prior_state": { "format_version": "1.0", "values": state("old") } })
}

fn large() -> Value {
    let text = |index: usize, what: &str| format!("{what} {index} ").repeat(TEXT / 16);
    let values = |index: usize, what: &str| json!({ "id": format!("i-{index:08x}"), "name": format!("web-{index}"), "document": text(index, what), "tags": { "Owner": "shop" } });
    let address = |index: usize| format!("aws_instance.web[{index}]");
    let changes = (0..MANY).map(|index| {
        let is_changed = index % CHANGED == 0;
        let (actions, after) =
            if is_changed { ("update", values(index, "other")) } else { ("no-op", values(index, "state")) };
        json!({ "address": address(index), "mode": "managed", "type": "aws_instance", "name": "web", "index": index,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": { "actions": [actions], "before": values(index, "state"), "after": after, "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": {} } })
    });
    let changes: Vec<Value> = changes.collect();
    let state = (0..MANY).map(|index| {
        json!({ "address": address(index), "mode": "managed", "type": "aws_instance", "name": "web", "index": index,
            "values": values(index, "state"), "sensitive_values": {} })
    });
    let state: Vec<Value> = state.collect();
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes, "applyable": true, "complete": true,
        "errored": false, "prior_state": { "format_version": "1.0", "values": { "root_module": { "resources": state } } } })
}
