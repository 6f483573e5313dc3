//! Secret inputs: they have no flag, only an environment variable, a file or standard input.

use std::path::Path;

use secrecy::SecretString;

use crate::environment::Environment;

/// The longest secret: no token or key is nearly as long.
const LARGEST: u64 = 1024 * 1024;

/// A secret input of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretInput {
    /// The input's name, kebab-case.
    pub name: &'static str,
    /// What it is for; becomes the text in action.yml.
    pub help: &'static str,
    /// The default in action.yml, an expression or empty.
    pub default: &'static str,
    /// The variables it is also read from, in order, after `INPUT_<NAME>`.
    pub variables: &'static [&'static str],
}

/// The job's GitHub token, shared by every action that talks to GitHub.
pub const GITHUB_TOKEN: SecretInput = SecretInput {
    name: "github-token",
    help: "Token for GitHub's API. On the command line it is read from GITHUB_TOKEN, GH_TOKEN or --github-token-file.",
    default: "${{ github.token }}",
    variables: &["GITHUB_TOKEN", "GH_TOKEN"],
};

/// Variables that hold secrets by their very name, whoever reads them: a program that we start may print its environment.
const SECRET_VARIABLES: [&str; 9] = [
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ARM_CLIENT_SECRET",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GOOGLE_CREDENTIALS",
];

/// Shorter values of these variables are no real secrets but words such as `test`, which must not be hidden everywhere.
const SHORTEST_AMBIENT: usize = 16;

/// The secrets that the environment holds, whether or not an input asks for them.
pub(crate) fn ambient(environment: &Environment) -> impl Iterator<Item = &str> {
    SECRET_VARIABLES.iter().filter_map(|name| environment.get(name)).filter(|value| value.len() >= SHORTEST_AMBIENT)
}

impl SecretInput {
    /// The flag that names a file (or `-` for standard input) to read the secret from.
    pub(crate) fn file_flag(&self) -> String {
        format!("{}-file", self.name)
    }

    /// The values of the variables that may hold the secret, the one that counts first.
    pub(crate) fn in_environment<'a>(&'a self, environment: &'a Environment) -> impl Iterator<Item = &'a str> {
        let input = environment.input(self.name);
        input.into_iter().chain(self.variables.iter().filter_map(|name| environment.get(name)))
    }

    /// The secret from the environment, or from `file` where one was named; surrounding white space is dropped.
    pub(crate) fn read(&self, environment: &Environment, file: Option<&str>) -> Result<Option<SecretString>, String> {
        let text = match file {
            Some("-") => {
                let bytes = crate::limited(std::io::stdin(), LARGEST).map_err(|error| error.to_string());
                let text =
                    bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned()));
                Some(text.map_err(|error| format!("cannot be read from standard input: {error}"))?)
            }
            Some(path) => {
                let text = crate::read_text_limited(Path::new(path), LARGEST);
                Some(text.map_err(|error| format!("cannot be read from `{path}`: {error}"))?)
            }
            None => self.in_environment(environment).next().map(str::to_owned),
        };
        Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).map(SecretString::from))
    }
}
