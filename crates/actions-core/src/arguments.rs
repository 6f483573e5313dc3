//! From `INPUT_*` variables and flags to one clap struct, with every bad field reported at once.
//!
//! An unset input arrives as `""`, so clap's `env` cannot be used: it takes the empty string for a value. Instead each
//! non-empty `INPUT_<NAME>` becomes `--name=value` in front of what was typed, unless the flag was really typed.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command};

use crate::action::Alias;
use crate::environment::{Environment, input_variable};
use crate::inputs::{InputErrors, missing_help, quote, short};
use crate::secret::SecretInput;

/// The heading of flags that exist on the command line only and are no inputs of the action.
pub(crate) const COMMAND_LINE: &str = "Command line";

/// Whether a flag is for the command line only, and no input of the action.
pub(crate) fn is_command_line_only(arg: &Arg) -> bool {
    matches!(arg.get_help_heading(), Some(COMMAND_LINE | crate::iam_policy::HEADING))
}

/// Flags every action has.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct CommonArgs {
    /// Say what would be done and change nothing.
    #[arg(long, global = true, value_parser = crate::inputs::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub(crate) dry_run: bool,
    /// What standard output carries: `text` (workflow commands, or `name=value` lines in a plain shell) or `json` (the
    /// plan of a dry run, else the outcome).
    #[arg(long, global = true, value_enum, default_value = "text", help_heading = COMMAND_LINE, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
    /// Print the name of this program, its version and, when it is known, the commit it was built from.
    #[arg(long, global = true, help_heading = COMMAND_LINE)]
    pub(crate) binary_version: bool,
    /// Print the action's inputs and outputs as JSON.
    #[arg(long, hide = true, help_heading = COMMAND_LINE)]
    pub(crate) describe: bool,
}

/// What standard output carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// Workflow commands, or `name=value` lines in a plain shell.
    #[default]
    Text,
    /// The plan or the outcome, nothing else.
    Json,
}

/// What parsing gave.
pub(crate) enum Parsed {
    /// `--help` or `--version`: the text to print.
    Shown(String),
    /// Matches, and what is wrong with them.
    Matches(Box<ArgMatches>, InputErrors),
    /// No matches at all; the errors say why.
    Nothing(InputErrors),
}

/// The whole command of an action: its own arguments, the common ones, a file flag for each secret.
pub(crate) fn command<A: clap::Args>(name: &'static str, about: &'static str, secrets: &[SecretInput]) -> Command {
    // The text comes last: augmenting replaces it with the argument structs' own documentation.
    let mut command = <CommonArgs as clap::Args>::augment_args(A::augment_args(Command::new(name)))
        .about(about)
        .long_about(None)
        .version(env!("CARGO_PKG_VERSION"));
    for secret in secrets {
        let flag = secret.file_flag();
        command = command.arg(
            Arg::new(flag.clone())
                .long(flag)
                .value_name("FILE")
                .global(true)
                .help_heading(COMMAND_LINE)
                .help(format!("Read the secret `{}` from FILE, or from standard input with `-`", secret.name)),
        );
    }
    command
}

/// `command` with other names of its arguments.
pub(crate) fn with_aliases(command: Command, aliases: &[Alias]) -> Command {
    if aliases.is_empty() {
        return command;
    }
    command.mut_args(|arg| {
        let names: Vec<&str> =
            aliases.iter().filter(|alias| arg.get_long() == Some(alias.of)).map(|alias| alias.name).collect();
        arg.visible_aliases(names)
    })
}

/// Parses `argv` (without the program's name) and the inputs in `environment`.
pub(crate) fn parse(command: Command, environment: &Environment, argv: Vec<String>) -> Parsed {
    let mut errors = InputErrors::new();
    let required = required_names(&command);
    // Nothing is required, so that one round of parsing does not stop at the first missing argument.
    let mut command = command.mut_args(|arg| arg.required(false));
    let mut argv = with_inputs(&command, environment, argv, &mut errors);
    // Each round removes one argument, so the loop ends.
    loop {
        let line = std::iter::once(command.get_name().to_owned()).chain(argv.iter().cloned());
        match command.try_get_matches_from_mut(line) {
            Ok(matches) => {
                note_missing(&matches, &required, &mut errors);
                return Parsed::Matches(Box::new(matches), errors);
            }
            Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
                return Parsed::Shown(error.render().to_string());
            }
            Err(error) => {
                let typed = note(&error, &command, &mut errors);
                if !typed.is_some_and(|typed| remove(&mut argv, &typed)) {
                    return Parsed::Nothing(errors);
                }
            }
        }
    }
}

fn required_names(command: &Command) -> Vec<(String, String)> {
    command
        .get_arguments()
        .filter(|arg| arg.is_required_set())
        .filter_map(|arg| Some((arg.get_id().to_string(), arg.get_long()?.to_owned())))
        .collect()
}

