//! The rehearsal itself: stack, resources, runs, verdict.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testkit::act::Conclusion;
use testkit::github::Pull;
use testkit::tools::Tools;
use tokio_util::sync::CancellationToken;

use crate::applied::Applied;
use crate::breakage;
use crate::checkout::{Change, Checkout, PULL_REQUEST};
use crate::config::{Breakage, Config, Event, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::evidence::{self, Finding, Record};
use crate::options::Options;
use crate::provision::{Provisioned, TerraformTool, through_api, with_terraform};
use crate::recorded;
use crate::screen::Screen;
use crate::stack::Stack;
use crate::table::{Row, markdown, text};
use crate::workflow::{RunResult, StepResult, Workflow};

/// How a rehearsal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every run succeeded and everything was read back.
    Rehearsed,
    /// A run failed, or something that an action said is not true.
    Failed(Vec<String>),
    /// The deployment that `--break` broke failed, with the right reason.
    BrokenAsAsked(String),
    /// The deployment that `--break` broke was called a success, or failed for another reason.
    NotCaught(String),
}

impl Verdict {
    /// The exit code: 0 rehearsed, 1 failed (as asked or not), 70 a broken deployment that was not caught.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Rehearsed => 0,
            Self::Failed(_) | Self::BrokenAsAsked(_) => 1,
            Self::NotCaught(_) => crate::NOT_CAUGHT,
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Rehearsed => "Rehearsed: every run succeeded and everything was read back.".to_owned(),
            Self::Failed(reasons) => format!("Failed:\n  {}", reasons.join("\n  ")),
            Self::BrokenAsAsked(reason) => format!("Broken as asked, and caught: {reason}"),
            Self::NotCaught(reason) => format!("NOT caught: {reason}"),
        }
    }
}

/// Rehearses the repository of `options`.
pub fn rehearse(options: &Options, cancel: &CancellationToken) -> Result<Verdict, Error> {
    let start = Instant::now();
    let repository = std::fs::canonicalize(&options.repo).map_err(Error::file(&options.repo))?;
    let config = Config::read(&repository)?;
    let breakage = options.breaks.as_deref().map(|name| breakage_of(&config, name)).transpose()?.cloned();
    let only: Vec<String> = match (&options.breaks, options.only.is_empty()) {
        (Some(name), true) => vec![name.clone()],
        _ => options.only.clone(),
    };
    let runs: Vec<Run> = config.selected(&only)?.into_iter().cloned().collect();
    let screen = Screen::new();
    let stage = Stage::set(options, &repository, config, &screen, cancel)?;
    let mut rows = stage.rows.clone();
    let mut problems = Vec::new();
    let mut broken = None;
    for run in &runs {
        let broken_here = breakage.as_ref().filter(|_| options.breaks.as_deref() == Some(&run.name));
        if let Some(before) = broken_here.and_then(|breakage| stage.before(run, breakage)) {
            let performed = stage.perform(&before, None, &screen, cancel)?;
            rows.extend(performed.rows);
            problems.extend(performed.problems);
        }
        let performed = stage.perform(run, broken_here, &screen, cancel)?;
        rows.extend(performed.rows);
        problems.extend(performed.problems);
        if let Some(breakage) = broken_here {
            broken = Some(judge_broken(breakage, &performed.results));
        }
    }
    screen.done();
    let verdict = match broken {
        Some(not_caught @ Verdict::NotCaught(_)) => not_caught,
        _ if !problems.is_empty() => Verdict::Failed(problems),
        broken => broken.unwrap_or(Verdict::Rehearsed),
    };
    stage.close(&rows, &verdict, start.elapsed())?;
    if options.keep {
        stage.keep(cancel);
    }
    Ok(verdict)
}

/// Installs the tools and applies the infrastructure once, so that the next rehearsal finds both.
pub fn prepare(options: &Options) -> Result<(), Error> {
    let repository = std::fs::canonicalize(&options.repo).map_err(Error::file(&options.repo))?;
    let config = Config::read(&repository)?;
    let tools = Tools::ensure(&options.slipway(&repository)).map_err(Error::Tools)?;
    let folder = tempfile::tempdir().map_err(Error::file(&std::env::temp_dir()))?;
    let checkout = Checkout::clone(&repository, &folder.path().join("repository"), &config.repository)?;
    let applied = apply(&config, options, &tools, &checkout, folder.path())?;
    let how = applied.map_or_else(|why| format!("nothing to apply ({why})"), |applied| applied.origin.to_owned());
    Screen::new().line(&format!("infrastructure: {how}"));
    Ok(())
}

fn breakage_of<'a>(config: &'a Config, name: &str) -> Result<&'a Breakage, Error> {
    config.run(name)?.breakage.as_ref().ok_or_else(|| Error::NoBreakage { name: name.to_owned() })
}

