//! The page but for its diffs: heading, warnings, table, footer.

use actions_core::markdown::{Cell, code, escape, prose};

use super::Frame;
use super::sections::Section;
use crate::diff::plural;
use crate::node::Sign;
use crate::review::{PlanState, Resource, Review, Verb};
use crate::risk::{Grade, Risk};

/// At most this many things are named in one sentence.
const MOST_NAMES: usize = 5;

/// At most this many protected objects are listed.
const MOST_PROTECTED: usize = 10;

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
    let checks = format!("{checks}{protected}");
    let changes = match (parts.is_empty(), review.resources.is_empty()) {
        (true, _) => "no changes".to_owned(),
        (false, true) => format!("no resource changes, {}", parts.join(", ")),
        (false, false) => parts.join(", "),
    };
    match review.state {
        PlanState::Errored => format!("planning failed, what was planned so far: {changes}{checks}"),
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
        head.push_str(&format!("### {} Terraform plan{name}: {}\n\n", icon(review), verdict(review)));
    }
    if !review.has_changes && review.state == PlanState::Complete {
        head.push_str("No changes. The infrastructure matches the configuration.\n\n");
    }
    for (kind, text) in warnings(review) {
        head.push_str(&format!("> [!{kind}]\n> {text}\n\n"));
    }
    head
}

fn icon(review: &Review) -> &'static str {
    match review.state {
        _ if review.protected().chain(review.refused()).next().is_some() => "⛔",
        PlanState::Errored => "❌",
        _ if review.counts.destroy > 0 || review.counts.unknown > 0 => "🔴",
        _ if !review.has_changes => "✅",
        PlanState::Partial => "⚠️",
        PlanState::Complete | PlanState::RefreshOnly => "📝",
    }
}

/// What must not be overlooked, as the kind of an alert and its text.
pub(crate) fn warnings(review: &Review) -> Vec<(&'static str, String)> {
    let mut warnings = Vec::new();
    let protected: Vec<&Resource> = review.protected().collect();
    if !protected.is_empty() {
        warnings.push(("CAUTION", protection(&protected)));
    }
    match review.state {
        PlanState::Errored => {
            let text = "**Planning failed.** Below is what Terraform had planned until then; it cannot be applied. The error itself is in the log of the step that ran `terraform plan`.";
            warnings.push(("CAUTION", text.to_owned()));
        }
        PlanState::Partial => {
            let text = "**This plan is partial:** it was made with `-target`, or some changes are deferred. Applying it leaves other changes undone.";
            warnings.push(("WARNING", text.to_owned()));
        }
        PlanState::Complete | PlanState::RefreshOnly => {}
    }
    // The block above names them all.
    let all_named = protected.len() == review.counts.destroy && protected.len() <= MOST_PROTECTED;
    let loses = |resource: &Resource| resource.grade() == Grade::DataLoss && !resource.protected;
    let all_lost = review.counts.destroy <= MOST_NAMES && review.destroyed().all(loses);
    let refused: Vec<&Resource> = review.refused().collect();
    if !refused.is_empty() {
        let count = refused.len();
        let (noun, verb) = if count == 1 { ("change", "is") } else { ("changes", "are") };
        let text =
            format!("**{count} {noun} {verb} refused, so this plan's check fails** (`fail-on`): {}", names(&refused));
        warnings.push(("CAUTION", text));
    }
    if review.counts.destroy > 0 && !all_named && !all_lost {
        warnings.push(("CAUTION", destruction(review)));
    }
    warnings.extend(risk(review, Grade::DataLoss).map(|text| ("CAUTION", text)));
    warnings.extend(risk(review, Grade::Exposure).map(|text| ("WARNING", text)));
    let imported: Vec<&Resource> = review.destroyed().filter(|resource| resource.import.is_some()).collect();
    if !imported.is_empty() {
        warnings.push(("CAUTION", format!("**Imported and destroyed at once:** {}", names(&imported))));
    }
    let strange: Vec<&Resource> = review.resources.iter().filter(|r| matches!(r.verb, Verb::Unknown(_))).collect();
    if !strange.is_empty() {
        let text =
            format!("**Actions that this version does not know:** {}. Read their changes with care.", names(&strange));
        warnings.push(("WARNING", text));
    }
    if !review.says_sensitive {
        let text = "This plan does not say which values are sensitive (Terraform before 0.15 wrote it), so every value is hidden.";
        warnings.push(("NOTE", text.to_owned()));
    }
    warnings
}

