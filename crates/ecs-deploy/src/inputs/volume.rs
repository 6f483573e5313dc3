//! The volume that ECS makes for each task.

use actions_core::InputErrors;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::VolumeArgs;
use crate::task_definition::{MANAGED_VOLUME, mistakes};

/// A volume as `UpdateService` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Its name in the task definition.
    pub name: String,
    /// How ECS makes it.
    #[serde(rename = "managedEBSVolume")]
    pub managed: Map<String, Value>,
}

impl Volume {
    /// The role that makes it.
    pub(crate) fn role(&self) -> &str {
        self.managed.get("roleArn").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether `present`, an element of a deployment's `volumeConfigurations`, has all that this says. ECS adds its defaults.
    pub(crate) fn is_in(&self, present: &Value) -> bool {
        let has = |(name, value): (&String, &Value)| present["managedEBSVolume"].get(name) == Some(value);
        present["name"] == self.name.as_str() && self.managed.iter().all(has)
    }
}

/// An input: its name, and what was typed.
type Typed<'a> = (&'static str, Option<&'a str>);

/// The volume of a service.
pub(super) fn parse(args: &VolumeArgs, bad: &mut InputErrors) -> Option<Volume> {
    let name = ("service-managed-ebs-volume-name", args.service_managed_ebs_volume_name.as_deref());
    volume(name, ("service-managed-ebs-volume", args.service_managed_ebs_volume.as_deref()), bad)
}

/// A volume that is named and described, or none. `{}` is the official action's word for none.
pub(crate) fn volume(name: Typed<'_>, described: Typed<'_>, bad: &mut InputErrors) -> Option<Volume> {
    let ((name_input, name), (volume_input, described)) = (name, described);
    let name = name.filter(|name| !name.is_empty());
    let described = described.filter(|text| !matches!(text.trim(), "" | "{}"));
    let mut lacks = |input, other| {
        let help = format!("give both, or remove `{other}`");
        bad.add(input, format!("is missing, and `{other}` is given"), Some(help));
        None
    };
    match (name, described) {
        (None, None) => None,
        (Some(_), None) => lacks(volume_input, name_input),
        (None, Some(_)) => lacks(name_input, volume_input),
        (Some(name), Some(text)) => match managed(text) {
            Ok(managed) => Some(Volume { name: name.to_owned(), managed }),
            Err(problem) => {
                let help = "write a JSON object as ECS's `managedEBSVolume`, with `roleArn`".to_owned();
                bad.add(volume_input, problem, Some(help));
                None
            }
        },
    }
}

/// It is never quoted.
fn managed(text: &str) -> Result<Map<String, Value>, String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("is no JSON from line {}, column {} on", error.line(), error.column()))?;
    let Value::Object(managed) = value else { return Err("is no JSON object".to_owned()) };
    match managed.get("roleArn").and_then(Value::as_str) {
        Some(role) if role.starts_with("arn:") => match mistakes(&Value::Object(managed.clone()), MANAGED_VOLUME) {
            None => Ok(managed),
            Some(mistakes) => Err(mistakes),
        },
        _ => Err("has no `roleArn`, the ARN of the role that makes the volume".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(name: &str, volume: &str) -> (Option<Volume>, usize) {
        let args = VolumeArgs {
            service_managed_ebs_volume_name: Some(name.to_owned()),
            service_managed_ebs_volume: Some(volume.to_owned()),
        };
        let mut bad = InputErrors::new();
        let volume = parse(&args, &mut bad);
        (volume, bad.iter().count())
    }

    #[test]
    fn both_inputs_belong_together() {
        assert_eq!(given("", ""), (None, 0));
        assert_eq!(given("", " {} "), (None, 0), "what the official action takes for nothing");
        assert_eq!(given("data", ""), (None, 1));
        assert_eq!(given("", r#"{"roleArn": "arn:aws:iam::1:role/ebs"}"#), (None, 1));
    }

    #[test]
    fn what_is_no_volume_is_refused() {
        for text in ["{", "[]", "{}", r#"{"roleArn": "ebs"}"#] {
            assert_eq!(given("data", text), (None, 1), "{text}");
        }
    }

    #[test]
    fn the_volume_is_sent_as_it_is_written() {
        let text = r#"{"roleArn": "arn:aws:iam::1:role/ebs", "sizeInGiB": 20, "aNewMember": [""]}"#;
        let volume = given("data", text).0.map(|volume| json!(volume));
        let expect = json!({"name": "data", "managedEBSVolume": serde_json::from_str::<Value>(text).unwrap()});
        assert_eq!(volume, Some(expect));
    }

    #[test]
    fn what_the_service_has_already_is_recognized() {
        let volume = given("data", r#"{"roleArn": "arn:aws:iam::1:role/ebs", "sizeInGiB": 20}"#).0.unwrap();
        let mut present = json!({"name": "data", "managedEBSVolume": {"roleArn": "arn:aws:iam::1:role/ebs", "sizeInGiB": 20, "volumeType": "gp3"}});
        assert!(volume.is_in(&present));
        present["managedEBSVolume"]["sizeInGiB"] = json!(10);
        assert!(!volume.is_in(&present));
    }
}
