//! The `AppSpec` file: JSON or YAML, into whose resources the revision is put; nothing else of it is changed
//! (<https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html>).

use std::path::Path;

use actions_core::Location;
use image_ref::Digest;
use serde_json::{Map, Value};

use crate::codedeploy::error::CodeDeployError;
use crate::document::{Document, Format};

/// An `AppSpec` file each of whose resources has a task definition.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AppSpec(Value);

impl AppSpec {
    /// Reads the text of the file at `path`, which is shown as `shown`.
    pub(super) fn parse(shown: &str, path: &Path, text: &str) -> Result<Self, CodeDeployError> {
        let document = Document::read(text, Format::of(path, text)).map_err(|flawed| {
            let (line, column) = (Some(flawed.at.line), Some(flawed.at.column));
            let location = Location { file: shown.to_owned(), line, column };
            CodeDeployError::AppSpecInvalid { location, why: flawed.flaw.to_string() }
        })?;
        let mut value = document.to_value();
        match task_definitions(&mut value) {
            Ok(_) => Ok(Self(value)),
            Err(why) => Err(CodeDeployError::AppSpecInvalid { location: Location::file(shown.to_owned()), why }),
        }
    }

    /// Reads a revision as `CodeDeploy` tells it; `None` when it is no `AppSpec` of ECS.
    pub(super) fn of_revision(revision: &Value) -> Option<Self> {
        let content = ["appSpecContent", "string"].iter().find_map(|kind| revision[*kind]["content"].as_str())?;
        let format = if content.trim_start().starts_with('{') { Format::Json } else { Format::Yaml };
        let mut value = Document::read(content, format).ok()?.to_value();
        task_definitions(&mut value).is_ok().then_some(Self(value))
    }

    /// What is deployed: the file with the revision `arn` in each resource.
    pub(crate) fn with(&self, arn: &str) -> Content {
        let mut value = self.0.clone();
        // What was parsed has them.
        for place in task_definitions(&mut value).unwrap_or_default() {
            *place = Value::from(arn);
        }
        Content::new(value)
    }

    /// The containers and ports that traffic is moved to.
    pub(super) fn load_balancers(&self) -> Vec<(String, Option<i64>)> {
        let mut value = self.0.clone();
        let mut found = Vec::new();
        for (_, properties) in properties(&mut value).unwrap_or_default() {
            let Ok(Value::Object(balancer)) = member(properties, "LoadBalancerInfo", "") else { continue };
            let container =
                member(balancer, "ContainerName", "").ok().and_then(|name| name.as_str()).map(str::to_owned);
            let port = member(balancer, "ContainerPort", "").ok().and_then(|port| port.as_i64());
            found.extend(container.map(|container| (container, port)));
        }
        found
    }

    /// The ARN of the revision that it deploys, when all its resources have the same one.
    pub(crate) fn revision(&self) -> Option<String> {
        let mut value = self.0.clone();
        let mut arns = task_definitions(&mut value).ok()?.into_iter().map(|arn| arn.as_str().map(str::to_owned));
        let first = arns.next()??;
        arns.all(|arn| arn.as_ref() == Some(&first)).then_some(first)
    }
}

/// What a deployment is made of: an `AppSpec` as it is sent, and its hash, by which `CodeDeploy` knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    value: Value,
    text: String,
    hash: String,
}

impl Content {
    fn new(value: Value) -> Self {
        let text = value.to_string();
        let hash = Digest::of(text.as_bytes()).hex().to_owned();
        Self { value, text, hash }
    }

    /// As it is sent.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the text, in hexadecimal digits.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether it says the same as `other`, however that is written.
    pub(super) fn says(&self, other: &AppSpec) -> bool {
        self.value == other.0
    }
}

/// The places of the task definitions, one in each resource.
fn task_definitions(appspec: &mut Value) -> Result<Vec<&mut Value>, String> {
    let places = properties(appspec)?.into_iter();
    places.map(|(name, properties)| member(properties, "TaskDefinition", name)).collect()
}

/// A resource's name and its properties.
type Named<'a> = (&'a String, &'a mut Map<String, Value>);

/// The properties of each resource, with its name.
fn properties(appspec: &mut Value) -> Result<Vec<Named<'_>>, String> {
    let top = appspec.as_object_mut().ok_or("it is no object")?;
    let resources = member(top, "Resources", "")?;
    let resources = resources.as_array_mut().ok_or("`Resources` is no list")?;
    let mut all = Vec::new();
    for resource in resources {
        let named = resource.as_object_mut().ok_or("a resource is no object")?;
        for (name, resource) in named {
            let resource = resource.as_object_mut().ok_or_else(|| format!("resource `{name}` is no object"))?;
            let properties = member(resource, "Properties", name)?;
            let properties =
                properties.as_object_mut().ok_or_else(|| format!("`Properties` of `{name}` is no object"))?;
            all.push((name, properties));
        }
    }
    if all.is_empty() { Err("`Resources` is empty".to_owned()) } else { Ok(all) }
}

