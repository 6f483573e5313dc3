//! Why a service's deployment did not end well, as the summary shows it.

use actions_core::markdown::{Cell, code, details, escape, fence, prose, table};

use crate::diagnosis::{Diagnosis, LivingTasks, LogTail, StoppedTasks};

/// How much of all logs is shown, in bytes: the rest of the summary needs its room.
const LOGS: usize = 24 * 1024;

/// The cause in bold, with what to do about it.
pub(crate) fn headline(diagnosis: &Diagnosis) -> String {
    let Some(cause) = diagnosis.cause() else { return String::new() };
    let advice = diagnosis.advice().map_or_else(String::new, |advice| format!("\n\n{}", prose(advice)));
    format!("**{}**{advice}\n", escape(&cause))
}

/// What stopped, what was counted, what health checks said, and what could not be seen.
pub(crate) fn evidence(diagnosis: &Diagnosis) -> Vec<String> {
    let targets: Vec<String> = diagnosis.targets.iter().map(|target| format!("load balancer: {target}")).collect();
    let living: Vec<String> = diagnosis.living.iter().map(LivingTasks::describe).collect();
    let said = [diagnosis.triggers.lines(), targets, living].concat();
    vec![
        stopped(&diagnosis.stopped),
        items(&said),
        logs(&diagnosis.logs),
        items(&diagnosis.blind_spots),
        events(&diagnosis.events),
    ]
}

fn items(lines: &[String]) -> String {
    let items: Vec<String> = lines.iter().map(|line| format!("- {}\n", escape(line))).collect();
    items.concat()
}

fn stopped(groups: &[StoppedTasks]) -> String {
    let is_advised = groups.iter().any(|group| !group.advice.is_empty());
    let rows: Vec<Vec<Cell>> = groups
        .iter()
        .map(|group| {
            let mut cells = row(group);
            cells.extend(is_advised.then(|| Cell::Markdown(prose(&group.advice))));
            cells
        })
        .collect();
    let headers = ["Stopped tasks", "Code", "Reason", "Containers", "What to do"];
    table(&headers[..if is_advised { 5 } else { 4 }], &rows)
}

fn row(group: &StoppedTasks) -> Vec<Cell> {
    let containers = group.cause.containers.iter().map(|container| escape(&container.describe()));
    vec![
        Cell::text(group.count.to_string()),
        Cell::code(&group.cause.stop_code),
        Cell::text(&group.cause.reason),
        Cell::Markdown(containers.collect::<Vec<_>>().join("<br>")),
    ]
}

/// The newest lines of each log, each with an equal part of the room.
fn logs(tails: &[LogTail]) -> String {
    let room = LOGS / tails.len().max(1);
    tails.iter().map(|tail| log(tail, room)).collect::<Vec<_>>().join("\n")
}

fn log(tail: &LogTail, room: usize) -> String {
    let mut left = room;
    let fit = tail.lines.iter().rev().take_while(|line| {
        let need = line.len() + 1;
        let fits = need <= left;
        left = left.saturating_sub(need);
        fits
    });
    let count = fit.count();
    let lines = &tail.lines[tail.lines.len() - count..];
    let place = format!("Log group {}, stream {}\n\n", code(&tail.group), code(&tail.stream));
    details(&tail.title(), &format!("{place}{}", fence("text", &lines.join("\n"))))
}

fn events(events: &[String]) -> String {
    if events.is_empty() {
        return String::new();
    }
    let title = format!("Service events since the start ({})", events.len());
    details(&title, &fence("text", &events.join("\n")))
}
