//! How a rehearsal that does not begin says why: each mistake in three parts, all of them at once.

use actions_core::{ActionError, Failure};

use crate::error::Error;
use crate::problem::Problem;

/// The text for standard error.
pub(crate) fn text(error: &Error) -> String {
    let Error::Mistakes { problems } = error else { return block(error) };
    let mut text = told(problems);
    if problems.len() > 1 {
        text.push_str(&format!("\n{}", block(error)));
    }
    text
}

/// The text of mistakes and warnings.
pub(crate) fn told(problems: &[Problem]) -> String {
    let one = |problem: &Problem| format!("{}{}", if problem.is_warning() { "warning: " } else { "" }, block(problem));
    problems.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// One error: what, why, help.
fn block(error: &impl ActionError) -> String {
    let failure = Failure::from_error(error);
    let mut text = format!("{}: {}\n", failure.code, failure.message);
    for (label, part) in [("why: ", failure.why), ("help:", failure.help)] {
        for (index, line) in part.iter().flat_map(|part| part.lines()).enumerate() {
            text.push_str(&format!("  {} {line}\n", if index == 0 { label } else { "     " }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::{Error, Problem, RunProblem};

    #[test]
    fn several_mistakes_are_one_text_and_one_is_told_once() {
        let one = Error::from(Problem::from(RunProblem::NoRuns));
        assert_eq!(
            text(&one),
            "rehearsal/no-runs: `rehearsal.toml` names no run\n  help: add a [[run]] table with `name`, `workflow` and `event`\n"
        );
        let name = || Problem::from(RunProblem::BadRunName { name: "x y".to_owned() });
        let two = text(&Error::Mistakes { problems: vec![name(), name()] });
        assert_eq!(two.matches("rehearsal/bad-run-name").count(), 2);
        assert!(two.contains("\n\nrehearsal/mistakes: 2 mistakes, and nothing was started\n"), "{two}");
    }
}
