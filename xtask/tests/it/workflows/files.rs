//! Reading the repository's YAML.

use std::fs;
use std::path::{Path, PathBuf};

use yaml_serde::Value;

/// A workflow or an action.
pub(crate) struct File {
    /// Its path from the root of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) yaml: Value,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the repository").to_owned()
}

fn read(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let yaml = yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let path = path.strip_prefix(root()).expect("it is in the repository").display().to_string();
    File { path, text, yaml }
}

/// Every workflow.
pub(crate) fn workflows() -> Vec<File> {
    let folder = root().join(".github/workflows");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 5, "{paths:?}");
    paths.iter().map(|path| read(path)).collect()
}

/// One workflow.
pub(crate) fn workflow(name: &str) -> File {
    read(&root().join(".github/workflows").join(name).with_extension("yml"))
}

/// Whether an action is for everyone, not one of our own workflows' or a stand-in.
pub(crate) fn is_public(file: &File) -> bool {
    file.path == "action.yml" || file.path.starts_with("actions/")
}

/// The root action, those below `actions/`, those of our own workflows and the stand-ins.
pub(crate) fn actions() -> Vec<File> {
    let mut files = vec![read(&root().join("action.yml"))];
    for folder in ["actions", ".github/actions", "tools/stand-ins"] {
        for entry in fs::read_dir(root().join(folder)).expect("the folder is there") {
            let file = entry.expect("it can be read").path().join("action.yml");
            if file.is_file() {
                files.push(read(&file));
            }
        }
    }
    files
}

/// An action that only our own workflows use.
pub(crate) fn own_action(name: &str) -> File {
    read(&root().join(".github/actions").join(name).join("action.yml"))
}

/// The entries of a mapping; none where it is missing.
pub(crate) fn entries(value: &Value) -> Vec<(&str, &Value)> {
    let mapping = value.as_mapping().into_iter().flatten();
    mapping.map(|(key, value)| (key.as_str().expect("keys are text"), value)).collect()
}

/// The items of a list; none where it is missing.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_sequence().map_or(&[], Vec::as_slice)
}

impl File {
    /// The jobs of a workflow.
    pub(crate) fn jobs(&self) -> Vec<(&str, &Value)> {
        let jobs = entries(&self.yaml["jobs"]);
        assert!(!jobs.is_empty(), "{} has no jobs", self.path);
        jobs
    }

    /// The steps of all jobs, or of the composite action.
    pub(crate) fn steps(&self) -> Vec<&Value> {
        let jobs = entries(&self.yaml["jobs"]);
        let lists = jobs.iter().map(|(_, job)| &job["steps"]).chain([&self.yaml["runs"]["steps"]]);
        lists.flat_map(items).collect()
    }

    /// The step of this name or id.
    pub(crate) fn step(&self, name: &str) -> &Value {
        let found = self.steps().into_iter().find(|step| step["name"] == name || step["id"] == name);
        found.unwrap_or_else(|| panic!("{} has no step `{name}`", self.path))
    }
}
