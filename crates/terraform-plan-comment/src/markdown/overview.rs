//! The page but for its diffs: heading, warnings, table, footer.

use actions_core::markdown::{Cell, code, escape, prose};

use super::Frame;
use super::groups::{Group, only_tags};
use super::sections::Section;
use crate::change_set::Stack;
use crate::diff::plural;
use crate::node::Sign;
use crate::parallel;
use crate::review::{PlanState, Resource, Review, Verb};
use crate::risk::{Grade, Risk};
use crate::warnings::{Warning, warnings};

/// At most this many things are named in one sentence.
pub(super) const MOST_NAMES: usize = 5;

/// An address or id longer than this is cut where a sentence names it.
const LONGEST_NAME: usize = 120;

/// At most this many risks of one change are named in its row.
const MOST_RISKS: usize = 3;

/// The table without rows.
pub(super) const TABLE_HEAD: &str = "| Action | Resource | Why |\n| --- | --- | --- |\n";

/// What the plan does, in one plain line.
pub(crate) fn verdict(review: &Review) -> String {
    let mut parts = Vec::new();
    if !review.resources.is_empty() {
        parts.push(review.counts.to_string());
    }
    let others = [
        (review.outputs.len(), "output", "changes", "change"),
        (review.deferred.len(), "change", "is deferred", "are deferred"),
        (review.invocations.len(), "action", "runs", "run"),
    ];
    for (count, noun, one, many) in others.iter().filter(|(count, ..)| *count > 0) {
        parts.push(format!("{count} {} {}", plural(*count, noun), if *count == 1 { one } else { many }));
    }
    let failing = review.checks.iter().filter(|check| check.status != "unknown").count();
    let checks = if failing == 0 { String::new() } else { format!("; {failing} {} failed", plural(failing, "check")) };
    let protected = match review.protected().count() {
        0 => String::new(),
        count => format!("; destroys {count} protected {}", plural(count, "object")),
    };
    let missing = if review.strays.is_some() { "; a plan may be missing" } else { "" };
    let checks = format!("{checks}{protected}{missing}");
    if review.stack.as_ref().is_some_and(Stack::has_unlisted) {
        parts.push("something else changes".to_owned());
    }
    let changes = match (parts.is_empty(), review.resources.is_empty()) {
        (true, _) => "no changes".to_owned(),
        (false, true) => format!("no resource changes, {}", parts.join(", ")),
        (false, false) => parts.join(", "),
    };
    match review.state {
        PlanState::Unplanned => format!("the plan failed{}", review.log.with_errors()),
        PlanState::Errored => {
            format!("planning failed{}, what was planned so far: {changes}{checks}", review.log.with_errors())
        }
        PlanState::Partial => format!("a partial plan: {changes}{checks}"),
        PlanState::RefreshOnly => {
            let changes = if parts.is_empty() { "no resource changes" } else { &changes };
            format!("{changes}, the state takes over {}{checks}", drifted(review))
        }
        PlanState::Complete => format!("{changes}{checks}"),
    }
}

fn drifted(review: &Review) -> String {
    match review.drift.len() {
        0 => "what a refresh found".to_owned(),
        count => format!("{count} {} made outside of Terraform", plural(count, "change")),
    }
}

/// The heading, one sentence for the plan, and the warnings.
pub(super) fn head(review: &Review, frame: &Frame<'_>) -> String {
    let mut head = String::new();
    if frame.heading {
        let name = frame.name.map_or_else(String::new, |name| format!(" {}", code(name)));
        // The verdict is made of our words and of numbers, so there is nothing to escape.
        head.push_str(&format!("### {} {}{name}: {}\n\n", icon(review), review.subject(code), verdict(review)));
    }
    if let Some(stale) = stale(frame) {
        head.push_str(&format!("> [!WARNING]\n> {stale}\n\n"));
    }
    if !review.has_changes && review.state == PlanState::Complete && review.strays.is_none() {
        head.push_str(&format!("{}\n\n", review.nothing_changes()));
    }
    head.extend(warnings(review).iter().map(alert));
    head
}

