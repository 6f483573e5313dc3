//! Which variables and secrets a workflow reads that `rehearsal.toml` does not define: GitHub takes the empty text for them, and says
//! nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use yaml_serde::Value;

use crate::config::Config;
use crate::nearest::{listed, nearest};
use crate::problem::WorkflowProblem;
use crate::uses::Document;

/// A value of one of the two contexts, or a text in quotes, which holds none. A value with an alternative behind it may be absent.
static VALUES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^.\w'-])(?P<context>vars|secrets)(?:\.(?P<name>[\w-]+)|\[\s*'(?P<key>[^']*)'\s*\])(?P<or>\s*\|\|)?|'(?:[^']|'')*'").ok()
});

/// The values that the file reads and `config` does not define.
pub(crate) fn problems(document: &Document, config: &Config) -> Vec<WorkflowProblem> {
    let mut used = BTreeSet::new();
    collect(&document.value, Within::Text, &mut used);
    let passed = document.value.get("on").and_then(|on| on.get("workflow_call")?.get("secrets")?.as_mapping());
    let passed: Vec<&str> = passed.into_iter().flatten().filter_map(|(name, _)| name.as_str()).collect();
    let (vars, secrets) = (variables(config), secrets(config));
    let missing = |(context, name): (&'static str, String)| {
        let known = if context == "vars" { &vars } else { &secrets };
        let is_it = |known: &str| known.eq_ignore_ascii_case(&name);
        if known.iter().any(|known| is_it(known)) || (context == "secrets" && passed.iter().any(|passed| is_it(passed)))
        {
            return None;
        }
        let meant = nearest(&name, known.iter().copied()).map(str::to_owned);
        let known = listed(known.iter().copied());
        Some(WorkflowProblem::UndefinedValue { file: document.file.clone(), context, name, meant, known })
    };
    used.into_iter().filter_map(missing).collect()
}

/// The variables that the rehearsal defines, from wherever they come.
fn variables(config: &Config) -> BTreeSet<&str> {
    let outputs = config.terraform.iter().flat_map(|terraform| terraform.outputs.keys());
    let all = config
        .vars
        .keys()
        .chain(outputs)
        .chain(config.resources.roles.keys())
        .chain(&config.resources.distribution_var);
    all.map(String::as_str).collect()
}

fn secrets(config: &Config) -> BTreeSet<&str> {
    config.secrets.keys().map(String::as_str).chain(["GITHUB_TOKEN"]).collect()
}

/// What a text is.
#[derive(Clone, Copy)]
enum Within {
    /// Text, with expressions between `${{` and `}}`.
    Text,
    /// A condition, which is an expression as a whole.
    Condition,
}

fn collect(value: &Value, within: Within, found: &mut BTreeSet<(&'static str, String)>) {
    match value {
        Value::Mapping(table) => {
            for (name, value) in table {
                collect(value, if name.as_str() == Some("if") { Within::Condition } else { Within::Text }, found);
            }
        }
        Value::Sequence(values) => values.iter().for_each(|value| collect(value, Within::Text, found)),
        Value::String(text) => match within {
            Within::Condition => read(text, found),
            Within::Text => {
                let expressions = text.split("${{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0));
                expressions.for_each(|expression| read(expression, found));
            }
        },
        _ => {}
    }
}

fn read(expression: &str, found: &mut BTreeSet<(&'static str, String)>) {
    let captures = VALUES.iter().flat_map(|values| values.captures_iter(expression));
    found.extend(captures.filter(|captures| captures.name("or").is_none()).filter_map(|captures| {
        let context = captures.name("context")?.as_str();
        let name = captures.name("name").or_else(|| captures.name("key"))?.as_str();
        Some((if context.eq_ignore_ascii_case("vars") { "vars" } else { "secrets" }, name.to_owned()))
    }));
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, Within, collect};

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let mut found = BTreeSet::new();
        collect(&yaml_serde::from_str(text).unwrap(), Within::Text, &mut found);
        let found: Vec<String> = found.into_iter().map(|(context, name)| format!("{context}.{name}")).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn expressions_and_conditions_are_read() {
        check("a: ${{ vars.A }} and ${{ format('{0}', secrets.B) }}", &["secrets.B", "vars.A"]);
        check("- if: vars.A == 'x' && secrets['B-C']", &["secrets.B-C", "vars.A"]);
        check("a: ${{ vars.A || vars.B }}", &["vars.B"]);
    }

    #[test]
    fn other_texts_are_not() {
        check("a: vars.A # ${{ vars.B }}", &[]);
        check("a: \"${{ 'vars.A' }} ${{ steps.vars.outputs.x }} ${{ env.my-vars.x }}\"", &[]);
        check("vars: { x: 1 }", &[]);
    }
}