/// Whether a broken run failed, and with the words that say why.
fn judge_broken(breakage: &Breakage, results: &[RunResult]) -> Verdict {
    let errors: Vec<&str> = results.iter().flat_map(RunResult::errors).collect();
    if results.iter().all(|result| result.success) {
        return Verdict::NotCaught(format!("{}, and the workflow called it a success", breakage.what));
    }
    match errors.iter().find(|error| error.contains(&breakage.reason)) {
        Some(error) => Verdict::BrokenAsAsked(error.lines().next().unwrap_or_default().to_owned()),
        None => {
            Verdict::NotCaught(format!("it failed, but no error says `{}`: {}", breakage.reason, errors.join(" | ")))
        }
    }
}

/// Everything that is set up before the first run.
struct Stage {
    config: Config,
    stack: Stack,
    checkout: Checkout,
    provisioned: Provisioned,
    applied: Option<Applied>,
    binaries: PathBuf,
    folder: PathBuf,
    rows: Vec<Row>,
}

/// What one run of the configuration gave: its results (two when it is repeated), rows and problems.
struct Performed {
    results: Vec<RunResult>,
    rows: Vec<Row>,
    problems: Vec<String>,
}

impl Stage {
    fn set(
        options: &Options,
        repository: &Path,
        config: Config,
        screen: &Screen,
        cancel: &CancellationToken,
    ) -> Result<Self, Error> {
        let folder = options.output.clone().unwrap_or_else(|| repository.join("target/rehearsal"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(Error::file(&folder))?;
        }
        std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let folder = std::fs::canonicalize(&folder).map_err(Error::file(&folder))?;
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
        screen.now("applying the infrastructure to the emulator (once)");
        let applied = apply(&config, options, &tools, &checkout, &folder)?;
        let environment = applied.as_ref().map(Applied::emulator_env).unwrap_or_default();
        let docker = if options.no_docker { Err("--no-docker".to_owned()) } else { Engine::find()? };
        let engine = match &docker {
            Ok(_) => "with containers".to_owned(),
            Err(why) => format!("no container runs: {why}"),
        };
        let stack = Stack::start(tools, &config.repository, &folder, docker.ok(), &environment)?;
        let provisioned = match &applied {
            Ok(applied) => with_terraform(&config, applied, &stack, checkout.folder())?,
            Err(why) => through_api(&config, &stack, checkout.folder(), why)?,
        };
        let made =
            format!("AWS emulated at {} ({engine}), resources made {}", stack.emulator.endpoint(), provisioned.how);
        timed(&mut rows, "stack and resources", start, made);
        stop_if(cancel)?;
        Ok(Self { config, stack, checkout, provisioned, applied: applied.ok(), binaries, folder, rows })
    }

    /// The deployment that a crashing one is rolled back to: containers that really crash need one that really runs.
    fn before(&self, run: &Run, breakage: &Breakage) -> Option<Run> {
        let name = format!("{}-before", run.name);
        let crashes = breakage.crashes && self.stack.docker.is_some();
        crashes.then(|| Run { name, repeat: false, breakage: None, ..run.clone() })
    }

    /// Does one run of the configuration, and its repetition.
    fn perform(
        &self,
        run: &Run,
        breakage: Option<&Breakage>,
        screen: &Screen,
        cancel: &CancellationToken,
    ) -> Result<Performed, Error> {
        let change = self.checkout.prepare(run, breakage.is_some())?;
        self.tell_github(run, &change);
        let version = change.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
        screen.heading(&format!("{}: {} to {}{version}", run.name, run.event.name(), change.branch));
        let mut performed = Performed { results: Vec::new(), rows: Vec::new(), problems: Vec::new() };
        self.once(run, &run.name, &change, breakage, screen, cancel, &mut performed)?;
        if run.repeat && breakage.is_none() && performed.results.iter().all(|result| result.success) {
            screen.heading(&format!("{}: the same {} again", run.name, run.event.name()));
            self.once(run, &format!("{}-again", run.name), &change, None, screen, cancel, &mut performed)?;
        }
        self.checkout.finish(run, &change)?;
        Ok(performed)
    }

    #[expect(clippy::too_many_arguments, reason = "one run of one workflow, called twice from one place")]
    fn once(
        &self,
        run: &Run,
        name: &str,
        change: &Change,
        breakage: Option<&Breakage>,
        screen: &Screen,
        cancel: &CancellationToken,
        performed: &mut Performed,
    ) -> Result<(), Error> {
        let folder = self.folder.join(name);
        let proxy = breakage.map(|breakage| breakage::proxy(breakage, &self.stack)).transpose()?.flatten();
        let endpoint = proxy.as_ref().map_or_else(|| self.stack.emulator.endpoint(), testkit::FaultProxy::url);
        let workflow = Workflow {
            config: &self.config,
            stack: &self.stack,
            checkout: &self.checkout,
            vars: &self.provisioned.vars,
            env: self.environment(&endpoint, &folder),
            path: self.path(breakage, &folder)?,
            folder: folder.clone(),
            home: self.folder.join("work/home"),
        };
        let result = workflow.run(run, change, screen, cancel)?;
        let records = evidence::records(&folder.join("evidence"));
        let repeated = name != run.name;
        for step in &result.steps {
            let row = self.row(name, step, &records, change.version.as_deref());
            if let Some((problem, action)) = row.problem {
                performed.problems.push(format!("{name} / {}: {action} {problem}", step.name));
            }
            performed.rows.push(row.row);
        }
        // Whether a broken run failed as it should is judged apart.
        if !result.success && breakage.is_none() {
            let errors: Vec<&str> = result.errors().collect();
            let reason = errors.first().and_then(|error| error.lines().next()).unwrap_or("see its log");
            performed.problems.push(format!("{name}: the workflow failed: {reason}"));
        }
        if repeated {
            let first = evidence::records(&self.folder.join(&run.name).join("evidence"));
            let fresh = records.iter().filter(|record| !record.is_repetition_of(&first));
            performed.problems.extend(
                fresh.map(|record| format!("{name}: {} did not say \"already\": {}", record.action, record.verdict())),
            );
        }
        self.save_comments(&folder)?;
        performed.results.push(result);
        Ok(())
    }

    /// The row of a step: the action's verdict and what a foreign client sees.
    fn row(&self, name: &str, step: &StepResult, records: &[Record], version: Option<&str>) -> CheckedRow {
        let result = match step.conclusion {
            Conclusion::Success => "done",
            Conclusion::Failure => "failed",
            Conclusion::Skipped => "skipped",
            Conclusion::Cancelled => "cancelled",
        };
        let record = records.iter().find(|record| record.written_during(step));
        let clone = self.checkout.folder();
        let finding = record.and_then(|record| match step.conclusion {
            Conclusion::Success => {
                Some((record, evidence::check(record, &self.stack, clone, &self.config.repository, version)?))
            }
            Conclusion::Failure => Some((record, evidence::rolled_back(record, &self.stack, clone)?)),
            Conclusion::Skipped | Conclusion::Cancelled => None,
        });
        let (evidence, problem) = match (finding, record) {
            (Some((record, Finding::Err(wrong))), _) => {
                (format!("WRONG: {wrong}"), Some((wrong, record.action.clone())))
            }
            (Some((_, Ok(seen))), _) => (seen, None),
            (None, Some(record)) => (record.verdict().to_owned(), None),
            (None, None) => {
                (step.errors.first().and_then(|error| error.lines().next()).unwrap_or_default().to_owned(), None)
            }
        };
        let result = match record {
            Some(record) if result == "done" && record.verdict().contains("already") => "already done",
            _ => result,
        };
        CheckedRow {
            row: Row { step: format!("{name} / {}", step.name), result, time: Some(step.time), evidence },
            problem,
        }
    }

    fn environment(&self, endpoint: &str, folder: &Path) -> Vec<(String, String)> {
        let mut environment = self.stack.workflow_env(endpoint);
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
    fn path(&self, breakage: Option<&Breakage>, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let broken = breakage.and_then(|breakage| breakage.recorded_plan.as_ref());
        let usual = self.config.terraform.as_ref().filter(|_| self.applied.is_none());
        let recorded = broken.or_else(|| usual?.recorded_plan.as_ref());
        let Some(plan) = recorded else { return Ok(Vec::new()) };
        Ok(vec![recorded::install(&folder.join("bin"), &self.checkout.folder().join(plan))?])
    }

    /// Makes the commit, and the pull request of a run that is about one, known to the stand-in of GitHub.
    fn tell_github(&self, run: &Run, change: &Change) {
        let repository = &self.config.repository;
        self.stack.github.add_commit(repository, &change.head, &change.subject);
        if run.event == Event::PullRequest {
            self.stack.github.add_pull(
                repository,
                Pull {
                    number: PULL_REQUEST,
                    title: change.subject.clone(),
                    head_ref: change.branch.clone(),
                    head_sha: change.head.clone(),
                    base_ref: run.branch.clone(),
                    base_sha: change.base.clone(),
                    ..Pull::default()
                },
            );
        }
    }

    /// Writes the comments of the pull request beside the evidence.
    fn save_comments(&self, folder: &Path) -> Result<(), Error> {
        let comments = self.stack.github.comments(&self.config.repository, PULL_REQUEST);
        for (index, comment) in comments.iter().enumerate() {
            let path = folder.join(format!("comment-{}.md", index + 1));
            std::fs::write(&path, comment["body"].as_str().unwrap_or_default()).map_err(Error::file(&path))?;
        }
        Ok(())
    }

    /// Prints the table and writes it down.
    fn close(&self, rows: &[Row], verdict: &Verdict, time: Duration) -> Result<(), Error> {
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
    fn keep(&self, cancel: &CancellationToken) {
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

/// A row, and the problem that a foreign client found.
struct CheckedRow {
    row: Row,
    problem: Option<(String, String)>,
}

/// Applies the repository's Terraform to an emulator of its own; the inner error says why that cannot be done here.
fn apply(
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
