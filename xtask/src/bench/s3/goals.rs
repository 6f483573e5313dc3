//! What has to be reached, and whether it was.

use std::fmt::{Display, Formatter};

use super::peer::OURS;
use super::rounds::{Measured, Outcome};
use super::run::Cost;

/// A figure of a contender.
#[derive(Debug, Clone, Copy)]
enum Figure {
    /// Seconds.
    Wall,
    /// Seconds of user and system time.
    Processor,
    /// MiB.
    Peak,
    Requests,
    /// Requests of one operation.
    Operation(&'static str),
}

/// What a figure of ours is held against.
#[derive(Debug, Clone, Copy)]
enum Bound {
    /// No more than this.
    AtMost(f64),
    /// A peer's, in its best setting or the one that is named, is at least so many times ours.
    Times(&'static str, Option<&'static str>, f64),
    /// As `Times`, of whoever is best.
    TimesBest(f64),
}

/// A goal.
#[derive(Debug, Clone, Copy)]
struct Goal {
    scenario: &'static str,
    figure: Figure,
    bound: Bound,
}

const fn goal(scenario: &'static str, figure: Figure, bound: Bound) -> Goal {
    Goal { scenario, figure, bound }
}

const GOALS: &[Goal] = &[
    goal("no-op", Figure::Wall, Bound::Times("aws", Some(""), 20.0)),
    goal("no-op", Figure::Wall, Bound::Times("s5cmd", Some("--size-only"), 4.0)),
    goal("no-op", Figure::Wall, Bound::Times("rclone", None, 4.0)),
    goal("no-op", Figure::Wall, Bound::Times("s3sync", None, 2.0)),
    goal("no-op", Figure::Requests, Bound::AtMost(22.0)),
    goal("no-op", Figure::Peak, Bound::AtMost(40.0)),
    goal("first", Figure::Wall, Bound::Times("aws", None, 10.0)),
    goal("first", Figure::Wall, Bound::Times("s5cmd", None, 2.0)),
    goal("first", Figure::Wall, Bound::Times("rclone", None, 1.5)),
    goal("first", Figure::Processor, Bound::Times("rclone", None, 3.0)),
    goal("first", Figure::Wall, Bound::Times("s3sync", None, 1.3)),
    goal("first", Figure::Peak, Bound::AtMost(40.0)),
    goal("changed", Figure::Wall, Bound::Times("aws", None, 15.0)),
    goal("changed", Figure::Wall, Bound::Times("s5cmd", None, 5.0)),
    goal("changed", Figure::Wall, Bound::Times("rclone", None, 4.0)),
    goal("spa", Figure::Wall, Bound::AtMost(0.5)),
    goal("large", Figure::Wall, Bound::TimesBest(1.0)),
    goal("deletes", Figure::Operation("DeleteObjects"), Bound::AtMost(5.0)),
    goal("million", Figure::Peak, Bound::AtMost(200.0)),
    goal("million-own", Figure::Peak, Bound::AtMost(200.0)),
];

/// The most of the best client's processor time that the stand-in may take itself: above it, the stand-in is what was measured.
pub(crate) const SHARE: f64 = 1.0 / 3.0;

impl Figure {
    fn of(self, outcome: &Outcome) -> f64 {
        // Counts are far below what a double holds exactly.
        let count = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        match self {
            Self::Wall => outcome.median(|cost| cost.wall),
            Self::Processor => outcome.median(Cost::processor),
            Self::Peak => outcome.median(|cost| cost.peak),
            Self::Requests => count(outcome.counts.requests()),
            Self::Operation(name) => count(outcome.counts.operations.get(name).copied().unwrap_or(0)),
        }
    }
}

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wall => f.write_str("time in s"),
            Self::Processor => f.write_str("processor time in s"),
            Self::Peak => f.write_str("peak memory in MiB"),
            Self::Requests => f.write_str("requests"),
            Self::Operation(name) => write!(f, "{name} requests"),
        }
    }
}

/// A goal and what was measured.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) scenario: &'static str,
    pub(crate) goal: String,
    /// What was reached; none where ours or the peer was not measured.
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

/// Holds every goal against the scenarios that were measured, and the stand-in of each to its share.
pub(crate) fn judge(results: &[Measured]) -> Vec<Verdict> {
    let of = |goal: &Goal| results.iter().find(|found| found.scenario.name == goal.scenario);
    GOALS.iter().filter_map(|goal| Some(verdict(*goal, of(goal)?))).chain(results.iter().map(stand_in)).collect()
}

fn stand_in(measured: &Measured) -> Verdict {
    let reached = measured.server_share();
    Verdict {
        scenario: measured.scenario.name,
        goal: format!("the stand-in takes at most {SHARE:.2} of the best client's processor time"),
        reached,
        is_met: reached.is_some_and(|share| share <= SHARE),
    }
}