/// The changes that have a risk of this grade, each with its worst one.
fn risk(review: &Review, grade: Grade) -> Option<String> {
    // What is protected stands above, and in the table.
    let has = |resource: &&Resource| !resource.protected && resource.risks.iter().any(|risk| risk.grade == grade);
    let risky: Vec<&Resource> = review.resources.iter().filter(has).collect();
    let count = risky.len();
    let line = |resource: &&Resource| {
        let first = resource.risks.iter().find(|risk| risk.grade == grade);
        format!("\n> - {}: {}", named(resource), prose(first.map_or("", |risk| &risk.reason)))
    };
    let lines: String = risky.iter().take(MOST_NAMES).map(line).collect();
    let more = if count > MOST_NAMES { format!("\n> - and {} more", count - MOST_NAMES) } else { String::new() };
    (count > 0)
        .then(|| format!("**{} in {count} {}:**\n>{lines}{more}", capitalized(grade.words()), plural(count, "change")))
}

fn capitalized(words: &str) -> String {
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}

/// The block of what `fail-on-destroy` names: each object with what happens to it and why.
fn protection(protected: &[&Resource]) -> String {
    let count = protected.len();
    let subject = if count == 1 { "protected object is" } else { "protected objects are" };
    let mut text = format!("**{count} {subject} destroyed by this plan, so its check fails** (`fail-on-destroy`):\n>");
    for resource in protected.iter().take(MOST_PROTECTED) {
        let why = why(resource);
        let why = if why.is_empty() { why } else { format!(": {why}") };
        text.push_str(&format!(
            "\n> - {} {} **{}**{why}",
            dot(&resource.verb),
            named(resource),
            marked_action(resource)
        ));
    }
    if count > MOST_PROTECTED {
        text.push_str(&format!("\n> - and {} more", count - MOST_PROTECTED));
    }
    text
}

fn destruction(review: &Review) -> String {
    let destroyed: Vec<&Resource> = review.destroyed().collect();
    let count = destroyed.len();
    let replaced = destroyed.iter().filter(|resource| resource.verb.replaces()).count();
    let replaced = match (replaced, count) {
        (0, _) => String::new(),
        (1, 1) => " and replaced by a new one".to_owned(),
        (some, all) if some == all => " and replaced by new ones".to_owned(),
        (1, _) => ", 1 of them is replaced by a new one".to_owned(),
        (some, _) => format!(", {some} of them are replaced by new ones"),
    };
    let subject = if count == 1 { "object will be destroyed" } else { "objects will be destroyed" };
    format!("**{count} {subject}{replaced}:** {}", names(&destroyed))
}

fn names(resources: &[&Resource]) -> String {
    let mut names: Vec<String> = resources.iter().take(MOST_NAMES).map(|resource| named(resource)).collect();
    if resources.len() > MOST_NAMES {
        names.push(format!("and {} more", resources.len() - MOST_NAMES));
    }
    names.join(", ")
}

/// The rows of the table: resources in their order.
pub(super) fn rows(review: &Review) -> Vec<Vec<Cell>> {
    review
        .resources
        .iter()
        .map(|resource| {
            let action = format!("{} {}", dot(&resource.verb), emphasized(resource));
            vec![Cell::Markdown(action), Cell::Markdown(address(resource)), Cell::Markdown(why(resource))]
        })
        .collect()
}

/// The table; nothing without rows.
pub(super) fn table(rows: &[Vec<Cell>]) -> String {
    let table = actions_core::markdown::table(&["Action", "Resource", "Why"], rows);
    if table.is_empty() { table } else { format!("{table}\n") }
}

fn address(resource: &Resource) -> String {
    let deposed = resource.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {})", code(key)));
    format!("{}{deposed}", code(&resource.address))
}

