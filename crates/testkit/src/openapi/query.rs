//! Query parameters of a request against those an operation documents.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::resolve;

/// What is wrong with a query; `pointer` leads to the operation.
pub(super) fn problems(root: &Value, pointer: &str, query: &str) -> Vec<String> {
    let documented = parameters(root, pointer);
    let find = |name: &str| documented.iter().find(|parameter| parameter["name"] == name);
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match find(&name) {
            None => problems.push(format!("`{name}` is no documented query parameter")),
            Some(parameter) => problems.extend(problem(root, parameter, &value)),
        }
        if !seen.insert(name.clone().into_owned()) {
            problems.push(format!("the query parameter `{name}` is there twice"));
        }
    }
    let missing = documented.iter().filter(|parameter| parameter["required"] == true);
    let names = missing.filter_map(|parameter| parameter["name"].as_str()).filter(|name| !seen.contains(*name));
    problems.extend(names.map(|name| format!("the query parameter `{name}` is missing")));
    problems
}

fn parameters<'a>(root: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let list = format!("{pointer}/parameters");
    let length = root.pointer(&list).and_then(Value::as_array).map_or(0, Vec::len);
    (0..length)
        .filter_map(|at| resolve(root, &format!("{list}/{at}")))
        .filter_map(|pointer| root.pointer(&pointer))
        .filter(|parameter| parameter["in"] == "query")
        .collect()
}

fn problem(root: &Value, parameter: &Value, value: &str) -> Option<String> {
    let name = parameter["name"].as_str().unwrap_or_default();
    let schema = &parameter["schema"];
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap_or(schema),
        None => schema,
    };
    let wrong = |what: String| Some(format!("the query parameter `{name}={value}` {what}"));
    if let Some(choices) = schema["enum"].as_array()
        && !choices.iter().any(|choice| choice == value)
    {
        return wrong(format!("is none of {}", Value::from(choices.clone())));
    }
    match schema["type"].as_str() {
        Some("integer") => {
            let Ok(number) = value.parse::<i64>() else {
                return wrong("is no integer".to_owned());
            };
            let most = schema["maximum"].as_i64().or_else(|| stated_maximum(parameter));
            if most.is_some_and(|most| number > most) || schema["minimum"].as_i64().is_some_and(|least| number < least)
            {
                return wrong("is out of its range".to_owned());
            }
            None
        }
        Some("boolean") if !matches!(value, "true" | "false") => wrong("is no boolean".to_owned()),
        _ => None,
    }
}

/// The maximum GitHub writes into a description alone: `(max 100)`.
fn stated_maximum(parameter: &Value) -> Option<i64> {
    parameter["description"].as_str()?.split_once("(max ")?.1.split_once(')')?.0.parse().ok()
}