/// What is said where the pull request's head is another commit than the planned one.
pub(super) fn stale(frame: &Frame<'_>) -> Option<String> {
    let short = |sha: &str| code(&sha.chars().take(8).collect::<String>());
    let planned = frame.commit.map_or_else(String::new, |commit| format!(" {}", short(commit)));
    frame.moved_to.map(|head| {
        let head = short(head);
        format!(
            "**Stale: the head moved.** This was planned from commit{planned}, and the pull request is at {head} now."
        )
    })
}

pub(super) fn icon(review: &Review) -> &'static str {
    match review.state {
        _ if review.protected().next().is_some() => "⛔",
        _ if review.is_refused() && review.overridden_by.is_none() => "⛔",
        PlanState::Errored | PlanState::Unplanned => "❌",
        _ if review.counts.destroy > 0 || review.counts.unknown > 0 => "🔴",
        _ if review.strays.is_some() => "⚠️",
        _ if !review.has_changes => "✅",
        PlanState::Partial => "⚠️",
        PlanState::Complete | PlanState::RefreshOnly => "📝",
    }
}

/// A warning as an alert of GitHub's.
fn alert(warning: &Warning) -> String {
    format!("> [!{}]\n{}", warning.kind.word(), quoted(warning))
}

/// A warning as a quotation.
pub(super) fn quoted(warning: &Warning) -> String {
    let headline =
        if warning.headline.is_empty() { String::new() } else { format!("**{}** ", prose(&warning.headline)) };
    let text = format!("{headline}{}", prose(&warning.text));
    let mut lines = vec![format!("> {}", text.trim_end())];
    lines.extend((!warning.items.is_empty()).then(|| ">".to_owned()));
    lines.extend(warning.items.iter().map(|item| format!("> - {}", prose(item))));
    lines.join("\n") + "\n\n"
}

/// The rows of the table: resources in their order, those that change alike in one.
pub(super) fn rows(groups: &[Group<'_>]) -> Vec<Vec<Cell>> {
    let row = |group: &Group<'_>| {
        let action = format!("{} {}", dot(&group.first.verb), emphasized(group.first));
        let address = format!("{}{}", address(group.first), like_it(group));
        vec![Cell::Markdown(action), Cell::Markdown(address), Cell::Markdown(why(group.first))]
    };
    parallel::map(groups, row)
}

/// The table; nothing without rows.
pub(super) fn table(rows: &[Vec<Cell>]) -> String {
    let table = actions_core::markdown::table(&["Action", "Resource", "Why"], rows);
    if table.is_empty() { table } else { format!("{table}\n") }
}

/// How many others change alike.
pub(super) fn like_it(group: &Group<'_>) -> String {
    match group.others.len() {
        0 => String::new(),
        count => format!(" and {count} like it"),
    }
}

fn address(resource: &Resource) -> String {
    let deposed = resource.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {})", code(key)));
    format!("{}{deposed}", code(&resource.address))
}

/// The action as Markdown; our own words need no escapes.
fn marked_action(resource: &Resource) -> String {
    match &resource.verb {
        Verb::Unknown(_) => escape(&action(resource)),
        Verb::Delete
        | Verb::DeleteThenCreate
        | Verb::CreateThenDelete
        | Verb::CreateAndForget
        | Verb::Forget
        | Verb::Update
        | Verb::Create
        | Verb::Nothing
        | Verb::Read
        | Verb::Open => action(resource),
    }
}

fn emphasized(resource: &Resource) -> String {
    let action = marked_action(resource);
    if resource.verb.destroys() { format!("**{action}**") } else { action }
}

/// What happens to a resource, in plain words.
pub(crate) fn action(resource: &Resource) -> String {
    let import = resource.import.is_some().then_some("import");
    let moved = resource.moved_from.is_some().then_some("move");
    let verb = match &resource.verb {
        Verb::Delete => Some("destroy".to_owned()),
        Verb::DeleteThenCreate => Some("replace (destroy first)".to_owned()),
        Verb::CreateThenDelete => Some("replace (create first)".to_owned()),
        Verb::CreateAndForget => Some("replace (keep the old object)".to_owned()),
        Verb::Forget => Some("forget (not destroyed)".to_owned()),
        Verb::Update => Some("update".to_owned()),
        Verb::Create => Some("create".to_owned()),
        Verb::Read => Some("read".to_owned()),
        Verb::Open => Some("open".to_owned()),
        Verb::Unknown(actions) if actions.is_empty() => Some("unknown action".to_owned()),
        Verb::Unknown(actions) => Some(format!("unknown action: {}", actions.join(", "))),
        Verb::Nothing => None,
    };
    let own = resource.set.as_ref().and_then(|set| set.action.as_deref()).map(str::to_owned);
    let verb = own.or(verb);
    let words: Vec<String> = import.into_iter().chain(moved).map(str::to_owned).chain(verb).collect();
    words.join(" + ")
}