/// The member of this name, in any case.
fn member<'a>(object: &'a mut Map<String, Value>, wanted: &str, of: &str) -> Result<&'a mut Value, String> {
    let found = object.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let whose = if of.is_empty() { String::new() } else { format!(" in `{of}`") };
    found.map(|(_, value)| value).ok_or_else(|| format!("`{wanted}` is missing{whose}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:8";
    const YAML: &str = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: app\n          ContainerPort: 80\nHooks:\n  - AfterAllowTestTraffic: arn:aws:lambda:eu-west-1:123456789012:function:smoke\n";

    fn parse(name: &str, text: &str) -> Result<AppSpec, String> {
        AppSpec::parse(name, Path::new(name), text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_traffic_moves_to_is_read() {
        assert_eq!(parse("a.yaml", YAML).unwrap().load_balancers(), [("app".to_owned(), Some(80))]);
        let without = r#"{"Resources": [{"S": {"Properties": {"TaskDefinition": "x"}}}]}"#;
        assert_eq!(parse("a.json", without).unwrap().load_balancers(), []);
    }

    #[test]
    fn the_revision_is_put_in_and_nothing_else_is_changed() {
        let found = parse("appspec.yaml", YAML).unwrap().with(ARN).value;
        let expect = json!({
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": ARN, "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 80}}}}],
            "Hooks": [{"AfterAllowTestTraffic": "arn:aws:lambda:eu-west-1:123456789012:function:smoke"}]
        });
        assert_eq!(found, expect);
        assert_eq!(AppSpec(found).revision().as_deref(), Some(ARN));
    }

    #[test]
    fn names_are_matched_in_any_case_and_keep_theirs() {
        let text = r#"{"version": 1, "resources": [{"a": {"properties": {"taskDefinition": "x"}}}, {"b": {"PROPERTIES": {"TASKDEFINITION": null}}}]}"#;
        let found = parse("appspec.json", text).unwrap().with(ARN).value;
        assert_eq!(found["resources"][0]["a"]["properties"]["taskDefinition"], ARN);
        assert_eq!(found["resources"][1]["b"]["PROPERTIES"]["TASKDEFINITION"], ARN);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, why) in [
            ("version: 1\n", "`Resources` is missing"),
            ("Resources: []\n", "`Resources` is empty"),
            ("Resources: {}\n", "`Resources` is no list"),
            ("Resources:\n  - S:\n      Type: x\n", "`Properties` is missing in `S`"),
            ("Resources:\n  - S:\n      Properties: {A: 1}\n", "`TaskDefinition` is missing in `S`"),
        ] {
            let found = parse("appspec.yaml", text).unwrap_err();
            assert!(found.contains(why), "{found}");
        }
        assert!(parse("appspec.json", "{").is_err());
    }

    #[test]
    fn what_a_deployment_holds_is_compared_as_it_is_meant() {
        let ours = parse("appspec.yaml", YAML).unwrap().with(ARN);
        let theirs = |content: &str| AppSpec::of_revision(&json!({"appSpecContent": {"content": content}}));
        assert!(theirs(ours.text()).is_some_and(|theirs| ours.says(&theirs)));
        assert!(theirs(&YAML.replace("<TASK_DEFINITION>", ARN)).is_some_and(|theirs| ours.says(&theirs)));
        assert!(theirs(YAML).is_some_and(|theirs| !ours.says(&theirs)));
        assert_eq!(theirs("version: 0.0\nResources:\n  - F:\n      Type: AWS::Lambda::Function\n"), None);
        assert_eq!(AppSpec::of_revision(&json!({"appSpecContent": {"sha256": ours.hash()}})), None);
    }

    #[test]
    fn the_hash_is_that_of_the_text() {
        let ours = parse("a.json", r#"{"Resources":[{"S":{"Properties":{"TaskDefinition":"x"}}}]}"#).unwrap().with("x");
        // As `printf %s TEXT | sha256sum` prints it.
        assert_eq!(ours.hash(), "9c7d99395e764cffc98093d4428a9addc0d0704200b8b35f4abdc9881f030be9");
    }

    proptest! {
        /// Whatever stands beside it stays, byte for byte.
        #[test]
        fn everything_else_stays(beside in "[a-zA-Z0-9 ]{0,20}", number in any::<u32>()) {
            let text = json!({"x": beside, "Resources": [{"S": {"Properties": {"TaskDefinition": "old", "n": number, "e": [""]}}}]});
            let found = parse("a.json", &text.to_string()).unwrap();
            prop_assert_eq!(found.with("old").value, text);
        }
    }
}
