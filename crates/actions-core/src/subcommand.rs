//! Several actions in one binary: `ecs-deploy rollback` beside `ecs-deploy`.

use crate::action::Action;
use crate::driver;
use crate::environment::Environment;
use crate::error::ExitCode;
use crate::inputs::InputErrors;
use crate::metadata::ActionMetadata;
use crate::redact::Redactor;

/// A further action of a binary, with inputs, outputs and errors of its own.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    invocation: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Environment, Vec<String>, &Redactor) -> ExitCode,
    pub(crate) describe: fn() -> ActionMetadata,
    pub(crate) check: fn(),
}

impl Command {
    /// The action `A` as a command; the last word of its [`Action::INVOCATION`] selects it.
    pub const fn of<A: Action>() -> Self {
        Self {
            invocation: A::INVOCATION,
            about: A::DESCRIPTION,
            run: driver::run::<A>,
            describe: ActionMetadata::of::<A>,
            check: driver::check_command::<A>,
        }
    }

    /// The word that selects it.
    pub(crate) fn word(&self) -> &'static str {
        self.invocation.rsplit(' ').next().unwrap_or(self.invocation)
    }

    /// The command that the first word of a command line selects, with the words behind it.
    pub(crate) fn select<'a>(commands: &'a [Self], argv: &[String]) -> Option<(&'a Self, Vec<String>)> {
        let (first, rest) = argv.split_first()?;
        let command = commands.iter().find(|command| command.word() == first)?;
        Some((command, rest.to_vec()))
    }

    /// What is wrong with a first word that selects none of `commands`, where there are some.
    pub(crate) fn mistyped(commands: &[Self], argv: &[String]) -> Option<InputErrors> {
        let word = argv.first().filter(|word| !commands.is_empty() && !word.starts_with('-'))?;
        let words: Vec<String> = commands.iter().map(|command| format!("`{}`", command.word())).collect();
        let mut errors = InputErrors::new();
        let help = format!("the commands are {}; inputs are flags, and --help lists them", words.join(", "));
        errors.add(word, "is no command", Some(help));
        Some(errors)
    }

    /// What `--help` says of `commands`; empty without any.
    pub(crate) fn help(commands: &[Self]) -> String {
        let width = commands.iter().map(|command| command.word().len()).max().unwrap_or_default();
        let lines = commands.iter().map(|command| format!("  {:width$}  {}\n", command.word(), command.about));
        let lines: String = lines.collect();
        if lines.is_empty() {
            lines
        } else {
            format!("Commands, as the first word, each with its own --help:\n{lines}")
        }
    }
}
