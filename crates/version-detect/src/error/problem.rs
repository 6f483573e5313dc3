//! Problems of components, of which several are told at once.

use actions_core::{ActionError as _, Location};

use super::Error;

/// What is wrong with one component among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    component: String,
    code: String,
    message: String,
    /// Why it is so; `None` where the message says it.
    why: Option<String>,
    help: String,
    pub(super) location: Option<Location>,
}

impl Problem {
    /// The problem that `error` is for a component.
    pub(crate) fn of(component: &str, error: &Error) -> Self {
        let text =
            |part: Option<Box<dyn std::fmt::Display + '_>>| part.map(|part| part.to_string()).unwrap_or_default();
        Self {
            component: component.to_owned(),
            code: text(miette::Diagnostic::code(error)),
            message: error.to_string(),
            why: error.why(),
            help: text(miette::Diagnostic::help(error)),
            location: error.location(),
        }
    }
}

/// How many components have problems; a single problem is told itself.
pub(super) fn counted(problems: &[Problem]) -> String {
    if let [Problem { component, message, .. }] = problems {
        return format!("component `{component}`: {message}");
    }
    let mut names: Vec<&str> = problems.iter().map(|problem| problem.component.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [one] => format!("component `{one}` has {} problems", problems.len()),
        names => format!("{} components have problems", names.len()),
    }
}

/// What to do about them.
pub(super) fn mended(problems: &[Problem]) -> String {
    match problems {
        [Problem { help, .. }] if !help.is_empty() => help.clone(),
        _ => "correct each of them; `component` picks one component alone".to_owned(),
    }
}

/// The problems, one per line, each with its place, its code and what to do. Of a single one all else is told elsewhere.
pub(super) fn listed(problems: &[Problem]) -> String {
    if let [Problem { code, why, .. }] = problems {
        let why = why.as_ref().map_or_else(String::new, |why| format!("{why}\n"));
        return format!("{why}the problem is {code}");
    }
    let line = |problem: &Problem| {
        let place = problem.location.as_ref().map_or_else(String::new, |location| {
            let line = location.line.map_or_else(String::new, |line| format!(":{line}"));
            format!("{}{line}: ", location.file)
        });
        let Problem { component, code, message, why, help, .. } = problem;
        let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        format!("{place}`{component}`: {message}{why} ({code}; {help})")
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}
