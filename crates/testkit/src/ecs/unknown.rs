//! Members that no model knows: declared when they are there, for a declaration without a use is a violation as well.

use std::collections::BTreeSet;

use serde_json::Value;

/// What was declared so far, as operation and path.
#[derive(Debug, Default)]
pub(super) struct Unknown(BTreeSet<(String, String)>);

impl Unknown {
    /// Declares those of `paths` that a request has, or the task definition of its answer, once each.
    pub(super) fn declare(
        &mut self,
        operation: &str,
        paths: &[&str],
        (request, answer): (&Value, &Value),
        declare: impl Fn(&str, &str),
    ) {
        for path in paths {
            let answered = format!("taskDefinition.{path}");
            for (value, path) in [(request, *path), (answer, answered.as_str())] {
                if has(value, path) && self.0.insert((operation.to_owned(), path.to_owned())) {
                    declare(operation, path);
                }
            }
        }
    }
}

/// Whether there is something at `a.b[].c`.
fn has(value: &Value, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let in_one = |value: &Value| rest.map_or(!value.is_null(), |rest| has(value, rest));
    match name.strip_suffix("[]") {
        Some(name) => value[name].as_array().is_some_and(|items| items.iter().any(in_one)),
        None => in_one(&value[name]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_there_is_declared_once() {
        let request = json!({"a": 1, "list": [{"b": 1}, {"c": {"d": 2}}]});
        let answer = json!({"taskDefinition": {"list": [{"b": 1}]}});
        let mut unknown = Unknown::default();
        let declared = std::cell::RefCell::new(Vec::new());
        let note = |operation: &str, path: &str| declared.borrow_mut().push(format!("{operation} {path}"));
        for _ in 0..2 {
            unknown.declare(
                "Register",
                &["a", "list[].b", "list[].c.d", "gone", "list[].gone"],
                (&request, &answer),
                note,
            );
        }
        let all = ["Register a", "Register list[].b", "Register taskDefinition.list[].b", "Register list[].c.d"];
        assert_eq!(*declared.borrow(), all);
    }
}
