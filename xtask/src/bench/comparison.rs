//! The figures of a bench beside the goals.

use serde_json::{Value, json};

/// What the official action is called among the programs.
pub(crate) const OFFICIAL: &str = "official";

/// The goals: at most so much of the official action's time to the first call, and of its memory.
const GOALS: (f64, f64) = (0.1, 0.2);

/// The medians of a contender.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) first_call: f64,
    pub(crate) whole: f64,
    pub(crate) memory: f64,
    pub(crate) calls: Vec<String>,
}

/// The official action's figures, if it took part.
fn official(figures: &[Figures]) -> Option<&Figures> {
    figures.iter().find(|found| found.name == OFFICIAL)
}

/// The comparison as Markdown.
pub(crate) fn markdown(figures: &[Figures], runs: usize, skipped: &[String]) -> String {
    let mut text = format!(
        "# Start-up\n\nA deployment to a stand-in on loopback, medians of {runs} runs on {} processors.\n\n\
         | program | to the first call | whole run | peak memory | calls |\n|---|---:|---:|---:|---|\n",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    for Figures { name, first_call, whole, memory, calls } in figures {
        let calls = calls.join(", ");
        text.push_str(&format!("| {name} | {first_call:.1} ms | {whole:.1} ms | {memory:.1} MiB | {calls} |\n"));
    }
    if let Some(official) = official(figures) {
        text.push('\n');
        for found in figures.iter().filter(|found| found.name != OFFICIAL) {
            let (time, whole, memory) = ratios(found, official);
            let word = |met: bool| if met { "met" } else { "missed" };
            text.push_str(&format!(
                "- {}: {time:.3} of the official action's time to the first call (goal {}, {}), {whole:.3} of its whole run, \
                 {memory:.3} of its memory (goal {}, {})\n",
                found.name,
                GOALS.0,
                word(time <= GOALS.0),
                GOALS.1,
                word(memory <= GOALS.1)
            ));
        }
    }
    for reason in skipped {
        text.push_str(&format!("\nSKIPPED {reason}\n"));
    }
    text
}

/// The goals that were missed, each in words; empty without the official action.
pub(crate) fn missed(figures: &[Figures]) -> Vec<String> {
    let Some(official) = official(figures) else { return Vec::new() };
    let ours = figures.iter().filter(|found| found.name != OFFICIAL);
    ours.flat_map(|found| {
        let (time, _, memory) = ratios(found, official);
        let time = (time > GOALS.0).then(|| format!("{}: {time:.3} of the time, the goal is {}", found.name, GOALS.0));
        let memory =
            (memory > GOALS.1).then(|| format!("{}: {memory:.3} of the memory, the goal is {}", found.name, GOALS.1));
        [time, memory].into_iter().flatten()
    })
    .collect()
}

/// Time to the first call, whole run and memory, as parts of the official action's.
fn ratios(found: &Figures, official: &Figures) -> (f64, f64, f64) {
    (found.first_call / official.first_call, found.whole / official.whole, found.memory / official.memory)
}

/// The figures as data.
pub(crate) fn json(figures: &[Figures], runs: usize, skipped: &[String]) -> Value {
    let one = |found: &Figures| {
        json!({
            "name": found.name, "first_call_ms": found.first_call, "whole_ms": found.whole,
            "peak_memory_mib": found.memory, "calls": found.calls,
        })
    };
    json!({ "runs": runs, "programs": figures.iter().map(one).collect::<Vec<_>>(), "skipped": skipped })
}

#[cfg(test)]
mod tests {
    use super::{Figures, json, markdown, missed};

    fn figures(name: &'static str, factor: f64) -> Figures {
        let calls = vec!["UpdateService".to_owned()];
        Figures { name, first_call: 100.0 * factor, whole: 200.0 * factor, memory: 50.0 * factor, calls }
    }

    #[test]
    fn a_missed_goal_is_said() {
        let text = markdown(&[figures("slipway", 0.15), figures("official", 1.0)], 3, &[]);
        assert!(text.contains("0.150 of the official action's time to the first call (goal 0.1, missed)"), "{text}");
        assert!(text.contains("0.150 of its memory (goal 0.2, met)"), "{text}");
        let missed = missed(&[figures("slipway", 0.15), figures("official", 1.0)]);
        assert_eq!(missed, ["slipway: 0.150 of the time, the goal is 0.1"]);
    }

    #[test]
    fn without_the_official_action_the_reason_is_given() {
        let text = markdown(&[figures("slipway", 1.0)], 3, &["the official action: no".to_owned()]);
        assert!(text.ends_with("\nSKIPPED the official action: no\n") && !text.contains("goal"), "{text}");
        assert_eq!(json(&[figures("slipway", 1.0)], 3, &[])["programs"][0]["first_call_ms"], 100.0);
    }
}
