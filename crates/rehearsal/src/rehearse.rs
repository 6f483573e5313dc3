//! The rehearsal itself: set the stage, do each run, come to a verdict.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use testkit::tools::Tools;
use tokio_util::sync::CancellationToken;

use crate::check::check;
use crate::checkout::Checkout;
use crate::config::{self, Config, Run};
use crate::container::NOT_STARTED;
use crate::error::Error;
use crate::failure;
use crate::options::Options;
use crate::problem::{FileProblem, Problem};
use crate::schema::{self, Reading};
use crate::screen::Screen;
use crate::stage::{Stage, apply};
use crate::table::Row;
use crate::tree::{self, Tree};
use crate::verdict::{Containers, Verdict, judge_broken};

/// Rehearses the repository of `options`.
pub fn rehearse(options: &Options, cancel: &CancellationToken) -> Result<Verdict, Error> {
    let start = Instant::now();
    let Asked { repository, config, warnings } = understand(options)?;
    let breakage = options.breaks.as_deref().and_then(|name| config.run(name)?.breakage.clone());
    let runs: Vec<Run> = options.runs(&config).into_iter().cloned().collect();
    let screen = Screen::new();
    let stage = Stage::set(options, &repository, config, &screen, cancel)?;
    let mut rows: Vec<Row> = warnings.iter().map(|warning| Row::warning(warning.to_string())).collect();
    rows.extend(stage.rows.iter().cloned());
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
            broken = Some(judge_broken(breakage, stage.stack.docker.is_some(), &performed.results));
        }
    }
    screen.done();
    let verdict = match broken {
        Some(not_caught @ Verdict::NotCaught(_)) => not_caught,
        _ if !problems.is_empty() => Verdict::Failed(problems),
        broken => broken.unwrap_or_else(|| Verdict::Rehearsed(containers(&rows))),
    };
    stage.close(&rows, &verdict, start.elapsed())?;
    if options.keep {
        stage.keep(cancel);
    }
    Ok(verdict)
}

/// Whether a container ran for each deployment that the rows tell of.
fn containers(rows: &[Row]) -> Containers {
    if rows.iter().any(|row| row.evidence.contains(NOT_STARTED)) { Containers::NotStarted } else { Containers::Seen }
}

/// Installs the tools and applies the infrastructure once, so that the next rehearsal finds both.
pub fn prepare(options: &Options) -> Result<(), Error> {
    let Asked { repository, config, .. } = understand(options)?;
    let tools = Tools::ensure(&options.slipway(&repository)).map_err(Error::Tools)?;
    let folder = tempfile::tempdir().map_err(Error::file(&std::env::temp_dir()))?;
    let checkout = Checkout::clone(&repository, &folder.path().join("repository"), &config.repository)?;
    let applied = apply(&config, options, &tools, &checkout, folder.path())?;
    let how = applied.map_or_else(|why| format!("nothing to apply ({why})"), |applied| applied.origin.to_owned());
    Screen::new().line(&format!("infrastructure: {how}"));
    Ok(())
}

/// What a rehearsal is asked for.
struct Asked {
    repository: PathBuf,
    config: Config,
    /// What was told of it, and kept nothing from starting.
    warnings: Vec<Problem>,
}

/// The repository and its configuration; everything that is wrong with what was asked for is one error.
fn understand(options: &Options) -> Result<Asked, Error> {
    let repository = tree::root(&options.repo).map_err(Problem::from)?;
    let path = repository.join(config::FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Problem::from(FileProblem::NoConfig { path: path.display().to_string(), why: error.to_string() })
    })?;
    let Reading { config, mut problems } = schema::read(&text);
    let tree = Tree::read(&repository)?;
    problems.extend(config.iter().flat_map(|config| check(config, options, &tree)));
    let (warnings, problems): (Vec<Problem>, Vec<Problem>) = problems.into_iter().partition(Problem::is_warning);
    match config {
        Some(config) if problems.is_empty() => {
            let _ = std::io::stderr().lock().write_all(failure::told(&warnings).as_bytes());
            Ok(Asked { repository, config, warnings })
        }
        _ => Err(Error::Mistakes { problems: [problems, warnings].concat() }),
    }
}
