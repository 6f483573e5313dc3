//! What the action must be allowed in IAM: to describe the change set, where there is one; a plan's file needs nothing.

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};

use crate::inputs::{Inputs, PlanSource};

/// The least policy.
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let PlanSource::ChangeSet(request) = &inputs.plan else { return Ok(Policy::new().to_json()) };
    let mut bad = InputErrors::new();
    let place = match request.reference.account() {
        Some(account) => Place::of(&request.aws, Needs::Region, session, &mut bad)
            .map(|place| Place { account: Some(account.to_owned()), ..place }),
        None => Place::of(&request.aws, Needs::Account, session, &mut bad),
    };
    let stack = request.reference.stack();
    if stack.is_none() {
        let help = "name the stack: the ARN of a change set does not say it, and a policy for all stacks is none";
        bad.add("stack", "is missing, and a policy names it", Some(help.to_owned()));
    }
    bad.finish(|| Some(statements(&place?, stack).to_json()))
}

fn statements(place: &Place, stack: Option<&str>) -> Policy {
    Policy::new().allow(Statement::new("Look", ["cloudformation:DescribeChangeSet"]).on_all(stack_arns(place, stack)))
}

/// The ARNs of the stacks whose change sets are described: the stack, and those nested in it, whose names start with its name
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html>). A change set's ARN does not say
/// the stack: then every stack of the account. IAM asks for the stack
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html>).
pub(super) fn stack_arns(place: &Place, stack: Option<&str>) -> Vec<String> {
    let patterns = match stack {
        Some(stack) => vec![format!("stack/{stack}/*"), format!("stack/{stack}-*/*")],
        None => vec!["stack/*".to_owned()],
    };
    patterns.into_iter().filter_map(|pattern| place.arn("cloudformation", &pattern)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::new("eu-west-1", Some("123456789012".to_owned()))
    }

    #[test]
    fn only_the_stack_and_what_is_nested_in_it_is_looked_at() {
        let policy = statements(&place(), Some("shop")).to_json();
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
        assert_eq!(
            policy["Statement"],
            serde_json::json!([{
                "Sid": "Look",
                "Effect": "Allow",
                "Action": "cloudformation:DescribeChangeSet",
                "Resource": [
                    "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-*/*",
                    "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/*",
                ],
            }])
        );
    }

    #[test]
    fn an_arn_alone_needs_every_stack() {
        assert_eq!(stack_arns(&place(), None), ["arn:aws:cloudformation:eu-west-1:123456789012:stack/*"]);
    }
}
