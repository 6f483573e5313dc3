//! Everything that is there before the first run: tools, clone, stack, resources; and what is left after the last.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testkit::tools::Tools;
use tokio_util::sync::CancellationToken;

use crate::applied::Applied;
use crate::checkout::Checkout;
use crate::config::{Breakage, Config, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::export::Listing;
use crate::options::Options;
use crate::permissions::Grant;
use crate::provision::{Provisioned, TerraformTool, through_api, with_terraform};
use crate::recorded;
use crate::screen::Screen;
use crate::stack::Stack;
use crate::sts::Sts;
use crate::table::{Row, markdown, text};
use crate::verdict::Verdict;

/// The file that marks a folder as one of ours, which the next rehearsal may empty.
const MARKER: &str = ".slipway-rehearsal";

/// Everything that is set up before the first run.
pub(crate) struct Stage {
    pub(crate) config: Config,
    pub(crate) stack: Stack,
    pub(crate) checkout: Checkout,
    pub(crate) provisioned: Provisioned,
    applied: Option<Applied>,
    /// The folders that stand in for other actions, by `owner/name`.
    pub(crate) stand_ins: BTreeMap<String, PathBuf>,
    binaries: PathBuf,
    pub(crate) folder: PathBuf,
    /// The rows of what was set up.
    pub(crate) rows: Vec<Row>,
}

impl Stage {
    /// Sets everything up. Nothing of an earlier rehearsal is left in the folder.
    pub(crate) fn set(
        options: &Options,
        repository: &Path,
        config: Config,
        screen: &Screen,
        cancel: &CancellationToken,
    ) -> Result<Self, Error> {
        let folder = options.output.clone().unwrap_or_else(|| repository.join("target/rehearsal"));
        let folder = emptied(&folder)?;
        let binaries = options.binaries();
        let binaries = std::fs::canonicalize(&binaries).map_err(Error::file(&binaries))?;
        screen.heading("Local stack");
        let mut rows = Vec::new();
        let timed = |rows: &mut Vec<Row>, step: &str, start: Instant, evidence: String| {
            screen.line(&format!("  ✓ {step}  {}  {evidence}", crate::screen::seconds(start.elapsed())));
            rows.push(Row { step: step.to_owned(), result: "done", time: Some(start.elapsed()), evidence });
        };
        let start = Instant::now();
        screen.now("installing the pinned tools (once)");
        let tools = Tools::ensure(&options.slipway(repository)).map_err(Error::Tools)?;
        timed(&mut rows, "tools", start, String::new());
        stop_if(cancel)?;
        let checkout = Checkout::clone(repository, &folder.join("work/repository"), &config.repository)?;
        let start = Instant::now();
        let (stand_ins, copied) = export(&config, repository, &checkout, &folder.join("work/uses"), screen)?;
        if !copied.is_empty() {
            timed(&mut rows, "other actions", start, copied);
        }
        let start = Instant::now();
        screen.now("applying the infrastructure to the emulator (once)");
        let applied = apply(&config, options, &tools, &checkout, &folder)?;
        let environment = applied.as_ref().map(Applied::emulator_env).unwrap_or_default();
        let docker = if options.no_docker { Err("--no-docker".to_owned()) } else { Engine::find()? };
        let engine = match &docker {
            Ok(_) => "with containers".to_owned(),
            Err(why) => format!("no container runs: {why}"),
        };
        let stack = Stack::start(tools, &config, &folder, docker.ok(), &environment)?;
        let provisioned = match &applied {
            Ok(applied) => with_terraform(&config, applied, &stack, checkout.folder())?,
            Err(why) => through_api(&config, &stack, checkout.folder(), why)?,
        };
        let made =
            format!("AWS emulated at {} ({engine}), resources made {}", stack.emulator.endpoint(), provisioned.how);
        timed(&mut rows, "stack and resources", start, made);
        stop_if(cancel)?;
        Ok(Self { config, stack, checkout, provisioned, applied: applied.ok(), stand_ins, binaries, folder, rows })
    }

    /// The deployment that a crashing one is rolled back to: containers that really crash need one that really runs.
    pub(crate) fn before(&self, run: &Run, breakage: &Breakage) -> Option<Run> {
        let name = format!("{}-before", run.name);
        let crashes = breakage.crashes && self.stack.docker.is_some();
        crashes.then(|| Run { name, repeat: false, breakage: None, ..run.clone() })
    }

    /// The environment of every step.
    pub(crate) fn environment(
        &self,
        endpoint: &str,
        sts: &Sts,
        grants: &[Grant],
        folder: &Path,
    ) -> Vec<(String, String)> {
        let mut environment = self.stack.workflow_env(endpoint, &sts.url(), grants);
        let text = |path: &Path| path.display().to_string();
        environment.push(("SLIPWAY_BIN_DIR".to_owned(), text(&self.binaries)));
        environment.push(("SLIPWAY_EVIDENCE_DIR".to_owned(), text(&folder.join("evidence"))));
        // The runner's home is a folder of ours; the toolchains stay where they are.
        if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
            for (name, default) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
                let folder = std::env::var_os(name).map_or_else(|| home.join(default), PathBuf::from);
                environment.push((name.to_owned(), text(&folder)));
            }
        }
        if let Some(applied) = &self.applied {
            environment.extend(applied.tool.env(&applied.terraform));
            environment.push(("TF_CLI_ARGS_plan".to_owned(), format!("{} -lock=false", applied.state_argument())));
        }
        environment
    }

    /// Folders in front of `PATH`: a recorded plan, where Terraform cannot be had or a breakage asks for one.
    pub(crate) fn path(&self, breakage: Option<&Breakage>, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let broken = breakage.and_then(|breakage| breakage.recorded_plan.as_ref());
        let usual = self.config.terraform.as_ref().filter(|_| self.applied.is_none());
        let recorded = broken.or_else(|| usual?.recorded_plan.as_ref());
        let Some(plan) = recorded else { return Ok(Vec::new()) };
        Ok(vec![recorded::install(&folder.join("bin"), &self.checkout.folder().join(plan))?])
    }

    /// Prints the table and writes it down.
    pub(crate) fn close(&self, rows: &[Row], verdict: &Verdict, time: Duration) -> Result<(), Error> {
        let path = self.folder.join("rehearsal.md");
        let document = format!("# Rehearsal\n\n{}\n\n{}", verdict.line(), markdown(rows));
        std::fs::write(&path, document).map_err(Error::file(&path))?;
        let closing = format!(
            "\n{}\n{}\n{} in all; everything is below {}\n",
            text(rows),
            verdict.line(),
            crate::screen::seconds(time),
            self.folder.display()
        );
        let _ = std::io::stdout().lock().write_all(closing.as_bytes());
        Ok(())
    }

    /// Leaves the stack running until Ctrl-C.
    pub(crate) fn keep(&self, cancel: &CancellationToken) {
        let environment: BTreeMap<String, String> = self.stack.emulator.env().into_iter().collect();
        let mut text = String::from("The stack keeps running until Ctrl-C. To look at it:\n");
        for (name, value) in environment {
            text.push_str(&format!("  export {name}={value}\n"));
        }
        text.push_str(&format!("  GitHub stand-in: {}\n", self.stack.github.api_url()));
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
        while !cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Copies what stands in for other actions, once; the folders, and what was copied in a sentence.
fn export(
    config: &Config,
    repository: &Path,
    checkout: &Checkout,
    to: &Path,
    screen: &Screen,
) -> Result<(BTreeMap<String, PathBuf>, String), Error> {
    let (mut folders, mut copied) = (BTreeMap::new(), Vec::new());
    for (action, folder) in &config.uses {
        // A folder of the repository is taken from the clone, which holds what is not committed yet.
        let inside = checkout.folder().join(folder);
        let from = if inside.is_dir() { inside } else { repository.join(folder) };
        let target = to.join(action.replace('/', "+"));
        std::fs::create_dir_all(&target).map_err(Error::file(&target))?;
        let exported = Listing::of(&from)?.copy(&target, action, screen)?;
        let megabytes = f64::from(u32::try_from(exported.bytes / 1024).unwrap_or(u32::MAX)) / 1024.0;
        copied.push(format!("{action}: {} files, {megabytes:.1} MiB", exported.files));
        folders.insert(action.clone(), target);
    }
    Ok((folders, copied.join("; ")))
}

/// An empty folder of ours at `folder`. One that holds anything else is left alone.
fn emptied(folder: &Path) -> Result<PathBuf, Error> {
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used && !folder.join(MARKER).is_file() {
        return Err(Error::ForeignFolder { folder: folder.display().to_string() });
    }
    if is_used {
        std::fs::remove_dir_all(folder).map_err(Error::file(folder))?;
    }
    std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    std::fs::write(folder.join(MARKER), "A rehearsal's folder: the next one empties it.\n")
        .map_err(Error::file(folder))?;
    // Whatever the repository ignores: a rehearsal's files are never committed by accident.
    std::fs::write(folder.join(".gitignore"), "*\n").map_err(Error::file(folder))?;
    std::fs::canonicalize(folder).map_err(Error::file(folder))
}

/// Applies the repository's Terraform to an emulator of its own; the inner error says why that cannot be done here.
pub(crate) fn apply(
    config: &Config,
    options: &Options,
    tools: &Tools,
    checkout: &Checkout,
    folder: &Path,
) -> Result<Result<Applied, String>, Error> {
    let Some(terraform) = &config.terraform else { return Ok(Err("rehearsal.toml names no Terraform".to_owned())) };
    if options.no_terraform {
        return Ok(Err("--no-terraform".to_owned()));
    }
    if let Some(overlay) = &terraform.overlay {
        checkout.overlay(overlay, &terraform.directory)?;
    }
    let tool = match TerraformTool::find(folder) {
        Ok(tool) => tool,
        Err(reason) => return Ok(Err(reason)),
    };
    Applied::prepare(terraform, tool, tools, checkout.folder(), folder).map(Ok)
}

fn stop_if(cancel: &CancellationToken) -> Result<(), Error> {
    if cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_someone_else_is_never_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("rehearsal");
        emptied(&mine).unwrap();
        std::fs::write(mine.join("old"), "x").unwrap();
        emptied(&mine).unwrap();
        assert!(!mine.join("old").exists());
        std::fs::remove_file(mine.join(MARKER)).unwrap();
        std::fs::write(mine.join("precious"), "x").unwrap();
        assert!(matches!(emptied(&mine), Err(Error::ForeignFolder { .. })));
        assert!(mine.join("precious").exists());
    }
}
