//! A folder in which Terraform makes plans.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::compare::Comparison;
use super::text_of;
use crate::schema::SchemaFile;

/// A root module with its state.
pub(super) struct Workspace {
    folder: tempfile::TempDir,
}

/// A plan, and what Terraform prints of it.
pub(super) struct Planned {
    pub(super) json: String,
    pub(super) shown: String,
}

impl Workspace {
    /// An empty folder; `None` where there is no Terraform, which is said.
    pub(super) fn new() -> Option<Self> {
        if Command::new("terraform").arg("version").env("CHECKPOINT_DISABLE", "1").output().is_err() {
            eprintln!("SKIPPED generated plans: there is no terraform in PATH");
            return None;
        }
        Some(Self { folder: tempfile::tempdir().unwrap() })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, content: &str) -> &Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// What Terraform prints, whatever it thinks of the matter.
    pub(super) fn try_terraform(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new("terraform");
        command.args(arguments).current_dir(self.path()).env("CHECKPOINT_DISABLE", "1").env_remove("TF_IN_AUTOMATION");
        if self.path().join("terraform.rc").exists() {
            command.env("TF_CLI_CONFIG_FILE", self.path().join("terraform.rc"));
        }
        let output = command.output().unwrap();
        let printed = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(printed).unwrap())
    }

    pub(super) fn terraform(&self, arguments: &[&str]) -> String {
        let (succeeded, printed) = self.try_terraform(arguments);
        assert!(succeeded, "terraform {arguments:?}: {printed}");
        printed
    }

    /// Makes the configuration real.
    pub(super) fn apply(&self, configuration: &str) {
        self.write("main.tf", configuration);
        self.initialize();
        self.terraform(&["apply", "-no-color", "-auto-approve"]);
    }

    /// Plans the configuration. A plan that fails is saved too.
    pub(super) fn plan(&self, configuration: &str, arguments: &[&str]) -> Planned {
        self.write("main.tf", configuration);
        self.initialize();
        self.try_terraform(&[&["plan", "-no-color", "-input=false", "-out=tfplan"], arguments].concat());
        let json = self.terraform(&["show", "-json", "tfplan"]);
        Planned { json, shown: self.terraform(&["show", "-no-color", "tfplan"]) }
    }

    /// Once is enough: providers and modules stay the same.
    fn initialize(&self) {
        if !self.path().join(".terraform").exists() {
            self.terraform(&["init", "-no-color"]);
        }
    }

    /// What the providers say of their types.
    pub(super) fn schemas(&self) -> String {
        self.terraform(&["providers", "schema", "-json"])
    }
}

impl Planned {
    /// The plan as JSON.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.json).unwrap()
    }

    /// Compares our text of the plan with Terraform's.
    pub(super) fn compare(&self, schemas: &SchemaFile) -> Comparison {
        Comparison::of(&text_of(self.json.as_bytes(), schemas), &self.shown)
    }
}

/// The folder that mirrors a provider: one that `TF_PLUGIN_MIRROR` names, a usual one, or one below `/opt`.
pub(super) fn mirror(provider: &str) -> Option<PathBuf> {
    let named = std::env::var_os("TF_PLUGIN_MIRROR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let usual =
        home.iter().flat_map(|home| [home.join(".terraform.d/plugins"), home.join(".local/share/terraform/plugins")]);
    let below_opt = std::fs::read_dir("/opt").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let system = ["/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins"].map(PathBuf::from);
    named.into_iter().chain(usual).chain(system).chain(below_opt).find(|folder| folder.join(provider).is_dir())
}