/// `argv` behind a `--name=value` for each input of the environment that was not typed as a flag.
fn with_inputs(
    command: &Command,
    environment: &Environment,
    argv: Vec<String>,
    errors: &mut InputErrors,
) -> Vec<String> {
    let inputs = inputs_of(command, environment, &argv, errors);
    inputs.into_iter().chain(argv).collect()
}

/// The flags that the environment's inputs stand for, among `command`'s own arguments. Notes inputs whose names differ in
/// what they say.
fn inputs_of(command: &Command, environment: &Environment, argv: &[String], errors: &mut InputErrors) -> Vec<String> {
    let is_typed = |long: &str| {
        let flag = format!("--{long}");
        let with_value = format!("{flag}=");
        argv.iter().any(|word| *word == flag || word.starts_with(&with_value))
    };
    let mut flags = Vec::new();
    for arg in command.get_arguments().filter(|arg| !is_command_line_only(arg)) {
        let Some(long) = arg.get_long() else { continue };
        let names: Vec<&str> = std::iter::once(long).chain(arg.get_visible_aliases().unwrap_or_default()).collect();
        if names.iter().any(|name| is_typed(name)) {
            continue;
        }
        let value = |name: &&str| environment.get(&input_variable(name));
        let mut given = names.iter().filter_map(|name| Some((*name, value(name)?)));
        let Some((first, text)) = given.next() else { continue };
        if let Some((other, _)) = given.find(|(_, other)| *other != text) {
            let help = format!("they are two names of one input; leave `{other}` out");
            errors.add(first, format!("and `{other}` are not the same"), Some(help));
        }
        flags.push(format!("--{long}={text}"));
    }
    flags
}

fn note_missing(matches: &ArgMatches, required: &[(String, String)], errors: &mut InputErrors) {
    for (id, long) in required {
        if !matches.try_contains_id(id).unwrap_or(false) {
            errors.add(long, "is missing", Some(missing_help(long)));
        }
    }
}

/// Notes a clap error and returns the argument to leave out of the next round.
fn note(error: &clap::Error, command: &Command, errors: &mut InputErrors) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let invalid = text(ContextKind::InvalidArg);
    let typed = invalid.as_ref().map(|arg| arg.split([' ', '=', '[']).next().unwrap_or(arg).to_owned());
    // A lone `-` names nothing.
    let name = typed.as_deref().map(|typed| typed.trim_start_matches('-')).filter(|name| !name.is_empty());
    let name = name.unwrap_or("command line").to_owned();
    let suggestion = text(ContextKind::SuggestedArg).or_else(|| text(ContextKind::SuggestedValue));
    let help =
        secret_help(command, &name).or_else(|| suggestion.map(|suggested| format!("did you mean `{suggested}`?")));
    match error.kind() {
        ErrorKind::UnknownArgument => {
            errors.add(&name, "is not known", help.or_else(|| Some("see --help for the inputs there are".to_owned())));
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            let values = text(ContextKind::ValidValue).filter(|values| !values.is_empty());
            let form = || invalid.as_ref().filter(|_| value.is_empty()).map(|form| format!("write {form}"));
            let known = values.map(|values| format!("write one of: {values}")).or_else(form);
            let problem = if value.is_empty() {
                "needs a value".to_owned()
            } else {
                format!("is {}, which is not one of its values", quote(&value))
            };
            errors.add(
                &name,
                problem,
                help.map_or(known.clone(), |help| Some(known.map_or(help.clone(), |known| format!("{help} {known}")))),
            );
        }
        ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
            errors.add(&name, format!("is {}{cause}", quote(&value)), help);
        }
        _ => {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            errors.add(&name, format!("cannot be used: {}", short(&first)), help);
        }
    }
    typed
}

/// The advice for a secret that was typed as a flag.
fn secret_help(command: &Command, name: &str) -> Option<String> {
    let file = format!("{name}-file");
    let has_file = command.get_arguments().any(|arg| arg.get_long() == Some(file.as_str()));
    has_file.then(|| {
        format!(
            "a secret is no flag, because others can read a command line: write --{file} FILE, or set {}",
            input_variable(name)
        )
    })
}

/// Removes `typed` (and its value, where it stands apart) from `argv`; false when it is not there.
fn remove(argv: &mut Vec<String>, typed: &str) -> bool {
    let with_value = format!("{typed}=");
    let Some(position) = argv.iter().position(|word| word == typed || word.starts_with(&with_value)) else {
        return false;
    };
    let apart = !argv[position].starts_with(&with_value);
    argv.remove(position);
    if apart && argv.get(position).is_some_and(|next| !next.starts_with('-')) {
        argv.remove(position);
    }
    true
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
