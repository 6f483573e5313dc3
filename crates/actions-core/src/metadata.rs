//! What an action declares about itself: the source of action.yml and of the README's tables.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::arguments::{command, is_command_line_only};

/// An action's inputs and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionMetadata {
    /// The action's name.
    pub name: String,
    /// What is typed to run it: the binary, and the command's word where it is one.
    pub invocation: String,
    /// Its title in action.yml.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The inputs, in the order they are declared.
    pub inputs: Vec<InputMetadata>,
    /// The outputs.
    pub outputs: Vec<OutputMetadata>,
    /// Further actions in the same binary.
    pub commands: Vec<ActionMetadata>,
}

/// A declared input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputMetadata {
    /// Its name, kebab-case.
    pub name: String,
    /// What it is.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// Its default, empty where there is none.
    pub default: String,
    /// Whether it is a secret: no flag, environment, file or standard input only.
    pub secret: bool,
    /// The input it is another name of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
}

/// A declared output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputMetadata {
    /// Its name, kebab-case.
    pub name: String,
    /// What it holds.
    pub help: String,
}

impl ActionMetadata {
    /// What the action `A` declares.
    pub fn of<A: Action>() -> Self {
        let outputs: Vec<OutputMetadata> = A::OUTPUTS
            .iter()
            .map(|output| OutputMetadata { name: output.name.to_owned(), help: output.help.to_owned() })
            .collect();
        let secrets = A::SECRETS.iter().map(|secret| InputMetadata {
            name: secret.name.to_owned(),
            help: secret.help.to_owned(),
            required: false,
            default: secret.default.to_owned(),
            secret: true,
            alias_of: None,
        });
        let aliases = A::ALIASES.iter().map(|alias| InputMetadata {
            name: alias.name.to_owned(),
            help: format!("Another name of `{}`.", alias.of),
            required: false,
            default: String::new(),
            secret: false,
            alias_of: Some(alias.of.to_owned()),
        });
        let inputs = command::<A::Args>(A::NAME, A::DESCRIPTION, A::SECRETS);
        Self {
            name: A::NAME.to_owned(),
            invocation: A::INVOCATION.to_owned(),
            title: A::TITLE.to_owned(),
            description: A::DESCRIPTION.to_owned(),
            inputs: inputs.get_arguments().filter_map(input).chain(secrets).chain(aliases).collect(),
            outputs,
            commands: A::COMMANDS.iter().map(|command| (command.describe)()).collect(),
        }
    }
}

fn input(arg: &clap::Arg) -> Option<InputMetadata> {
    if arg.is_hide_set() || is_command_line_only(arg) {
        return None;
    }
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let plain_switch = values.len() == 2 && values.iter().any(|value| value == "`true`");
    let help = if values.is_empty() || plain_switch {
        ensure_period(&help)
    } else {
        format!("{} One of {}.", ensure_period(&help), values.join(", "))
    };
    Some(InputMetadata {
        name: arg.get_long()?.to_owned(),
        help: help.split_whitespace().collect::<Vec<_>>().join(" "),
        required: arg.is_required_set(),
        default: arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>().join("\n"),
        secret: false,
        alias_of: None,
    })
}

fn ensure_period(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', ')']) { text.to_owned() } else { format!("{text}.") }
}
