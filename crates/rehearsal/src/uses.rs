//! Which actions and reusable workflows a workflow uses, those included that the repository's own ones use.

use std::collections::BTreeSet;

use yaml_serde::Value;

use crate::problem::WorkflowProblem;

/// Something of another repository that a workflow uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Remote {
    /// `owner/name`.
    pub(crate) action: String,
    /// The folder below it, or a reusable workflow's file; empty for the root.
    pub(crate) path: String,
    /// What stands behind the `@`.
    pub(crate) reference: String,
}

impl Remote {
    /// Reads the value of a `uses`.
    pub(crate) fn parse(used: &str) -> Option<Self> {
        let (place, reference) = used.split_once('@').unwrap_or((used, ""));
        let mut names = place.splitn(3, '/');
        let (owner, name) = (names.next()?, names.next()?);
        Some(Self {
            action: format!("{owner}/{name}"),
            path: names.next().unwrap_or_default().trim_end_matches('/').to_owned(),
            reference: reference.to_owned(),
        })
    }

    /// Whether the runner itself stands in for it.
    pub(crate) fn is_built_in(&self) -> bool {
        self.action == "actions/checkout"
    }

    /// The files one of which has to be there.
    pub(crate) fn files(&self) -> Vec<String> {
        if is_workflow(&self.path) {
            return vec![self.path.clone()];
        }
        let folder = if self.path.is_empty() { String::new() } else { format!("{}/", self.path) };
        ["action.yml", "action.yaml"].map(|name| format!("{folder}{name}")).to_vec()
    }
}

/// Whether a path is a reusable workflow's.
pub(crate) fn is_workflow(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

/// A file that is not YAML, and what the parser says of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) file: String,
    pub(crate) why: String,
}

impl From<Unreadable> for WorkflowProblem {
    fn from(error: Unreadable) -> Self {
        Self::BadWorkflow { file: error.file, why: error.why }
    }
}

/// Something that a job or a step uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    /// The value of `uses`.
    pub(crate) name: String,
    /// The names of the inputs it is given.
    pub(crate) with: Vec<String>,
}

/// A workflow or an action of the repository.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// The file, relative to the repository's root.
    pub(crate) file: String,
    pub(crate) value: Value,
}

impl Document {
    /// What its jobs and steps use.
    pub(crate) fn uses(&self) -> Vec<Used> {
        let steps = |owner: &Value| owner.get("steps").and_then(Value::as_sequence).cloned().unwrap_or_default();
        let jobs: Vec<Value> = self
            .value
            .get("jobs")
            .and_then(Value::as_mapping)
            .map(|jobs| jobs.values().cloned().collect())
            .unwrap_or_default();
        let of_action = self.value.get("runs").map(steps).unwrap_or_default();
        let of_jobs = jobs.iter().flat_map(steps).collect::<Vec<_>>();
        jobs.iter().chain(&of_jobs).chain(&of_action).filter_map(used).collect()
    }
}

/// What a job or a step uses.
fn used(owner: &Value) -> Option<Used> {
    let name = owner.get("uses")?.as_str()?.trim().to_owned();
    let with = owner.get("with").and_then(Value::as_mapping).into_iter().flatten();
    Some(Used { name, with: with.filter_map(|(name, _)| Some(name.as_str()?.to_owned())).collect() })
}

/// The workflow `file`, and the repository's own actions and workflows that it uses. `read` gives the text of a file of the
/// repository.
pub(crate) fn documents(file: &str, read: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Document>, Unreadable> {
    let mut found = Vec::new();
    let (mut open, mut seen) = (vec![file.to_owned()], BTreeSet::new());
    while let Some(file) = open.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        // What is not there is the runner's to report: it may be made by a step.
        let Some(text) = read(&file) else { continue };
        let value = match yaml_serde::from_str(&text) {
            Ok(value) => value,
            Err(error) => return Err(Unreadable { file, why: error.to_string() }),
        };
        let document = Document { file, value };
        for used in document.uses() {
            match used.name.strip_prefix("./") {
                Some(own) if is_workflow(own) => open.push(own.to_owned()),
                Some(own) => {
                    let own = own.trim_end_matches('/');
                    open.extend(["action.yml", "action.yaml"].map(|name| format!("{own}/{name}")));
                }
                None => {}
            }
        }
        found.push(document);
    }
    Ok(found)
}

/// Everything of other repositories that these files use.
pub(crate) fn remotes_of(documents: &[Document]) -> BTreeSet<Remote> {
    let used = documents.iter().flat_map(Document::uses);
    let remote = used.filter(|used| !used.name.starts_with("./") && !used.name.starts_with("docker:"));
    remote.filter_map(|used| Remote::parse(&used.name)).collect()
}

/// Everything of other repositories that the workflow `file` uses. `read` gives the text of a file of the repository.
pub(crate) fn remotes(file: &str, read: &dyn Fn(&str) -> Option<String>) -> Result<BTreeSet<Remote>, Unreadable> {
    Ok(remotes_of(&documents(file, read)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_repositorys_own_actions_and_workflows() {
        let read = |file: &str| {
            let text = match file {
                ".github/workflows/w.yml" => {
                    "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6 # v6\n      - uses: ./tools/x\n      - run: 'uses: no/no'\n  b:\n    uses: ./.github/workflows/r.yml\n"
                }
                "tools/x/action.yml" => "runs:\n  using: composite\n  steps:\n    - uses: acme/setup/deep@v1\n",
                ".github/workflows/r.yml" => "jobs:\n  c:\n    uses: acme/flows/.github/workflows/d.yml@main\n",
                _ => return None,
            };
            Some(text.to_owned())
        };
        let found: Vec<(String, Vec<String>)> = remotes(".github/workflows/w.yml", &read)
            .unwrap()
            .into_iter()
            .map(|remote| (format!("{}@{}", remote.action, remote.reference), remote.files()))
            .collect();
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                ("acme/flows@main".to_owned(), files(&[".github/workflows/d.yml"])),
                ("acme/setup@v1".to_owned(), files(&["deep/action.yml", "deep/action.yaml"])),
                ("actions/checkout@v6".to_owned(), files(&["action.yml", "action.yaml"])),
            ]
        );
    }

    #[test]
    fn says_which_file_is_no_yaml() {
        let error = remotes("w.yml", &|_| Some("jobs: [".to_owned())).unwrap_err();
        assert_eq!(error.file, "w.yml");
    }
}
