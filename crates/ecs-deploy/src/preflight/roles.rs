//! Whether the roles are there, and let ECS's tasks assume them.

use aws_client::{ApiErrorKind, call};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::ecs::Ecs;
use crate::names::last;
use crate::preflight::Answer;
use crate::task_definition::text;

/// Who starts the tasks.
const TASKS: &str = "ecs-tasks.amazonaws.com";

/// Looks for a role, named by its ARN or by its name.
pub(super) async fn check(ecs: &Ecs, role: &str) -> Answer {
    if let (Some(account), Some(own)) = (account(role), ecs.account())
        && account != own
    {
        return Answer::Failed(format!(
            "it is of the account {account}, and tasks get roles of their own account ({own})"
        ));
    }
    match call::IAM.call(ecs.aws(), "GetRole", &[("RoleName", last(role))]).await {
        Ok(answer) => trusts(&answer["Role"]),
        Err(error) if error.kind == ApiErrorKind::NotFound => Answer::Failed("there is no such role".to_owned()),
        Err(error) => Answer::unknown(&error),
    }
}

fn account(role: &str) -> Option<&str> {
    role.strip_prefix("arn:")?.split(':').nth(3)
}

/// Reads the trust policy, which IAM tells encoded as in a URL.
fn trusts(role: &Value) -> Answer {
    let decoded = percent_decode_str(text(role, "AssumeRolePolicyDocument")).decode_utf8_lossy().into_owned();
    let Ok(policy) = serde_json::from_str::<Value>(&decoded) else {
        return Answer::because("its trust policy cannot be read");
    };
    if each(&policy["Statement"]).any(admits) {
        return Answer::Passed("it is there, and tasks may have it".to_owned());
    }
    Answer::Failed(format!("its trust policy lacks `{TASKS}`: let that service do `sts:AssumeRole`"))
}

/// Whether a statement may admit the tasks: what cannot be judged is taken as if it did.
fn admits(statement: &Value) -> bool {
    let is_tasks = |name: &Value| matches!(name.as_str(), Some("*" | TASKS));
    let principal = &statement["Principal"];
    let admitted = !statement["NotPrincipal"].is_null()
        || is_tasks(principal)
        || each(&principal["Service"]).chain(each(&principal["AWS"])).any(is_tasks);
    let assumes = !statement["NotAction"].is_null()
        || each(&statement["Action"])
            .filter_map(Value::as_str)
            .any(|action| ["sts:assumerole", "sts:*", "*"].contains(&action.to_ascii_lowercase().as_str()));
    text(statement, "Effect") == "Allow" && admitted && assumes
}

/// The elements of a list, or the only one, which a policy may write without a list.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let one = if value.is_array() || value.is_null() { None } else { Some(value) };
    value.as_array().into_iter().flatten().chain(one)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use serde_json::{Value, json};

    use super::{Answer, account, trusts};

    fn judged(policy: &Value) -> Answer {
        let encoded = utf8_percent_encode(&policy.to_string(), NON_ALPHANUMERIC).to_string();
        trusts(&json!({"AssumeRolePolicyDocument": encoded}))
    }

    fn statement(principal: &Value, action: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal, "Action": action}})
    }

    #[test]
    fn the_tasks_must_be_trusted() {
        let tasks = json!({"Service": "ecs-tasks.amazonaws.com"});
        let several = json!({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]});
        for policy in [
            statement(&tasks, &json!("sts:AssumeRole")),
            statement(&several, &json!(["sts:TagSession", "sts:AssumeRole"])),
            statement(&json!("*"), &json!("sts:*")),
        ] {
            assert!(matches!(judged(&policy), Answer::Passed(_)), "{policy}");
        }
        for policy in [
            statement(&json!({"Service": "ecs.amazonaws.com"}), &json!("sts:AssumeRole")),
            statement(&tasks, &json!("sts:TagSession")),
            json!({"Statement": []}),
        ] {
            assert!(matches!(judged(&policy), Answer::Failed(_)), "{policy}");
        }
    }

    #[test]
    fn what_is_no_policy_is_not_judged() {
        assert!(matches!(trusts(&json!({"AssumeRolePolicyDocument": "%7"})), Answer::NotLooked(_)));
    }

    #[test]
    fn an_arn_tells_the_account() {
        assert_eq!(account("arn:aws:iam::123456789012:role/a/b"), Some("123456789012"));
        assert_eq!(account("shop"), None);
    }
}
