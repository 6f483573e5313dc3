//! From what was typed to what a task is asked for. A value may be secret, so JSON that cannot be read is never quoted.

use std::time::Duration;

use actions_core::{InputErrors, lines_or_commas};
use serde_json::Value;

use crate::args::TaskArgs;
use crate::inputs::{Volume, volume};
use crate::names::ServiceName;
use crate::task_definition::{CAPACITY_PROVIDER_STRATEGY_ITEM, CONTAINER_OVERRIDE, Kind, TAG, mistakes};

/// The longest `startedBy` that ECS takes (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>).
const LONGEST_STARTER: usize = 128;

/// How a task is run; what is not given is inherited from a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskInputs {
    /// The service of several whose network and capacity the task gets.
    pub(crate) service: Option<ServiceName>,
    /// ECS's `containerOverrides`.
    pub(crate) overrides: Vec<Value>,
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    /// `ENABLED` or `DISABLED`.
    pub(crate) public_ip: Option<&'static str>,
    /// ECS's `capacityProviderStrategy`.
    pub(crate) strategy: Vec<Value>,
    pub(crate) launch_type: Option<&'static str>,
    pub(crate) started_by: String,
    /// ECS's `tags`.
    pub(crate) tags: Vec<Value>,
    /// One of ECS's `volumeConfigurations`.
    pub(crate) volume: Option<Volume>,
    /// Whether ECS tags it, when that shall be set.
    pub(crate) managed_tags: Option<bool>,
    /// Whether its end is waited for, and how long.
    pub(crate) wait: Option<Duration>,
}

/// Parses the inputs of a task that is waited for at most for `limit`.
pub(crate) fn parse(args: &TaskArgs, limit: Duration, bad: &mut InputErrors) -> TaskInputs {
    let started_by = bad.optional("run-task-started-by", Some(&args.run_task_started_by), starter);
    TaskInputs {
        service: None,
        overrides: list(
            ("run-task-container-overrides", args.run_task_container_overrides.as_deref()),
            ("name", CONTAINER_OVERRIDE),
            bad,
        ),
        subnets: lines_or_commas(&args.run_task_subnets),
        security_groups: lines_or_commas(&args.run_task_security_groups),
        public_ip: bad.optional("run-task-assign-public-IP", args.run_task_assign_public_ip.as_deref(), |text| {
            one_of(text, &["ENABLED", "DISABLED"])
        }),
        strategy: list(
            ("run-task-capacity-provider-strategy", args.run_task_capacity_provider_strategy.as_deref()),
            ("capacityProvider", CAPACITY_PROVIDER_STRATEGY_ITEM),
            bad,
        ),
        launch_type: bad.optional("run-task-launch-type", args.run_task_launch_type.as_deref(), |text| {
            one_of(text, &["FARGATE", "EC2", "EXTERNAL"])
        }),
        started_by: started_by.unwrap_or_default(),
        tags: list(("run-task-tags", args.run_task_tags.as_deref()), ("key", TAG), bad),
        volume: volume(
            ("run-task-managed-ebs-volume-name", args.run_task_managed_ebs_volume_name.as_deref()),
            ("run-task-managed-ebs-volume", args.run_task_managed_ebs_volume.as_deref()),
            bad,
        ),
        managed_tags: None,
        wait: args.wait_for_task_stopped.unwrap_or(true).then_some(limit),
    }
}

/// The inputs that mean nothing unless a task is run.
pub(crate) fn given(args: &TaskArgs) -> Vec<&'static str> {
    let text = |value: &Option<String>| value.as_ref().is_some_and(|text| !matches!(text.as_str(), "" | "[]" | "{}"));
    let inputs = [
        ("run-task-container-overrides", text(&args.run_task_container_overrides)),
        ("run-task-security-groups", !args.run_task_security_groups.is_empty()),
        ("run-task-subnets", !args.run_task_subnets.is_empty()),
        ("run-task-assign-public-IP", text(&args.run_task_assign_public_ip)),
        ("run-task-capacity-provider-strategy", text(&args.run_task_capacity_provider_strategy)),
        ("run-task-launch-type", text(&args.run_task_launch_type)),
        ("run-task-tags", text(&args.run_task_tags)),
        ("run-task-managed-ebs-volume-name", text(&args.run_task_managed_ebs_volume_name)),
        ("run-task-managed-ebs-volume", text(&args.run_task_managed_ebs_volume)),
        ("wait-for-task-stopped", args.wait_for_task_stopped == Some(true)),
    ];
    inputs.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

fn starter(text: &str) -> Result<String, String> {
    if text.len() <= LONGEST_STARTER { Ok(text.to_owned()) } else { Err("longer than 128 characters".to_owned()) }
}