fn verdict(Goal { scenario, figure, bound }: Goal, measured: &Measured) -> Verdict {
    let right = || measured.outcomes.iter().filter(|outcome| outcome.is_right());
    // As it runs every day: with the manifest of the publication before.
    let is_ours = |outcome: &&Outcome| outcome.peer == OURS && outcome.setting.is_empty();
    let ours = right().find(is_ours).map(|outcome| figure.of(outcome));
    let best =
        |of: &dyn Fn(&&Outcome) -> bool| right().filter(of).map(|outcome| figure.of(outcome)).min_by(f64::total_cmp);
    let (goal, reached, is_met) = match bound {
        Bound::AtMost(most) => (format!("{figure} at most {most}"), ours, ours.is_some_and(|ours| ours <= most)),
        Bound::Times(peer, setting, least) => {
            let other =
                best(&|outcome| outcome.peer == peer && setting.is_none_or(|setting| outcome.setting == setting));
            let times = other.zip(ours).map(|(other, ours)| other / ours);
            let name = setting
                .map_or_else(|| format!("{peer}'s best"), |setting| format!("{peer} {setting}").trim().to_owned());
            (
                format!("{figure}: {name} takes at least {least} times ours"),
                times,
                times.is_some_and(|times| times >= least),
            )
        }
        Bound::TimesBest(least) => {
            let times = best(&|outcome| outcome.peer != OURS).zip(ours).map(|(other, ours)| other / ours);
            (
                format!("{figure}: the best peer takes at least {least} times ours"),
                times,
                times.is_some_and(|times| times >= least),
            )
        }
    };
    Verdict { scenario, goal, reached, is_met }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::bench::s3::rounds::{Measured, Outcome};
    use crate::bench::s3::run::Cost;
    use crate::bench::s3::scenario::ALL;
    use crate::bench::s3::server::Counts;

    fn outcome(peer: &'static str, setting: &'static str, wall: f64, wrong: usize) -> Outcome {
        let cost = Cost { code: 0, wall, user: wall, system: 0.0, peak: 30.0 };
        let (name, counts) = (format!("{peer} {setting}"), Counts::default());
        Outcome { peer, setting, name, costs: vec![cost], counts, served: vec![0.1], wrong, failure: None }
    }

    fn words(outcomes: Vec<Outcome>, scenario: &str) -> Vec<String> {
        let scenario = *ALL.iter().find(|found| found.name == scenario).unwrap();
        judge(&[Measured { scenario, runs: 1, outcomes }]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_best_setting_that_leaves_the_right_bucket_counts() {
        let outcomes = vec![
            outcome("slipway", "", 1.0, 0),
            outcome("s5cmd", "", 6.0, 0),
            outcome("s5cmd", "--size-only", 2.0, 100),
            outcome("aws", "", 14.0, 0),
        ];
        assert_eq!(
            words(outcomes, "changed"),
            [
                "changed: time in s: aws's best takes at least 15 times ours: missed (14.00)",
                "changed: time in s: s5cmd's best takes at least 5 times ours: met (6.00)",
                "changed: time in s: rclone's best takes at least 4 times ours: not measured",
                "changed: the stand-in takes at most 0.33 of the best client's processor time: met (0.10)",
            ]
        );
    }

    #[test]
    fn ours_is_held_to_its_own_bounds() {
        let first = |outcome, scenario| words(vec![outcome], scenario).swap_remove(0);
        assert_eq!(first(outcome("slipway", "", 0.6, 0), "spa"), "spa: time in s at most 0.5: missed (0.60)");
        assert_eq!(first(outcome("slipway", "", 0.6, 1), "spa"), "spa: time in s at most 0.5: not measured");
        assert_eq!(
            first(outcome("slipway", "", 1.0, 0), "million"),
            "million: peak memory in MiB at most 200: met (30.00)"
        );
    }
    #[test]
    fn the_stand_in_is_held_to_its_share_of_the_best_client() {
        let share = |outcomes| words(outcomes, "million").pop().unwrap();
        let goal = "million: the stand-in takes at most 0.33 of the best client's processor time";
        assert_eq!(share(vec![outcome("slipway", "", 0.4, 0)]), format!("{goal}: met (0.25)"));
        // Another one was faster.
        let both = vec![outcome("slipway", "", 0.4, 0), outcome("s3sync", "", 0.25, 0)];
        assert_eq!(share(both), format!("{goal}: missed (0.40)"));
        assert_eq!(share(vec![outcome("slipway", "", 0.4, 1)]), format!("{goal}: not measured"));
    }
}
