//! What has to be reached, and whether it was.

use std::fmt::{Display, Formatter};

use super::peer::OURS;
use super::rounds::Measured;
use crate::bench::s3::rounds::Outcome;
use crate::bench::s3::run::Cost;

/// How many times as long the best peer has to take, by scenario, without latency and with it.
const TIMES: [(&str, f64, f64); 4] =
    [("new-1gib", 1.0, 1.0), ("one-changed", 2.0, 2.0), ("unchanged", 5.0, 2.5), ("twenty", 3.0, 3.0)];

/// The most resident memory, in MiB.
const PEAK: f64 = 64.0;

/// A goal and what was measured.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) scenario: String,
    pub(crate) goal: String,
    /// What was reached; none where ours or every peer was not measured.
    pub(crate) reached: Option<f64>,
    pub(crate) is_met: bool,
}

impl Verdict {
    /// Whether it was measured and missed.
    pub(crate) fn is_missed(&self) -> bool {
        self.reached.is_some() && !self.is_met
    }

    /// In one word.
    pub(crate) fn word(&self) -> &'static str {
        match (self.reached, self.is_met) {
            (None, _) => "not measured",
            (Some(_), true) => "met",
            (Some(_), false) => "missed",
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.scenario, self.goal, self.word())?;
        self.reached.map_or(Ok(()), |reached| write!(f, " ({reached:.2})"))
    }
}

/// Holds every goal against what was measured.
pub(crate) fn judge(results: &[Measured]) -> Vec<Verdict> {
    results.iter().flat_map(|measured| times(measured).into_iter().chain([peak(measured)])).collect()
}

fn times(measured: &Measured) -> Option<Verdict> {
    let (_, without, with) = TIMES.into_iter().find(|(name, ..)| *name == measured.scenario.name)?;
    let least = if measured.latency == 0 { without } else { with };
    let best = |is_ours: bool| {
        let right = measured.outcomes.iter().filter(|outcome| outcome.is_right() && (outcome.peer == OURS) == is_ours);
        right.map(|outcome| outcome.median(|cost| cost.wall)).min_by(f64::total_cmp)
    };
    let reached = best(false).zip(best(true)).map(|(other, ours)| other / ours);
    Some(Verdict {
        scenario: measured.name(),
        goal: format!("the best peer takes at least {least} times as long"),
        reached,
        is_met: reached.is_some_and(|reached| reached >= least),
    })
}

fn peak(measured: &Measured) -> Verdict {
    let ours = measured.outcomes.iter().filter(|outcome: &&Outcome| outcome.peer == OURS && outcome.is_right());
    let figures = ours.flat_map(|outcome| &outcome.costs).map(|cost: &Cost| cost.peak);
    let reached = figures.max_by(f64::total_cmp);
    Verdict {
        scenario: measured.name(),
        goal: format!("at most {PEAK} MiB of memory"),
        reached,
        is_met: reached.is_some_and(|reached| reached <= PEAK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::push::scenario::ALL;
    use crate::bench::s3::server::Counts;

    fn outcome(peer: &'static str, wall: f64, wrong: usize) -> Outcome {
        let cost = Cost { code: 0, wall, user: wall, system: 0.0, peak: 30.0 };
        let (name, counts) = (peer.to_owned(), Counts::default());
        Outcome { peer, setting: "", name, costs: vec![cost], counts, served: vec![0.1], wrong, failure: None }
    }

    fn words(latency: u32, outcomes: Vec<Outcome>) -> Vec<String> {
        let scenario = *ALL.iter().find(|scenario| scenario.name == "unchanged").unwrap();
        judge(&[Measured { scenario, latency, outcomes }]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_best_peer_that_pushed_everything_counts() {
        let all = |ours| vec![outcome(OURS, ours, 0), outcome("skopeo", 3.0, 0), outcome("docker", 1.0, 1)];
        let times = |latency, ours| words(latency, all(ours)).swap_remove(0);
        assert_eq!(times(0, 1.0), "unchanged 0 ms: the best peer takes at least 5 times as long: missed (3.00)");
        assert_eq!(times(30, 1.0), "unchanged 30 ms: the best peer takes at least 2.5 times as long: met (3.00)");
        assert_eq!(words(0, all(1.0))[1], "unchanged 0 ms: at most 64 MiB of memory: met (30.00)");
        assert!(words(0, vec![outcome(OURS, 1.0, 0)])[0].ends_with("not measured"));
    }
}
