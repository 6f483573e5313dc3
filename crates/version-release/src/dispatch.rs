//! What is started behind a release.

use std::fmt;

use serde::Serialize;

/// The longest type of an event (<https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>).
const LONGEST_EVENT: usize = 100;

/// The longest target, in bytes.
const LONGEST: usize = 500;

/// Something to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Target {
    /// A workflow of this repository.
    Workflow {
        /// Its file in `.github/workflows`.
        file: String,
        /// The branch or tag it runs at; `None` for the release's tag.
        git_ref: Option<String>,
    },
    /// An event for the workflows of a repository.
    Event {
        /// `owner/name`.
        repository: String,
        /// Its type.
        event: String,
    },
}

impl Target {
    /// Parses `deploy.yml`, `deploy.yml@main` or `owner/name:event-type`.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err("it has more than 500 bytes");
        }
        // What is there stands in the release's text as well, where these would end its comment.
        if text.chars().any(|c| c.is_control() || c == '<' || c == '>') {
            return Err("it has characters that no name has");
        }
        if let Some((repository, event)) = text.split_once(':') {
            return Self::event(repository, event);
        }
        let (file, git_ref) = text.split_once('@').map_or((text, None), |(file, git_ref)| (file, Some(git_ref)));
        let is_workflow = |stem: &str| !stem.is_empty() && !stem.contains(['/', '\\']) && !stem.starts_with('.');
        if !file.strip_suffix(".yml").or_else(|| file.strip_suffix(".yaml")).is_some_and(is_workflow) {
            return Err("neither a workflow's file such as `deploy.yml` nor an event such as `owner/name:released`");
        }
        let git_ref = git_ref.map(git_repository::branch_name).transpose()?;
        Ok(Self::Workflow { file: file.to_owned(), git_ref })
    }

    fn event(repository: &str, event: &str) -> Result<Self, &'static str> {
        let is_name = |name: &str| {
            !name.is_empty()
                && !matches!(name, "." | "..")
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        if !repository.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name)) {
            return Err("an event needs a repository: `owner/name:event-type`");
        }
        if event.is_empty() || event.chars().count() > LONGEST_EVENT || event.contains(char::is_whitespace) {
            return Err("the type of an event has 1 to 100 characters and no blanks");
        }
        Ok(Self::Event { repository: repository.to_owned(), event: event.to_owned() })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workflow { file, git_ref: None } => f.write_str(file),
            Self::Workflow { file, git_ref: Some(git_ref) } => write!(f, "{file}@{git_ref}"),
            Self::Event { repository, event } => write!(f, "{repository}:{event}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_written_alike() {
        for text in ["deploy.yml", "deploy.yaml@develop", "acme/shop:released", "a-b/c.d:x_y", "my deploy.yml@a/b"] {
            assert_eq!(Target::parse(text).map(|target| target.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "deploy",
            ".yml",
            "a/b.yml",
            "..\\x.yml",
            "x.yml@",
            "shop:released",
            "acme/shop:",
            "a/b/c:x",
            "a/..:x",
            "a/b:c d",
            "a.yml\n",
            "-->.yml",
        ] {
            assert!(Target::parse(text).is_err(), "{text:?}");
        }
        assert!(Target::parse(&format!("a/b:{}", "x".repeat(101))).is_err());
        assert!(Target::parse(&format!("{}.yml", "x".repeat(500))).is_err());
    }
}
