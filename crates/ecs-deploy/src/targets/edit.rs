//! What changes in a target: the ARN of its task definition, where that is a revision of the same family. Pure.

use serde_json::Value;

use crate::targets::MoveResult;
use crate::task_definition::text;

/// What a target has to do with the revision that was deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kin {
    /// It starts something else.
    Other,
    /// It starts the newest revision of the family.
    Newest,
    /// It starts this revision.
    Same,
    /// It starts another revision of the family.
    Older,
}

/// Edits the targets; those that changed, or why none did.
pub(super) fn edit(targets: &[Value], arn: &str) -> Result<Vec<Value>, MoveResult> {
    let kin = |target: &Value| kin(text(&target["EcsParameters"], "TaskDefinitionArn"), arn);
    let changed: Vec<Value> =
        targets.iter().filter(|target| kin(target) == Kin::Older).map(|target| moved(target, arn)).collect();
    if !changed.is_empty() {
        return Ok(changed);
    }
    let any = |wanted: Kin| targets.iter().any(|target| kin(target) == wanted);
    Err(match (any(Kin::Same), any(Kin::Newest)) {
        (true, _) => MoveResult::Already,
        (false, true) => MoveResult::Newest,
        (false, false) => MoveResult::Failed(format!(
            "it has no target that starts a task of the family `{}` in this account and region",
            crate::names::family(arn)
        )),
    })
}

fn moved(target: &Value, arn: &str) -> Value {
    let mut target = target.clone();
    target["EcsParameters"]["TaskDefinitionArn"] = Value::from(arn);
    target
}

/// Partition, region, account and family must be the same to the letter.
pub(super) fn kin(theirs: &str, ours: &str) -> Kin {
    let Some((family, _)) = ours.rsplit_once(':') else { return Kin::Other };
    match theirs.strip_prefix(family) {
        Some("") => Kin::Newest,
        Some(_) if theirs == ours => Kin::Same,
        Some(rest) => match rest.strip_prefix(':') {
            Some(number) if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => Kin::Older,
            _ => Kin::Other,
        },
        None => Kin::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NEW: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:8";

    #[test]
    fn only_another_revision_of_the_same_family_is_moved() {
        for (theirs, expected) in [
            ("arn:aws:ecs:eu-west-1:1:task-definition/shop:7", Kin::Older),
            ("arn:aws:ecs:eu-west-1:1:task-definition/shop:12", Kin::Older),
            (NEW, Kin::Same),
            ("arn:aws:ecs:eu-west-1:1:task-definition/shop", Kin::Newest),
            ("arn:aws:ecs:eu-west-1:1:task-definition/shop-cron:7", Kin::Other),
            ("arn:aws:ecs:eu-west-1:2:task-definition/shop:7", Kin::Other),
            ("arn:aws:ecs:us-east-1:1:task-definition/shop:7", Kin::Other),
            ("arn:aws:ecs:eu-west-1:1:task-definition/shop:", Kin::Other),
            ("", Kin::Other),
        ] {
            assert_eq!(kin(theirs, NEW), expected, "{theirs}");
        }
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[A-Za-z]{1,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect()))
            ]
        })
    }

    proptest! {
        /// Whatever a target holds, known or not, one text in it changes and nothing else; and moving twice moves nothing.
        #[test]
        fn nothing_but_the_revision_changes(extra in tree(), own in tree()) {
            let before = json!({"Id": "1", "Unknown": extra, "EcsParameters": {
                "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/shop:7", "Newer": own
            }});
            let changed = edit(std::slice::from_ref(&before), NEW).unwrap();
            prop_assert_eq!(edit(&changed, NEW), Err(MoveResult::Already));
            let mut back = changed[0].clone();
            back["EcsParameters"]["TaskDefinitionArn"] = before["EcsParameters"]["TaskDefinitionArn"].clone();
            prop_assert_eq!(back, before);
        }
    }
}
