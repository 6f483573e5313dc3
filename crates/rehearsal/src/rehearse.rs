//! The rehearsal itself: set the stage, do each run, come to a verdict.

use std::time::Instant;

use testkit::tools::Tools;
use tokio_util::sync::CancellationToken;

use crate::checkout::Checkout;
use crate::config::{Breakage, Config, Run};
use crate::error::Error;
use crate::options::Options;
use crate::screen::Screen;
use crate::stage::{Stage, apply};
use crate::verdict::{Verdict, judge_broken};

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
