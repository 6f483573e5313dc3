//! What a task definition names beside its images, as a deployment looks for it: the roles of its tasks, and its log groups.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::Error;

/// Roles and log groups, each made once for all services.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    made: BTreeSet<String>,
}

impl Surroundings {
    /// Makes what `definition` names and is not there yet.
    pub(super) fn make(
        &mut self,
        definition: &Value,
        aws: &impl Fn(&[&str]) -> Result<Value, Error>,
    ) -> Result<(), Error> {
        for field in ["taskRoleArn", "executionRoleArn"] {
            let role = definition[field].as_str().and_then(|role| role.rsplit('/').next()).unwrap_or_default();
            if self.is_new("role", role) {
                let trust = trust_of_tasks();
                aws(&["iam", "create-role", "--role-name", role, "--assume-role-policy-document", &trust])?;
            }
        }
        for container in definition["containerDefinitions"].as_array().into_iter().flatten() {
            let options = &container["logConfiguration"]["options"];
            let group = options["awslogs-group"].as_str().unwrap_or_default();
            if options["awslogs-create-group"] != "true" && self.is_new("log group", group) {
                aws(&["logs", "create-log-group", "--log-group-name", group])?;
            }
        }
        Ok(())
    }

    fn is_new(&mut self, kind: &str, name: &str) -> bool {
        !name.is_empty() && self.made.insert(format!("{kind} {name}"))
    }
}

/// Tasks of ECS may have the role.
fn trust_of_tasks() -> String {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ecs-tasks.amazonaws.com" }
        }],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};

    use super::Surroundings;

    #[test]
    fn roles_and_log_groups_are_made_once() {
        let logs = |group: &str| json!({"logConfiguration": {"options": {"awslogs-group": group}}});
        let own = json!({"logConfiguration": {"options": {"awslogs-group": "/own", "awslogs-create-group": "true"}}});
        let definition = json!({
            "taskRoleArn": "arn:aws:iam::000000000000:role/team/task", "executionRoleArn": "",
            "containerDefinitions": [logs("/shop"), logs("/shop"), own, {}],
        });
        let calls = RefCell::new(Vec::new());
        let aws = |arguments: &[&str]| {
            calls.borrow_mut().push(arguments[1..4].join(" "));
            Ok(Value::Null)
        };
        let mut surroundings = Surroundings::default();
        surroundings.make(&definition, &aws).unwrap();
        surroundings.make(&definition, &aws).unwrap();
        assert_eq!(*calls.borrow(), ["create-role --role-name task", "create-log-group --log-group-name /shop"]);
    }
}
