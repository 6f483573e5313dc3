//! The figures of a bench beside the goals.

use serde_json::{Value, json};

/// What the official action is called among the programs.
pub(crate) const OFFICIAL: &str = "official";

/// At most so much of the official action's figures; what has no goal is shown only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goals {
    /// Of its time to the first call.
    pub(crate) first_call: Option<f64>,
    /// Of its whole run.
    pub(crate) whole: Option<f64>,
    /// Of its peak memory.
    pub(crate) memory: f64,
}

/// The medians of a contender.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) first_call: f64,
    pub(crate) whole: f64,
    pub(crate) memory: f64,
    pub(crate) calls: Vec<String>,
}

/// One figure as a part of the official action's, and its goal.
struct Ratio {
    of: &'static str,
    part: f64,
    goal: Option<f64>,
}

impl Ratio {
    fn is_missed(&self) -> bool {
        self.goal.is_some_and(|goal| self.part > goal)
    }

    fn line(&self) -> String {
        let Self { of, part, goal } = self;
        let word = if self.is_missed() { "missed" } else { "met" };
        let goal = goal.map(|goal| format!(" (goal {goal}, {word})")).unwrap_or_default();
        format!("{part:.3} of its {of}{goal}")
    }
}

/// A contender's figures as parts of the official action's.
fn ratios(found: &Figures, official: &Figures, goals: &Goals) -> [Ratio; 3] {
    let part = |figure: fn(&Figures) -> f64| figure(found) / figure(official);
    [
        Ratio { of: "time to the first call", part: part(|found| found.first_call), goal: goals.first_call },
        Ratio { of: "whole run", part: part(|found| found.whole), goal: goals.whole },
        Ratio { of: "memory", part: part(|found| found.memory), goal: Some(goals.memory) },
    ]
}

/// The official action's figures, if it took part, and everybody else's.
fn compared(figures: &[Figures]) -> Option<(&Figures, impl Iterator<Item = &Figures>)> {
    let official = figures.iter().find(|found| found.name == OFFICIAL)?;
    Some((official, figures.iter().filter(|found| found.name != OFFICIAL)))
}

/// The comparison as Markdown.
pub(crate) fn markdown(title: &str, figures: &[Figures], goals: &Goals, runs: usize, skipped: &[String]) -> String {
    let mut text = format!(
        "{title}, medians of {runs} runs on {} processors.\n\n\
         | program | to the first call | whole run | peak memory | calls |\n|---|---:|---:|---:|---|\n",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    for Figures { name, first_call, whole, memory, calls } in figures {
        let calls = calls.join(", ");
        text.push_str(&format!("| {name} | {first_call:.1} ms | {whole:.1} ms | {memory:.1} MiB | {calls} |\n"));
    }
    if let Some((official, others)) = compared(figures) {
        text.push('\n');
        for found in others {
            let lines = ratios(found, official, goals).map(|ratio| ratio.line());
            text.push_str(&format!("- {}, beside the official action: {}\n", found.name, lines.join(", ")));
        }
    }
    for reason in skipped {
        text.push_str(&format!("\nSKIPPED {reason}\n"));
    }
    text
}

/// The goals that were missed, each in words; empty without the official action.
pub(crate) fn missed(figures: &[Figures], goals: &Goals) -> Vec<String> {
    let Some((official, others)) = compared(figures) else { return Vec::new() };
    let found = others.flat_map(|found| ratios(found, official, goals).map(|ratio| (found.name, ratio)));
    let missed = found.filter(|(_, ratio)| ratio.is_missed());
    missed.map(|(name, ratio)| format!("{name}: {}", ratio.line())).collect()
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
    use super::{Figures, Goals, json, markdown, missed};

    const GOALS: Goals = Goals { first_call: Some(0.1), whole: None, memory: 0.2 };

    fn figures(name: &'static str, factor: f64) -> Figures {
        let calls = vec!["UpdateService".to_owned()];
        Figures { name, first_call: 100.0 * factor, whole: 200.0 * factor, memory: 50.0 * factor, calls }
    }

    #[test]
    fn a_missed_goal_is_said() {
        let both = [figures("slipway", 0.15), figures("official", 1.0)];
        let text = markdown("# A", &both, &GOALS, 3, &[]);
        let line = "- slipway, beside the official action: 0.150 of its time to the first call (goal 0.1, missed), \
                    0.150 of its whole run, 0.150 of its memory (goal 0.2, met)\n";
        assert!(text.contains(line), "{text}");
        assert_eq!(missed(&both, &GOALS), ["slipway: 0.150 of its time to the first call (goal 0.1, missed)"]);
        assert!(missed(&both, &Goals { first_call: None, ..GOALS }).is_empty());
    }

    #[test]
    fn without_the_official_action_the_reason_is_given() {
        let text = markdown("# A", &[figures("slipway", 1.0)], &GOALS, 3, &["the official action: no".to_owned()]);
        assert!(text.ends_with("\nSKIPPED the official action: no\n") && !text.contains("goal"), "{text}");
        assert_eq!(json(&[figures("slipway", 1.0)], 3, &[])["programs"][0]["first_call_ms"], 100.0);
    }
}
