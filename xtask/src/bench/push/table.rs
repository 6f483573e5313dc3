//! The figures in words and as data.

use serde_json::{Value, json};

use super::goals::Verdict;
use super::rounds::Measured;
use crate::bench::s3::goals::SHARE;
use crate::bench::s3::rounds::Outcome;
use crate::bench::s3::run::Cost;

/// A scenario's table.
pub(crate) fn scenario(measured: &Measured) -> String {
    let mut text =
        format!("## {}\n\n{}; answers {} ms late.\n\n", measured.name(), measured.scenario.title, measured.latency);
    text.push_str(
        "| program | time | least | spread | processor | peak | requests | connections |\n|---|---:|---:|---:|---:|---:|---|---:|\n",
    );
    for outcome in &measured.outcomes {
        text.push_str(&row(outcome));
    }
    if let Some(share) = measured.server_share() {
        let bound = if share > SHARE { ": server-bound, the times say little" } else { "" };
        text.push_str(&format!("\nThe stand-in took {share:.2} of the best client's processor time{bound}.\n"));
    }
    text
}

fn row(outcome: &Outcome) -> String {
    let name = &outcome.name;
    if let Some(failure) = &outcome.failure {
        return format!("| {name} | {} | | | | | | |\n", failure.replace('|', "/"));
    }
    let wall = |cost: &Cost| cost.wall;
    let wrong =
        if outcome.wrong > 0 { format!(" (**{} images are not there**)", outcome.wrong) } else { String::new() };
    let requests = outcome.counts.operations.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>();
    format!(
        "| {name}{wrong} | {:.3} s | {:.3} s | {:.3} s | {:.3} s | {:.0} MiB | {} | {} |\n",
        outcome.median(wall),
        outcome.least(wall),
        outcome.spread(wall),
        outcome.median(Cost::processor),
        outcome.median(|cost| cost.peak),
        requests.join(", "),
        outcome.counts.connections,
    )
}

/// The goals, a line each.
pub(crate) fn goals(verdicts: &[Verdict]) -> String {
    let lines: Vec<_> = verdicts.iter().map(|verdict| format!("- {verdict}\n")).collect();
    format!("## Goals\n\n{}", lines.concat())
}

/// Everything as Markdown.
pub(crate) fn markdown(results: &[Measured], verdicts: &[Verdict], skipped: &[String]) -> String {
    let mut text = format!(
        "# Pushing an image\n\nTo a stand-in on loopback, {} processors. Medians; `spread` is the distance of the quartiles, \
         `processor` user and system time, `peak` resident memory; of docker only the client's, since its daemon does the work.\n\n",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    for measured in results {
        text.push_str(&scenario(measured));
        text.push('\n');
    }
    text.push_str(&goals(verdicts));
    for reason in skipped {
        text.push_str(&format!("\nSKIPPED {reason}\n"));
    }
    text
}

/// Everything as data.
pub(crate) fn json(results: &[Measured], verdicts: &[Verdict], skipped: &[String]) -> Value {
    let goals = verdicts.iter().map(|verdict| {
        json!({ "scenario": verdict.scenario, "goal": verdict.goal, "reached": verdict.reached, "verdict": verdict.word() })
    });
    json!({
        "scenarios": results.iter().map(data).collect::<Vec<_>>(),
        "goals": goals.collect::<Vec<_>>(),
        "skipped": skipped,
    })
}

fn data(measured: &Measured) -> Value {
    let one = |outcome: &Outcome| {
        json!({
            "name": outcome.name, "failure": outcome.failure, "missing-images": outcome.wrong,
            "requests": outcome.counts.operations, "connections": outcome.counts.connections,
            "server-processor-s": outcome.served,
            "runs": outcome.costs.iter().map(|cost| json!({
                "wall-s": cost.wall, "user-s": cost.user, "system-s": cost.system, "peak-mib": cost.peak,
            })).collect::<Vec<_>>(),
        })
    };
    let programs: Vec<_> = measured.outcomes.iter().map(one).collect();
    json!({ "name": measured.name(), "programs": programs })
}

#[cfg(test)]
mod tests {
    use super::{json, markdown};
    use crate::bench::push::rounds::Measured;
    use crate::bench::push::scenario::ALL;
    use crate::bench::s3::rounds::Outcome;
    use crate::bench::s3::run::Cost;
    use crate::bench::s3::server::Counts;

    fn outcome(name: &str, wrong: usize, failure: Option<&str>) -> Outcome {
        let cost = Cost { code: 0, wall: 2.0, user: 0.5, system: 0.5, peak: 30.0 };
        let counts = Counts { operations: [("PUT-upload".to_owned(), 7)].into(), connections: 2, ..Counts::default() };
        let (name, failure) = (name.to_owned(), failure.map(str::to_owned));
        Outcome { peer: "x", setting: "", name, costs: vec![cost], counts, served: vec![0.5], wrong, failure }
    }

    #[test]
    fn what_does_not_count_is_said() {
        let outcomes = vec![outcome("good", 0, None), outcome("bad", 3, None), outcome("dead", 0, Some("exit code 1"))];
        let results = [Measured { scenario: ALL[0], latency: 30, outcomes }];
        let text = markdown(&results, &[], &["crane: not on the PATH".to_owned()]);
        for line in [
            "## new-1gib 30 ms\n",
            "| good | 2.000 s | 2.000 s | 0.000 s | 1.000 s | 30 MiB | 7 PUT-upload | 2 |\n",
            "| bad (**3 images are not there**) | 2.000 s |",
            "| dead | exit code 1 | | | | | | |\n",
            "The stand-in took 0.50 of the best client's processor time: server-bound",
            "\nSKIPPED crane: not on the PATH\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(json(&results, &[], &[])["scenarios"][0]["programs"][0]["runs"][0]["wall-s"], 2.0);
    }
}