fn one_of(text: &str, words: &[&'static str]) -> Result<&'static str, String> {
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    known.copied().ok_or_else(|| format!("write {}", words.join(" or ")))
}

/// A JSON list of objects of a kind, each with the member `wanted`.
fn list((name, given): (&str, Option<&str>), (wanted, kind): (&str, Kind), bad: &mut InputErrors) -> Vec<Value> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else { return Vec::new() };
    let help = Some(format!("write a JSON list of objects, each with `{wanted}`"));
    match read(text) {
        Ok(Value::Array(items)) => {
            let lacks = |item: &Value| !item[wanted].is_string();
            if let Some(at) = items.iter().position(lacks) {
                bad.add(name, format!("has no `{wanted}` in its entry {}", at + 1), help);
            } else if let Some((at, mistakes)) =
                items.iter().enumerate().find_map(|(at, item)| Some((at, mistakes(item, kind)?)))
            {
                bad.add(name, format!("{mistakes} (entry {})", at + 1), None);
            }
            items
        }
        Ok(_) => {
            bad.add(name, "is no JSON list", help);
            Vec::new()
        }
        Err(problem) => {
            bad.add(name, problem, help);
            Vec::new()
        }
    }
}

/// The value, or where it stops being JSON.
fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error: serde_json::Error| {
        format!("is no JSON from line {}, column {} on", error.line(), error.column())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(args: &TaskArgs) -> String {
        let mut bad = InputErrors::new();
        parse(args, Duration::from_mins(1), &mut bad);
        let lines: Vec<String> = bad.iter().map(|bad| format!("{}: {}", bad.name, bad.problem)).collect();
        lines.join("\n")
    }

    #[test]
    fn what_the_official_action_takes_is_taken() {
        let args = TaskArgs {
            run_task_container_overrides: Some(r#"[{"name":"app","command":["migrate"]}]"#.into()),
            run_task_subnets: vec!["subnet-1, subnet-2".into()],
            run_task_assign_public_ip: Some("enabled".into()),
            run_task_capacity_provider_strategy: Some("[]".into()),
            run_task_launch_type: Some("FARGATE".into()),
            run_task_tags: Some(r#"[{"key":"a","value":"b"}]"#.into()),
            run_task_managed_ebs_volume_name: Some("data".into()),
            run_task_managed_ebs_volume: Some(r#"{"roleArn":"arn:aws:iam::1:role/ecs","sizeInGiB":10}"#.into()),
            ..TaskArgs::default()
        };
        let mut bad = InputErrors::new();
        let inputs = parse(&args, Duration::from_mins(1), &mut bad);
        assert!(bad.is_empty(), "{bad}");
        assert_eq!(inputs.subnets, ["subnet-1", "subnet-2"]);
        assert_eq!(inputs.public_ip, Some("ENABLED"));
        assert_eq!(inputs.volume.unwrap().managed["sizeInGiB"], 10);
        assert_eq!(inputs.wait, Some(Duration::from_mins(1)), "waits unless it is told not to");
    }

    #[test]
    fn what_cannot_be_read_is_named_and_never_quoted() {
        let told = problems(&TaskArgs {
            run_task_container_overrides: Some("[{\"environment\": hunter2}]".into()),
            run_task_tags: Some("{}".into()),
            run_task_capacity_provider_strategy: Some("[{\"base\": 1}]".into()),
            run_task_launch_type: Some("LAMBDA".into()),
            run_task_managed_ebs_volume: Some("{\"roleArn\": \"x\"}".into()),
            ..TaskArgs::default()
        });
        assert!(!told.contains("hunter2"), "{told}");
        for part in [
            "run-task-container-overrides: is no JSON from line 1, column 18 on",
            "run-task-tags: is no JSON list",
            "run-task-capacity-provider-strategy: has no `capacityProvider` in its entry 1",
            "run-task-launch-type: is `LAMBDA`: write FARGATE or EC2 or EXTERNAL",
            "run-task-managed-ebs-volume-name: is missing",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
    }

    #[test]
    fn a_misspelled_member_and_a_wrong_type_are_told_before_anything_runs() {
        let told = problems(&TaskArgs {
            run_task_container_overrides: Some(r#"[{"name":"app"},{"name":"app","comand":["./migrate"]}]"#.into()),
            run_task_tags: Some(r#"[{"key":"team","value":7}]"#.into()),
            run_task_capacity_provider_strategy: Some(r#"[{"capacityProvider":"FARGATE","wieght":1}]"#.into()),
            run_task_managed_ebs_volume_name: Some("data".into()),
            run_task_managed_ebs_volume: Some(r#"{"roleArn":"arn:x","sizeInGib":10}"#.into()),
            ..TaskArgs::default()
        });
        for part in [
            "run-task-container-overrides: has `comand`, which ECS does not know: did you mean `command`? (entry 2)",
            "run-task-tags: has in `value` a number, and ECS takes a text (in quotes) there (entry 1)",
            "run-task-capacity-provider-strategy: has `wieght`, which ECS does not know: did you mean `weight`? (entry 1)",
            "run-task-managed-ebs-volume: has `sizeInGib`, which ECS does not know: did you mean `sizeInGiB`?",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        let text = problems(&TaskArgs {
            run_task_container_overrides: Some(r#"[{"name":"app","command":"./migrate"}]"#.into()),
            ..TaskArgs::default()
        });
        assert!(text.contains("has in `command` a string, and ECS takes a list there"), "{text}");
        let new = problems(&TaskArgs {
            run_task_container_overrides: Some(r#"[{"name":"app","brandNewThing":{}}]"#.into()),
            ..TaskArgs::default()
        });
        assert_eq!(new, "", "a member may be newer than this program");
    }
}
