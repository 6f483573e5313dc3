//! What the run tells the world.

use actions_core::markdown::{code, escape, fence};
use actions_core::{Annotation, Failure, OutputSpec, Outputs, Report, Session};

use super::difference::Difference;
use super::error::VerifyError;
use super::inputs::VerifyInputs;
use super::plan::{Verdict, VerifyPlan};
use crate::provenance::short;

/// The failure lists at most this many differences,
const MOST_DIFFERENCES: usize = 10;

/// with at most this many lines each,
const MOST_LINES: usize = 6;

/// each of at most so many characters.
const LONGEST_LINE: usize = 240;

/// The summary shows at most this many lines of each.
const MOST_SUMMARY_LINES: usize = 100;

/// The warning names at most this many hidden values.
const MOST_NAMED: usize = 5;

/// What stands above the hidden values.
const NOT_COMPARED: &str = "hidden, and not compared";

/// How much of the differences the summary shows, in bytes.
const LONGEST_SUMMARY: usize = 32 * 1024;

pub(super) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec { name: "matches", help: "`true` when the plan does what was reviewed, else `false`." },
    OutputSpec { name: "digest", help: "The digest of what the plan does." },
    OutputSpec { name: "reviewed-digest", help: "The digest of what was reviewed." },
    OutputSpec { name: "plan-sha256", help: "The SHA-256 of the binary plan; empty where only its JSON was given." },
    OutputSpec {
        name: "reviewed-plan-sha256",
        help: "The SHA-256 of the binary plan that was reviewed; empty where it is not known.",
    },
    OutputSpec { name: "reviewed-head", help: "The commit that was reviewed; empty where it is not known." },
    OutputSpec {
        name: "differences",
        help: "How many objects, outputs and actions differ; `0` where only digests are compared.",
    },
];

/// Reports whether the plan may be applied.
pub(super) fn report(inputs: &VerifyInputs, plan: &VerifyPlan) -> Report {
    let name = inputs.plan.destinations.name.as_ref().map(|name| format!("{}: ", name.as_str())).unwrap_or_default();
    Report {
        verdict: format!("{name}{}", verdict(plan)),
        outputs: outputs(plan),
        summary: summary(plan),
        failure: failure(plan).map(|error| Failure::from_error(&error)),
        annotations: not_compared(plan).map(Annotation::warning).into_iter().collect(),
        ..Report::default()
    }
}

/// What a plan that passes may still do otherwise.
fn not_compared(plan: &VerifyPlan) -> Option<String> {
    if plan.verdict != Verdict::Reviewed {
        return None;
    }
    let hidden = match plan.hidden.len() {
        0 => return None,
        1 => "1 value is hidden, and whether it is the reviewed one was not compared".to_owned(),
        count => format!("{count} values are hidden, and whether they are the reviewed ones was not compared"),
    };
    let places: Vec<String> = plan.hidden.iter().take(MOST_NAMED).map(|place| cut(place)).collect();
    let more = match plan.hidden.len() - places.len() {
        0 => String::new(),
        rest => format!(", and {rest} more in the log"),
    };
    let places = places.join(", ");
    Some(format!(
        "{hidden}: {places}{more}; pass the reviewed binary plan on and set `same-file`, and nothing is left uncompared"
    ))
}

/// All that differs, and all that was not compared, for the log.
pub(super) fn log(plan: &VerifyPlan, session: &Session) {
    for difference in &plan.differences {
        session.log.group(&heading(difference), &difference.lines);
    }
    if !plan.hidden.is_empty() {
        session.log.group(NOT_COMPARED, &plan.hidden);
    }
}

fn heading(difference: &Difference) -> String {
    format!("{}: {}", difference.kind.words(), difference.title)
}

fn verdict(plan: &VerifyPlan) -> String {
    match plan.verdict {
        Verdict::Reviewed => format!("the plan does what was reviewed (digest {})", short(&plan.digest, 12)),
        Verdict::Different => format!(
            "the plan does something else than what was reviewed (digest {}, reviewed {})",
            short(&plan.digest, 12),
            short(&plan.reviewed_digest, 12)
        ),
        Verdict::Errored => format!("{} is not whole: planning failed on the way", errored(plan)),
        Verdict::AnotherFile => "the binary plan is not the file that was reviewed".to_owned(),
        Verdict::Hidden => "the plan has hidden values, which cannot be compared with what was reviewed".to_owned(),
    }
}

/// Which of the plans failed on the way.
fn errored(plan: &VerifyPlan) -> &'static str {
    if plan.is_errored { "the plan" } else { "the reviewed plan" }
}

fn outputs(plan: &VerifyPlan) -> Outputs {
    Outputs::new()
        .with("matches", (plan.verdict == Verdict::Reviewed).to_string())
        .with("digest", plan.digest.as_str())
        .with("reviewed-digest", plan.reviewed_digest.as_str())
        .with("plan-sha256", plan.plan_sha256.clone().unwrap_or_default())
        .with("reviewed-plan-sha256", plan.reviewed_sha256.clone().unwrap_or_default())
        .with("reviewed-head", plan.head.clone().unwrap_or_default())
        .with("differences", plan.differences.len().to_string())
}

