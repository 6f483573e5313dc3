//! Everybody in turn, several times: a busy moment of the machine hits all alike.

use std::path::Path;

use super::peer::{Contender, Field};
use super::run::{Cost, timed};
use super::scenario::Scenario;
use super::server::{Counts, Server};
use super::site::Site;
use crate::bench::statistics::{median, spread};
use crate::report::line;

/// What the runs of one contender gave.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) peer: &'static str,
    pub(crate) setting: &'static str,
    pub(crate) name: String,
    pub(crate) costs: Vec<Cost>,
    /// What the last run asked of the stand-in.
    pub(crate) counts: Counts,
    /// The stand-in's processor time in each run.
    pub(crate) served: Vec<f64>,
    /// The most keys that were not as they must be after a run.
    pub(crate) wrong: usize,
    /// Why its figures do not count.
    pub(crate) failure: Option<String>,
}

/// A scenario's outcomes.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) scenario: Scenario,
    pub(crate) runs: usize,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Outcome {
    /// Nothing was measured yet.
    pub(crate) fn new(contender: &Contender) -> Self {
        let Contender { peer, setting, .. } = contender;
        let (name, counts) = (contender.name(), Counts::default());
        Self { peer, setting, name, costs: Vec::new(), counts, served: Vec::new(), wrong: 0, failure: None }
    }

    /// Whether its figures count: it ended well and left what it had to.
    pub(crate) fn is_right(&self) -> bool {
        self.failure.is_none() && self.wrong == 0 && !self.costs.is_empty()
    }

    /// The median of a figure.
    pub(crate) fn median(&self, figure: fn(&Cost) -> f64) -> f64 {
        median(&self.figures(figure))
    }

    /// The least of a figure.
    pub(crate) fn least(&self, figure: fn(&Cost) -> f64) -> f64 {
        self.figures(figure).into_iter().fold(f64::INFINITY, f64::min)
    }

    /// How far its middle half reaches.
    pub(crate) fn spread(&self, figure: fn(&Cost) -> f64) -> f64 {
        spread(&self.figures(figure))
    }

    fn figures(&self, figure: fn(&Cost) -> f64) -> Vec<f64> {
        self.costs.iter().map(figure).collect()
    }
}

impl Measured {
    /// The stand-in's processor time as a part of the best client's, both in the client's runs.
    pub(crate) fn server_share(&self) -> Option<f64> {
        let right = self.outcomes.iter().filter(|outcome| outcome.is_right() && !outcome.served.is_empty());
        let best = right.min_by(|a, b| a.median(Cost::processor).total_cmp(&b.median(Cost::processor)))?;
        Some(median(&best.served) / best.median(Cost::processor))
    }
}

/// Measures a scenario; the first round does not count.
pub(crate) fn measure(
    scenario: &Scenario,
    field: &Field,
    server: &Server,
    runs: usize,
    work: &Path,
) -> Result<Measured, String> {
    let site = Site::make(scenario, &work.join(scenario.name))?;
    let preload = site.preload(scenario.before);
    let contenders = field.contenders(scenario, &site.folder, server.url());
    let mut outcomes: Vec<_> = contenders.iter().map(Outcome::new).collect();
    for round in 0..=runs {
        for (contender, outcome) in contenders.iter().zip(&mut outcomes) {
            if outcome.failure.is_some() {
                continue;
            }
            server.reset(scenario.latency, &preload)?;
            if contender.has_published(scenario.before) {
                let earlier = site.earlier.as_ref().unwrap_or(&site.folder);
                let cost = timed(&contender.publishing(&site.folder, earlier), &work.join("log"))?;
                if cost.code != 0 {
                    return Err(format!("what was before: {}", failure(cost, &work.join("log"))));
                }
                server.count_anew()?;
            }
            site.touch()?;
            let before = server.counts()?.processor;
            let cost = timed(contender, &work.join("log"))?;
            let counts = server.counts()?;
            if cost.code != 0 {
                outcome.failure = Some(failure(cost, &work.join("log")));
                line(&format!("{}, {}: {}", scenario.name, outcome.name, failure(cost, &work.join("log"))));
            }
            outcome.wrong = outcome.wrong.max(site.wrong(scenario.before, &server.objects()?));
            if round > 0 {
                outcome.costs.push(cost);
                outcome.served.push(counts.processor - before);
            }
            outcome.counts = counts;
        }
    }
    site.remove()?;
    Ok(Measured { scenario: *scenario, runs, outcomes })
}

/// How a run failed, with the last that it said.
pub(crate) fn failure(cost: Cost, log: &Path) -> String {
    let said = std::fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    match cost.code {
        -9 => format!("killed after {:.0} s", cost.wall),
        code => format!("exit code {code}: {}", last.chars().take(200).collect::<String>()),
    }
}
