//! The verdicts beside AWS's own, and the goals.

use std::fmt::Write as _;

use testkit::ecs::Official;

use super::seen::Seen;
use super::trial::{MINUTES, Trial, seconds};

/// The verdicts as Markdown.
pub(super) fn markdown(trials: &[Trial], times: u32, skipped: Option<&String>) -> String {
    let mut text = format!(
        "# Verdicts\n\nEach scenario goes {times} times as fast as the real time, and each program is given {MINUTES} minutes of it.\n\n\
         | scenario | AWS's verdict | after | ours | s after AWS's | the official action | s after AWS's |\n\
         |---|---|---:|---|---:|---|---:|\n"
    );
    for trial in trials {
        let Trial { scenario, ours, official } = trial;
        let after = scenario.aws.at.map_or_else(|| "-".to_owned(), |at| format!("{at} s"));
        let theirs =
            official.as_ref().map_or_else(|| "-".to_owned(), |seen| seen.words(seen.official(scenario.aws.at).word()));
        let late = official.as_ref().map_or_else(|| "-".to_owned(), |seen| shown(trial.late(seen)));
        let words = ours.words(&ours.verdict);
        let right = if is_right(trial) { "" } else { " **wrong**" };
        // Nothing can be written wrongly into a text.
        let _ = writeln!(
            text,
            "| {} | {} | {after} | {words}{right} | {} | {theirs} | {late} |",
            scenario.name,
            scenario.aws.verdict,
            shown(trial.late(ours))
        );
    }
    let _ = writeln!(text, "\n- {}", summary("ours", trials, |trial| Some((&trial.ours, is_right(trial)))));
    match skipped {
        None => drop(writeln!(text, "- {}", rights("the official action", trials, official_right))),
        Some(reason) => drop(writeln!(text, "\nSKIPPED {reason}")),
    }
    text
}

fn shown(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}"))
}

fn is_right(trial: &Trial) -> bool {
    let Trial { scenario, ours, .. } = trial;
    ours.verdict == scenario.ours.verdict && ours.exit == Some(scenario.ours.exit)
}

/// Whether the official action is green where ours must be, not too early, and deploys what the file says.
fn official_right(trial: &Trial) -> Option<bool> {
    let seen = trial.official.as_ref()?;
    let is_green = seen.exit == Some(0);
    let is_early = seen.official(trial.scenario.aws.at) == Official::TooEarly;
    Some(is_green == (trial.scenario.ours.exit == 0) && !is_early && seen.changed == 0)
}

fn rights(name: &str, trials: &[Trial], is_right: impl Fn(&Trial) -> Option<bool>) -> String {
    let judged: Vec<bool> = trials.iter().filter_map(is_right).collect();
    let right = judged.iter().filter(|right| **right).count();
    format!("{name}: green and red as it should be in {right} of {} scenarios", judged.len())
}

fn summary<'a>(name: &str, trials: &'a [Trial], of: impl Fn(&'a Trial) -> Option<(&'a Seen, bool)>) -> String {
    let seen: Vec<_> = trials.iter().filter_map(|trial| Some((trial, of(trial)?))).collect();
    let right = seen.iter().filter(|(_, (_, right))| *right).count();
    let latest = seen.iter().filter_map(|(trial, (seen, _))| trial.late(seen)).fold(f64::NEG_INFINITY, f64::max);
    let latest =
        if latest.is_finite() { format!(", {latest:.1} s after AWS's verdict at the latest") } else { String::new() };
    format!("{name}: right in {right} of {} scenarios{latest}", seen.len())
}

/// What is not as it must be, each in words.
pub(super) fn missed(trials: &[Trial]) -> Vec<String> {
    trials.iter().flat_map(|trial| [of_ours(trial), of_official(trial)].into_iter().flatten()).collect()
}

fn of_ours(trial: &Trial) -> Option<String> {
    let Trial { scenario, ours, .. } = trial;
    let must = format!("`{}` with exit code {}", scenario.ours.verdict, scenario.ours.exit);
    if !is_right(trial) {
        return Some(format!("{}: ours says {}, it must be {must}", scenario.name, ours.words(&ours.verdict)));
    }
    if ours.exit == Some(0) && ours.changed > 0 {
        return Some(format!("{}: ours registered {} values not as written", scenario.name, ours.changed));
    }
    let within = scenario.ours.within;
    let late = trial.late(ours).filter(|late| *late > seconds(within))?;
    Some(format!("{}: ours is {late:.1} s late, at most {within} s are allowed", scenario.name))
}

/// The table of scenarios states what the official action does: it must be true.
fn of_official(trial: &Trial) -> Option<String> {
    let seen = trial.official.as_ref()?.official(trial.scenario.aws.at);
    let stated = trial.scenario.official;
    (seen != stated).then(|| {
        format!(
            "{}: the official action's run is `{}`, the scenario states `{}`",
            trial.scenario.name,
            seen.word(),
            stated.word()
        )
    })
}

#[cfg(test)]
mod tests {
    use testkit::ecs::named;

    use super::*;

    fn seen(exit: i32, verdict: &str, end: u128) -> Seen {
        Seen { exit: Some(exit), verdict: verdict.to_owned(), timed_out: false, end, changed: 0 }
    }

    fn trial(ours: Seen, official: Option<Seen>) -> Trial {
        Trial { scenario: named("alarm-bake"), ours, official }
    }

    #[test]
    fn a_right_verdict_in_time_misses_nothing() {
        let trials = [trial(seen(0, "deployed", 94_500), Some(seen(0, "", 31_000)))];
        assert!(missed(&trials).is_empty());
        let text = markdown(&trials, 20, None);
        let row = "| alarm-bake | SUCCESSFUL | 90 s | deployed (exit 0) | 4.5 | success, too early (exit 0) | -59.0 |";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("ours: right in 1 of 1 scenarios, 4.5 s after AWS's verdict at the latest"), "{text}");
    }

    #[test]
    fn wrong_late_and_changed_are_missed() {
        for (ours, words) in [
            (seen(1, "failed", 94_000), "ours says failed (exit 1), it must be `deployed` with exit code 0"),
            (seen(0, "deployed", 99_000), "ours is 9.0 s late, at most 7 s are allowed"),
            (Seen { changed: 2, ..seen(0, "deployed", 94_000) }, "ours registered 2 values not as written"),
        ] {
            assert_eq!(missed(&[trial(ours, None)]), [format!("alarm-bake: {words}")]);
        }
    }

    #[test]
    fn what_a_scenario_states_of_the_official_action_must_be_true() {
        let trials = [trial(seen(0, "deployed", 94_000), Some(seen(1, "", 94_000)))];
        let words = "alarm-bake: the official action's run is `failure`, the scenario states `success, too early`";
        assert_eq!(missed(&trials), [words]);
    }
}