fn failure(plan: &VerifyPlan) -> Option<VerifyError> {
    match plan.verdict {
        Verdict::Reviewed => None,
        Verdict::Different => Some(VerifyError::NotReviewed { differences: plan.differences.len(), what: what(plan) }),
        Verdict::Errored => Some(VerifyError::Errored { which: errored(plan) }),
        Verdict::Hidden => {
            let (values, places) = (plan.hidden.len(), listed_places(&plan.hidden));
            Some(VerifyError::HiddenValues { values, places })
        }
        Verdict::AnotherFile => {
            let sum = |sum: &Option<String>| sum.clone().unwrap_or_default();
            let sums = format!("reviewed: {}\nnow:      {}", sum(&plan.reviewed_sha256), sum(&plan.plan_sha256));
            Some(VerifyError::AnotherFile { sums })
        }
    }
}

/// What differs, as far as a message has room.
fn what(plan: &VerifyPlan) -> String {
    if plan.differences.is_empty() {
        let (now, reviewed) = (&plan.digest, &plan.reviewed_digest);
        return format!(
            "its digest is {now}, and {reviewed} was reviewed; give the file of `review-file` as `reviewed` to see what differs"
        );
    }
    listed(&plan.differences)
}

/// `differences`, as far as a message has room.
pub(super) fn listed(differences: &[Difference]) -> String {
    let mut lines = Vec::new();
    for difference in differences.iter().take(MOST_DIFFERENCES) {
        lines.push(cut(&heading(difference)));
        lines.extend(difference.lines.iter().take(MOST_LINES).map(|line| format!("  {}", cut(line))));
        if difference.lines.len() > MOST_LINES {
            lines.push(format!("    {} more lines", difference.lines.len() - MOST_LINES));
        }
    }
    if differences.len() > MOST_DIFFERENCES {
        lines.push(format!("and {} more differences; the log has all of them", differences.len() - MOST_DIFFERENCES));
    }
    lines.join("\n")
}

/// The places of hidden values, as far as a message has room.
fn listed_places(places: &[String]) -> String {
    let mut lines: Vec<String> = places.iter().take(MOST_DIFFERENCES).map(|place| cut(place)).collect();
    if places.len() > MOST_DIFFERENCES {
        lines.push(format!("and {} more; the log has all of them", places.len() - MOST_DIFFERENCES));
    }
    lines.join("\n")
}

fn cut(line: &str) -> String {
    if line.chars().count() <= LONGEST_LINE {
        return line.to_owned();
    }
    line.chars().take(LONGEST_LINE).chain(['…']).collect()
}

fn summary(plan: &VerifyPlan) -> String {
    let mut parts = vec![format!("digest {}", code(short(&plan.digest, 12)))];
    if plan.digest != plan.reviewed_digest {
        parts.push(format!("reviewed {}", code(short(&plan.reviewed_digest, 12))));
    }
    parts.extend(plan.head.as_ref().map(|head| format!("reviewed commit {}", code(short(head, 8)))));
    parts.extend(plan.base.as_ref().map(|base| format!("base {}", code(short(base, 8)))));
    let small_print = format!("<sub>{}</sub>\n", parts.join(" · "));
    let mut page = String::new();
    let mut shown = 0;
    for difference in &plan.differences {
        let lines: Vec<String> = difference.lines.iter().take(MOST_SUMMARY_LINES).map(|line| cut(line)).collect();
        let left_out = difference.lines.len() - lines.len();
        let mut part = format!("**{}:** {}\n\n", difference.kind.words(), code(&cut(&difference.title)));
        if !lines.is_empty() {
            part.push_str(&fence("diff", &lines.join("\n")));
            part.push('\n');
        }
        if left_out > 0 {
            part.push_str(&format!("{left_out} more lines are in the log.\n\n"));
        }
        if page.len() + part.len() > LONGEST_SUMMARY {
            break;
        }
        page.push_str(&part);
        shown += 1;
    }
    if shown < plan.differences.len() {
        let rest = plan.differences.len() - shown;
        page.push_str(&format!("{}\n\n", escape(&format!("{rest} more differences are in the log."))));
    }
    page.push_str(&hidden(plan));
    format!("{page}{small_print}")
}

/// What was not compared, where nothing else is wrong.
fn hidden(plan: &VerifyPlan) -> String {
    if plan.hidden.is_empty() || !matches!(plan.verdict, Verdict::Reviewed | Verdict::Hidden) {
        return String::new();
    }
    let mut lines: Vec<String> = plan.hidden.iter().take(MOST_SUMMARY_LINES).map(|place| cut(place)).collect();
    if plan.hidden.len() > lines.len() {
        lines.push(format!("and {} more, in the log", plan.hidden.len() - lines.len()));
    }
    format!("**{NOT_COMPARED}:**\n\n{}\n", fence("text", &lines.join("\n")))
}
