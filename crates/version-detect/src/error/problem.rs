//! Problems of components, of which several are told at once.

use actions_core::{ActionError as _, Location};

use super::Error;

/// What is wrong with one component among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    component: String,
    code: String,
    message: String,
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
            message: error.told(),
            help: text(miette::Diagnostic::help(error)),
            location: error.location(),
        }
    }
}

/// How many components have problems.
pub(super) fn counted(problems: &[Problem]) -> String {
    let mut names: Vec<&str> = problems.iter().map(|problem| problem.component.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [one] => format!("component `{one}` has a problem"),
        names => format!("{} components have problems", names.len()),
    }
}

/// The problems, one per line, each with its place, its code and what to do.
pub(super) fn listed(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let place = problem.location.as_ref().map_or_else(String::new, |location| {
            let line = location.line.map_or_else(String::new, |line| format!(":{line}"));
            format!("{}{line}: ", location.file)
        });
        let Problem { component, code, message, help, .. } = problem;
        format!("{place}`{component}`: {message} ({code}; {help})")
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}
