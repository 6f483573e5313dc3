//! What is told of a task: one sentence, its part of the summary, its failure. Pure.

use actions_core::Failure;
use actions_core::markdown::{Cell, escape, prose, table};

use crate::diagnosis::{self, Diagnosis};
use crate::names::last;
use crate::plan::Plan;
use crate::report::{cause, duration};
use crate::run_task::{TaskOutcome, TaskPlan, TaskVerdict};

/// What would be run, `of` a revision.
pub(crate) fn forecast(plan: &TaskPlan, of: &str) -> String {
    let wait = if plan.is_waited_for { "" } else { ", not waited for" };
    format!("would run a task of {of} on {}{wait}", plan.capacity)
}

/// How it ended, of a revision.
pub(crate) fn sentence(task: &TaskOutcome, revision: &str) -> String {
    let of = format!("the task of {revision}");
    match (task.verdict, task.exit_code) {
        (TaskVerdict::Succeeded, _) => format!("{of} succeeded in {}", duration(task.seconds)),
        (TaskVerdict::Started, _) => format!("started a task of {revision}, not waited for"),
        (TaskVerdict::TaskFailed, Some(code)) => format!("failed: {of} ended with exit code {code}"),
        (TaskVerdict::TaskFailed, None) => format!("failed: {of} ended without an exit code"),
        (TaskVerdict::TaskTimedOut, _) => format!("timed out: {of} had not ended after {}", duration(task.seconds)),
        (TaskVerdict::Unanswered, _) => format!("not known: a task of {revision} may have been started"),
        (TaskVerdict::LostSight, _) => format!("not known: {of} was started, and how it ended cannot be seen"),
        (TaskVerdict::TaskCancelled, _) if task.arn.is_empty() => format!("cancelled before {of} ran"),
        (TaskVerdict::TaskCancelled, _) => format!("cancelled while {of} ran"),
    }
}

/// The failure; `None` when it ended well.
pub(crate) fn failure(task: &TaskOutcome, sentence: String, plan: &Plan) -> Option<Failure> {
    let failure = Failure::new(task.verdict.code_name()?, sentence, task.verdict.exit_code());
    let known = task.diagnosis.iter().flat_map(Diagnosis::short).filter(|line| !line.starts_with("1 task stopped"));
    let why: Vec<String> = std::iter::once(task.reason.clone()).chain(known).filter(|line| !line.is_empty()).collect();
    let diagnosed = task.diagnosis.as_ref().and_then(Diagnosis::advice);
    let advice = [task.advice.as_str(), diagnosed.unwrap_or_default(), &help(task.verdict, plan)];
    let advice: Vec<&str> = advice.into_iter().filter(|advice| !advice.is_empty()).collect();
    Some(failure.why(why.join("\n")).help(advice.join("\n")))
}

fn help(verdict: TaskVerdict, plan: &Plan) -> String {
    let help = match verdict {
        TaskVerdict::TaskFailed => {
            "correct the cause, then run the step again, which runs the task again; its log is printed above"
        }
        TaskVerdict::TaskTimedOut => {
            "look at the log above for what it was doing, then run the step again with a longer `wait-timeout`"
        }
        TaskVerdict::Unanswered => {
            let Plan { cluster, family, .. } = plan;
            return format!(
                "before you run the step again, which would start a second one, look for the task: `aws ecs list-tasks --cluster {cluster} \
                 --family {family}`, and with `--desired-status STOPPED` too, if it has ended already"
            );
        }
        TaskVerdict::LostSight => {
            "look whether the task still runs before you run the step again: a second one would run beside it"
        }
        TaskVerdict::TaskCancelled => "run the step again, which runs the task again; what it had done is not undone",
        TaskVerdict::Succeeded | TaskVerdict::Started => "",
    };
    help.to_owned()
}

/// Rows of the summary's table of facts.
pub(crate) fn rows(task: &TaskOutcome) -> Vec<(&'static str, Cell)> {
    let verdict = match task.exit_code {
        Some(code) => format!("{} (exit code {code})", task.verdict.as_str()),
        None => task.verdict.as_str().to_owned(),
    };
    let mut rows = vec![("Task", Cell::text(verdict))];
    if !task.arn.is_empty() {
        rows.push(("Task id", Cell::code(last(&task.arn))));
    }
    rows
}

/// The cause in bold, the containers, and what they wrote last.
pub(crate) fn parts(task: &TaskOutcome) -> Vec<String> {
    let Some(diagnosis) = &task.diagnosis else { return Vec::new() };
    let advice = diagnosis.advice().map_or_else(String::new, |advice| format!("\n\n{}", prose(advice)));
    let headline = format!("**{}**{advice}\n", escape(&task.reason));
    let mut parts = vec![headline, containers(task)];
    parts.extend(cause::evidence(diagnosis));
    parts.retain(|part| !part.is_empty());
    parts
}

fn containers(task: &TaskOutcome) -> String {
    let rows: Vec<Vec<Cell>> = task
        .containers
        .iter()
        .map(|container| {
            let code = container.exit_code.map_or_else(|| "none".to_owned(), |code| code.to_string());
            let essential = if container.essential { "yes" } else { "no" };
            vec![Cell::code(&container.name), Cell::text(essential), Cell::text(code)]
        })
        .collect();
    table(&["Container", "Essential", "Exit code"], &rows)
}

/// What was found out about a task that did not end well, for `diagnosis-json`.
pub(crate) fn entry(task: &TaskOutcome) -> Option<diagnosis::json::Entry<'_>> {
    let diagnosis = task.diagnosis.as_ref()?;
    Some(diagnosis::json::Entry {
        service: "",
        verdict: task.verdict.as_str(),
        reason: &task.reason,
        cause: diagnosis.cause().unwrap_or_default(),
        advice: diagnosis.advice().unwrap_or_default(),
        diagnosis,
    })
}