/// The color of an action.
pub(crate) fn dot(verb: &Verb) -> &'static str {
    match verb {
        Verb::Delete => "🔴",
        Verb::DeleteThenCreate | Verb::CreateThenDelete | Verb::CreateAndForget | Verb::Unknown(_) => "🟠",
        Verb::Update => "🟡",
        Verb::Create => "🟢",
        Verb::Forget => "⚪",
        Verb::Nothing | Verb::Read | Verb::Open => "🔵",
    }
}

/// Why a resource is destroyed, as plain text.
pub(crate) fn cause(resource: &Resource) -> Option<String> {
    if resource.forced_by.is_empty() {
        return resource.reason.clone();
    }
    let mut attributes: Vec<String> =
        resource.forced_by.iter().take(MOST_NAMES).map(|path| format!("`{}`", shortened(path))).collect();
    if resource.forced_by.len() > MOST_NAMES {
        attributes.push(format!("{} more", resource.forced_by.len() - MOST_NAMES));
    }
    Some(format!("{} {}", attributes.join(", "), in_place(resource)))
}

/// Why there is a new object.
fn in_place(resource: &Resource) -> &'static str {
    if resource.may_be_kept() { "may not change in place" } else { "cannot change in place" }
}

fn why(resource: &Resource) -> String {
    let mut parts = Vec::new();
    if !resource.forced_by.is_empty() {
        let mut attributes: Vec<String> =
            resource.forced_by.iter().take(MOST_NAMES).map(|path| code(&shortened(path))).collect();
        if resource.forced_by.len() > MOST_NAMES {
            attributes.push(format!("{} more", resource.forced_by.len() - MOST_NAMES));
        }
        parts.push(format!("{} {}", attributes.join(", "), in_place(resource)));
    } else if let Some(reason) = &resource.reason {
        parts.push(markup(reason));
    }
    parts.extend(resource.moved_from.as_ref().map(|old| format!("was {}", code(old))));
    parts.extend(resource.import.as_ref().map(|id| format!("imports {}", code(&shortened(id)))));
    if resource.generates_configuration {
        parts.push("configuration is generated".to_owned());
    }
    if parts.is_empty() && resource.verb == Verb::Update {
        parts.push(match only_tags(resource) {
            Some(tags) => format!("only tags: {}", tags.iter().map(|tag| code(tag)).collect::<Vec<_>>().join(", ")),
            None => format!("changes {}", changed_attributes(resource)),
        });
    }
    if let Some(set) = &resource.set {
        parts.extend(set.causes.as_ref().map(|causes| escape(&shortened(causes))));
        parts.extend(set.construct.as_ref().map(|path| format!("construct {}", code(&shortened(path)))));
    }
    parts.extend(resource.risks.iter().take(MOST_RISKS).map(risk_in_row));
    if resource.risks.len() > MOST_RISKS {
        let more = resource.risks.len() - MOST_RISKS;
        parts.push(format!("{more} more {}", plural(more, "risk")));
    }
    parts.join("; ")
}

fn risk_in_row(risk: &Risk) -> String {
    let reason = prose(&risk.reason);
    match risk.grade {
        Grade::Routine => reason,
        Grade::DataLoss | Grade::Exposure | Grade::Downtime | Grade::Rules => {
            format!("**{}:** {reason}", risk.grade.words())
        }
    }
}

