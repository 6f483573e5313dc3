//! Which jobs of a workflow may ask for an OIDC token, and for which environment
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions>).
//!
//! The runner knows no permissions. It does evaluate expressions in the variables of its steps, so the variables that lead to
//! the token say themselves for which jobs they have a value.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use yaml_serde::Value;

use crate::uses::{Unreadable, is_workflow};

/// A job that may ask for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The job's id.
    pub(crate) job: String,
    /// Its environment as the workflow writes it, which may be an expression.
    pub(crate) environment: Option<String>,
}

/// How deep reusable workflows may be nested; GitHub allows ten levels.
const DEPTH: usize = 10;

/// The jobs of the workflow `file` that have `id-token: write`. `read` gives the text of a file of the repository.
pub(crate) fn grants(file: &str, read: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Grant>, Unreadable> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    // Whatever a repository's default is, it never holds `id-token: write`.
    collect(file, false, DEPTH, read, &mut seen, &mut found)?;
    Ok(found)
}

fn collect(
    file: &str,
    inherited: bool,
    depth: usize,
    read: &dyn Fn(&str) -> Option<String>,
    seen: &mut BTreeSet<(String, bool, usize)>,
    found: &mut Vec<Grant>,
) -> Result<(), Unreadable> {
    // Workflows that call each other many times would be read again and again.
    if !seen.insert((file.to_owned(), inherited, depth)) {
        return Ok(());
    }
    let Some(text) = read(file).filter(|_| depth > 0) else { return Ok(()) };
    let document: Value =
        yaml_serde::from_str(&text).map_err(|error| Unreadable { file: file.to_owned(), why: error.to_string() })?;
    let of_workflow = document.get("permissions").map_or(inherited, writes_id_token);
    for (id, job) in document.get("jobs").and_then(Value::as_mapping).into_iter().flatten() {
        let granted = job.get("permissions").map_or(of_workflow, writes_id_token);
        // A called workflow can give up a permission of its caller, not gain one.
        let granted = granted && (depth == DEPTH || inherited);
        match job.get("uses").and_then(Value::as_str).and_then(|used| used.strip_prefix("./")) {
            Some(called) if is_workflow(called) => collect(called, granted, depth - 1, read, seen, found)?,
            _ if granted => found.push(Grant {
                job: id.as_str().unwrap_or_default().to_owned(),
                environment: job.get("environment").and_then(environment),
            }),
            _ => {}
        }
    }
    Ok(())
}

fn writes_id_token(permissions: &Value) -> bool {
    permissions.as_str() == Some("write-all") || permissions.get("id-token").and_then(Value::as_str) == Some("write")
}

fn environment(environment: &Value) -> Option<String> {
    let name = environment.get("name").unwrap_or(environment);
    name.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The value of `ACTIONS_ID_TOKEN_REQUEST_URL`: `url` with the job and its environment in the query for the jobs that may have
/// a token, nothing for the others.
pub(crate) fn request_url(url: &str, grants: &[Grant]) -> String {
    let cases = grants.iter().map(|grant| {
        let (mut template, mut arguments) = (format!("{url}&job={}", escaped(&grant.job)), vec![String::new()]);
        if let Some(environment) = &grant.environment {
            template.push_str("&environment=");
            for part in parts(environment) {
                match part {
                    Part::Text(text) => template.push_str(&escaped(text)),
                    Part::Expression(expression) => {
                        let _ = write!(template, "{{{}}}", arguments.len() - 1);
                        arguments.push(expression.to_owned());
                    }
                }
            }
        }
        let arguments = arguments.join(", ");
        format!("{} && format('{template}'{arguments})", is_job(grant))
    });
    expression(cases)
}

/// The value of `ACTIONS_ID_TOKEN_REQUEST_TOKEN`: `token` for the same jobs.
pub(crate) fn request_token(token: &str, grants: &[Grant]) -> String {
    expression(grants.iter().map(|grant| format!("{} && '{token}'", is_job(grant))))
}

fn is_job(grant: &Grant) -> String {
    format!("github.job == '{}'", grant.job.replace('\'', "''"))
}

fn expression(cases: impl Iterator<Item = String>) -> String {
    let cases: Vec<String> = cases.collect();
    if cases.is_empty() { String::new() } else { format!("${{{{ {} || '' }}}}", cases.join(" || ")) }
}

/// A part of a value in a workflow.
enum Part<'a> {
    Text(&'a str),
    Expression(&'a str),
}

fn parts(value: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), value);
    while let Some((before, behind)) = rest.split_once("${{") {
        let Some((expression, after)) = behind.split_once("}}") else { break };
        parts.extend([Part::Text(before), Part::Expression(expression.trim())]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

/// Text for a query in which nothing means anything to `format` or to a URL.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
