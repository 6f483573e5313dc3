//! Terraform applied to the emulator, once: the emulator's state and Terraform's are kept and restored by later rehearsals.
//!
//! The provider waits for load balancers and buckets by the clock (more than a minute in all), however fast the emulator
//! is. What was applied is kept under a hash of everything that went into it, and a plan without changes proves each time
//! that it still fits.

use std::path::{Path, PathBuf};

use testkit::ministack::Ministack;
use testkit::tools::Tools;

use crate::command::Tool;
use crate::config::Terraform;
use crate::error::Error;
use crate::provision::TerraformTool;

/// The state's file, in the rehearsal's folder: the workflows plan against it.
const STATE: &str = "terraform.tfstate";

/// The folder of the emulator's state.
const EMULATOR: &str = "emulator";

/// A root module that is applied, with the states that say so.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) terraform: Terraform,
    pub(crate) tool: TerraformTool,
    /// Whether it was applied now or restored.
    pub(crate) origin: &'static str,
    /// The folder of both states, of this rehearsal alone.
    folder: PathBuf,
}

impl Applied {
    /// Restores what an earlier rehearsal applied, or applies it and keeps it in the tools' folder for later ones.
    pub(crate) fn prepare(
        terraform: &Terraform,
        tool: TerraformTool,
        tools: &Tools,
        clone: &Path,
        folder: &Path,
    ) -> Result<Self, Error> {
        let cache = tools.directory().join("applied");
        std::fs::create_dir_all(&cache).map_err(Error::file(&cache))?;
        let module = clone.join(&terraform.directory);
        let folder = folder.join("applied");
        let cached = cache.join(key(terraform, &module, tools)?);
        let mut applied = Self { terraform: terraform.clone(), tool, origin: "restored", folder };
        let none: [(String, String); 0] = [];
        applied.command(clone, &none).args(["init", "-no-color", "-lockfile=readonly"]).output()?;
        if cached.join(STATE).is_file() {
            copy(&cached, &applied.folder)?;
            return Ok(applied);
        }
        applied.origin = "applied now, for the first time";
        std::fs::create_dir_all(&applied.folder).map_err(Error::file(&applied.folder))?;
        let server =
            |error: &dyn std::fmt::Display| Error::Server { what: "the AWS emulator", reason: error.to_string() };
        let mut builder = Ministack::builder(tools);
        for (name, value) in applied.emulator_env() {
            builder = builder.env(name, value);
        }
        let emulator = builder.start().map_err(|error| server(&error))?;
        applied
            .command(clone, &emulator.env())
            .args(["apply", "-no-color", "-auto-approve", "-lock=false", &applied.state_argument()])
            .output()?;
        // The emulator writes its state when it ends.
        emulator.stop().map_err(|error| server(&error))?;
        let partial = cache.join(format!(".{}", std::process::id()));
        copy(&applied.folder, &partial)?;
        // Losing the race to another rehearsal is as good as winning it.
        if std::fs::rename(&partial, &cached).is_err() {
            std::fs::remove_dir_all(&partial).map_err(Error::file(&partial))?;
        }
        Ok(applied)
    }

    /// What the emulator needs to go on from the kept state.
    pub(crate) fn emulator_env(&self) -> Vec<(String, String)> {
        let state = self.folder.join(EMULATOR);
        [
            ("PERSIST_STATE", "1".to_owned()),
            ("S3_PERSIST", "1".to_owned()),
            ("STATE_DIR", state.display().to_string()),
            ("S3_DATA_DIR", state.join("s3").display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Terraform in the module's folder, against the emulator of `environment`.
    pub(crate) fn command(&self, clone: &Path, environment: &[(String, String)]) -> Tool {
        Tool::new(&self.tool.program, &clone.join(&self.terraform.directory))
            .envs(environment)
            .envs(&self.tool.env(&self.terraform))
    }

    /// The argument that names the state's file.
    pub(crate) fn state_argument(&self) -> String {
        format!("-state={}", self.folder.join(STATE).display())
    }
}

/// A hash of everything the applied state depends on: the module, its variables, the versions of the tools.
fn key(terraform: &Terraform, module: &Path, tools: &Tools) -> Result<String, Error> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(module)
        .map_err(Error::file(module))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf" || extension == "hcl"))
        .collect();
    names.sort();
    let mut all = format!("{:?}{}", terraform.variables, tools.pins()).into_bytes();
    for path in &names {
        all.extend_from_slice(path.file_name().unwrap_or_default().as_encoded_bytes());
        all.extend(std::fs::read(path).map_err(Error::file(path))?);
    }
    Ok(testkit::registry::digest(&all).replace(':', "-"))
}

/// Copies a folder with everything below it.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to).map_err(Error::file(to))?;
    for entry in std::fs::read_dir(from).map_err(Error::file(from))? {
        let entry = entry.map_err(Error::file(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(Error::file(&source))?;
        }
    }
    Ok(())
}