/// The names of the attributes that change.
fn changed_attributes(resource: &Resource) -> String {
    let changed = resource.attributes.iter().filter(|node| node.sign != Sign::Unchanged);
    let names: Vec<&str> = changed.filter_map(|node| node.name.as_deref()).collect();
    let mut shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| code(name)).collect();
    if names.len() > MOST_NAMES {
        shown.push(format!("{} more", names.len() - MOST_NAMES));
    }
    let tool = if resource.set.is_some() { "CloudFormation" } else { "Terraform" };
    if shown.is_empty() { format!("nothing that {tool} names") } else { shown.join(", ") }
}

/// A reason of ours has code spans; one that the plan brought is escaped as a whole.
fn markup(reason: &str) -> String {
    let ours = crate::review::REASONS.iter().any(|(_, words)| *words == reason)
        || reason == "a `removed` block takes it out of the state";
    if ours { reason.to_owned() } else { escape(reason) }
}

/// `text`, cut where it is too long for a sentence.
pub(crate) fn shortened(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_NAME).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// What is left out, why, and where to find it.
pub(super) fn left_out(rows: usize, sections: &[&Section<'_>], frame: &Frame<'_>) -> String {
    let mut parts = Vec::new();
    if rows > 0 {
        parts.push(format!("{rows} {} of the table", plural(rows, "row")));
    }
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for section in sections {
        match kinds.iter_mut().find(|(kind, _)| *kind == section.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((section.kind, 1)),
        }
    }
    parts.extend(kinds.iter().map(|(kind, count)| format!("{count} × {kind}")));
    if parts.is_empty() {
        return String::new();
    }
    let place = match (frame.has_page, frame.run_url) {
        (false, Some(url)) => format!("[the log of this run]({url})"),
        (false, None) => "the log of this run".to_owned(),
        (true, Some(url)) => format!("the page among the artifacts of [this run]({url})"),
        (true, None) => "the page among the artifacts of this run".to_owned(),
    };
    let place =
        if frame.has_summary { format!("{place}, and what fits into 1 MiB in its step summary") } else { place };
    format!(
        "> [!IMPORTANT]\n> **Too long to show everything.** Left out here: {}. All of it is in {place}.\n\n",
        parts.join(", ")
    )
}

/// Versions, counts of what is not shown, and where the page comes from.
pub(super) fn foot(review: &Review, frame: &Frame<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(review.terraform_version.as_ref().map(|version| format!("{} {}", review.product(), escape(version))));
    parts.extend(review.stack.as_ref().map(|stack| prose(&stack.words())));
    parts.extend(review.plans.map(|count| format!("{count} plans in one file")));
    if review.unchanged > 0 {
        parts.push(format!("{} {} unchanged", review.unchanged, plural(review.unchanged, "resource")));
    }
    if review.checks_passed > 0 {
        parts.push(format!("{} {} passed", review.checks_passed, plural(review.checks_passed, "check")));
    }
    if review.irrelevant_drift > 0 {
        let count = review.irrelevant_drift;
        parts.push(format!(
            "{count} {} outside of Terraform that this plan does not depend on",
            plural(count, "change")
        ));
    }
    parts.extend(found_secrets(review));
    parts.extend(review.provenance.small_print().map(|(word, sum)| format!("{word} {}", code(sum))));
    parts.extend(frame.commit.map(|commit| format!("commit {}", code(&commit.chars().take(8).collect::<String>()))));
    parts.extend(frame.run_url.map(|url| format!("[run]({url})")));
    if parts.is_empty() { String::new() } else { format!("\n<sub>{}</sub>\n", parts.join(" · ")) }
}

/// How many secrets were found where nobody marks them, and how many were looked for nowhere else.
pub(crate) fn found_secrets(review: &Review) -> Option<String> {
    let (found, masked) = (review.unmarked_secrets, review.masked_only);
    let found = (found > 0).then(|| format!("{found} further {} of secrets redacted", plural(found, "occurrence")));
    let masked = (masked > 0).then(|| {
        let (values, are, them) = if masked == 1 { ("value", "is", "it is") } else { ("values", "are", "they are") };
        format!("{masked} sensitive {values} that {are} short or no text hidden only where {them} marked")
    });
    let both: Vec<String> = found.into_iter().chain(masked).collect();
    (!both.is_empty()).then(|| both.join(" · "))
}