/// The address where a sentence names it.
fn named(resource: &Resource) -> String {
    let deposed = resource.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {})", code(key)));
    format!("{}{deposed}", code(&shortened(&resource.address)))
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
        | Verb::Read => action(resource),
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
        Verb::Unknown(actions) if actions.is_empty() => Some("unknown action".to_owned()),
        Verb::Unknown(actions) => Some(format!("unknown action: {}", actions.join(", "))),
        Verb::Nothing => None,
    };
    let words: Vec<String> = import.into_iter().chain(moved).map(str::to_owned).chain(verb).collect();
    words.join(" + ")
}

/// The color of an action.
pub(super) fn dot(verb: &Verb) -> &'static str {
    match verb {
        Verb::Delete => "🔴",
        Verb::DeleteThenCreate | Verb::CreateThenDelete | Verb::CreateAndForget | Verb::Unknown(_) => "🟠",
        Verb::Update => "🟡",
        Verb::Create => "🟢",
        Verb::Forget => "⚪",
        Verb::Nothing | Verb::Read => "🔵",
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
    Some(format!("{} cannot change in place", attributes.join(", ")))
}

fn why(resource: &Resource) -> String {
    let mut parts = Vec::new();
    if !resource.forced_by.is_empty() {
        let mut attributes: Vec<String> =
            resource.forced_by.iter().take(MOST_NAMES).map(|path| code(&shortened(path))).collect();
        if resource.forced_by.len() > MOST_NAMES {
            attributes.push(format!("{} more", resource.forced_by.len() - MOST_NAMES));
        }
        parts.push(format!("{} cannot change in place", attributes.join(", ")));
    } else if let Some(reason) = &resource.reason {
        parts.push(markup(reason));
    }
    parts.extend(resource.moved_from.as_ref().map(|old| format!("was {}", code(old))));
    parts.extend(resource.import.as_ref().map(|id| format!("imports {}", code(&shortened(id)))));
    if resource.generates_configuration {
        parts.push("configuration is generated".to_owned());
    }
    if parts.is_empty() && resource.verb == Verb::Update {
        parts.push(format!("changes {}", changed_attributes(resource)));
    }
    parts.extend(resource.risks.iter().take(MOST_RISKS).map(risk_in_row));
    if resource.risks.len() > MOST_RISKS {
        parts.push(format!("{} more risks", resource.risks.len() - MOST_RISKS));
    }
    parts.join("; ")
}

fn risk_in_row(risk: &Risk) -> String {
    let reason = prose(&risk.reason);
    match risk.grade {
        Grade::Routine => reason,
        Grade::DataLoss | Grade::Exposure | Grade::Downtime => format!("**{}:** {reason}", risk.grade.words()),
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
    if shown.is_empty() { "nothing that Terraform names".to_owned() } else { shown.join(", ") }
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
pub(super) fn left_out(rows: usize, sections: &[&Section], frame: &Frame<'_>) -> String {
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
    let place = match frame.run_url {
        Some(url) => format!("[the log of this run]({url})"),
        None => "the log of this run".to_owned(),
    };
    format!(
        "> [!IMPORTANT]\n> **Too long to show everything.** Left out here: {}. All of it is in {place}.\n\n",
        parts.join(", ")
    )
}

/// Versions, counts of what is not shown, and where the page comes from.
pub(super) fn foot(review: &Review, frame: &Frame<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(review.terraform_version.as_ref().map(|version| format!("Terraform {}", escape(version))));
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
    if review.unmarked_secrets > 0 {
        let count = review.unmarked_secrets;
        parts.push(format!(
            "{count} {} of sensitive values hidden that Terraform does not mark",
            plural(count, "copy").replace("copys", "copies")
        ));
    }
    parts.extend(frame.commit.map(|commit| format!("commit {}", code(&commit.chars().take(8).collect::<String>()))));
    parts.extend(frame.run_url.map(|url| format!("[run]({url})")));
    if parts.is_empty() { String::new() } else { format!("\n<sub>{}</sub>\n", parts.join(" · ")) }
}
