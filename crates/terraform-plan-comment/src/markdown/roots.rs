//! Many roots on one page: a table of them, then each folded with its own table and diffs.
//!
//! One limit is spent over all of them, what needs attention first: the table of the roots, then the folds with their warnings, then
//! their tables, then the diffs by their danger, whichever root they are of.

use actions_core::markdown::{Cell, code, html_text, prose};

use super::groups::{Group, groups};
use super::overview::{MOST_NAMES, left_out, quoted, shortened, stale};
use super::sections::{Room, Section, all, join};
use super::{Frame, Limit, NOTE_LENGTH, TABLE_TENTHS, table, without_markers};
use crate::diff::{plural, shown};
use crate::reduce::{Merged, Problem, Root, State};
use crate::review::{PlanState, Review};
use crate::risk::Grade;
use crate::verb::Verb;
use crate::warnings::warnings;

/// The table of the roots.
pub(crate) const COLUMNS: [&str; 8] = ["Root", "+", "~", "-/+", "-", "import", "Risk", "Status"];

/// The table of the roots may take this part of a page, in tenths, before its rows are cut.
const ROOTS_TENTHS: usize = 4;

/// At most this many roots are named in one warning.
const MOST_ROOTS: usize = 10;

/// A root as it is shown.
struct Fold<'a> {
    root: &'a Root,
    groups: Vec<Group<'a>>,
    open: String,
    table: String,
    sections: Vec<(Section<'a>, Option<String>)>,
}

/// The end of a fold.
const CLOSE: &str = "\n</details>\n\n";

/// What the roots do, in one plain line of our own words and of numbers.
pub(crate) fn verdict(merged: &Merged) -> String {
    let count = merged.roots.len();
    let planned = merged.reviews().count();
    let changes = match (planned, merged.has_changes(), merged.lacks_a_plan()) {
        (0, ..) => String::new(),
        (_, true, false) => format!(": {}", merged.counts()),
        (_, true, true) => format!(": at least {}", merged.counts()),
        (_, false, false) => ": no changes".to_owned(),
        (_, false, true) => format!(": no changes in {planned} of them"),
    };
    let mut problems = Vec::new();
    let number = |wanted: &dyn Fn(Problem) -> bool| {
        merged.roots.iter().filter_map(Root::problem).filter(|problem| wanted(*problem)).count()
    };
    let words: [(usize, &str); 6] = [
        (number(&|problem| problem == Problem::Failed), "failed"),
        (number(&|problem| problem == Problem::Missing), "without a part"),
        (number(&|problem| problem == Problem::Stale), "stale"),
        (number(&|problem| problem == Problem::Contradictory), "contradictory"),
        (number(&|problem| problem == Problem::Unexpected), "not expected"),
        (number(&|problem| matches!(problem, Problem::Protected(_) | Problem::Refused(_))), "refused"),
    ];
    problems.extend(words.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")));
    let unreadable = merged.refused.len();
    if unreadable > 0 {
        problems.push(format!("{unreadable} {} that cannot be shown", plural(unreadable, "file")));
    }
    let problems = if problems.is_empty() { String::new() } else { format!("; {}", problems.join(", ")) };
    format!("{count} {}{changes}{problems}", plural(count, "root"))
}

/// The page of all roots within `limit`.
pub(crate) fn page(merged: &Merged, frame: &Frame<'_>, limit: Limit) -> String {
    let (head, foot) = (head(merged, frame), foot(frame));
    let room = limit.most().saturating_sub(limit.measure(&head) + limit.measure(&foot) + 2 * NOTE_LENGTH);
    let rows: Vec<Vec<Cell>> = merged.roots.iter().map(row).collect();
    let (roots, cut_roots) = roots_table(&rows, limit, room * ROOTS_TENTHS / 10);
    let mut left = room.saturating_sub(limit.measure(&roots));
    let mut folds = Vec::new();
    let mut unfolded = 0;
    for fold in merged.roots.iter().filter_map(Fold::of) {
        let length = limit.measure(&fold.open) + limit.measure(CLOSE);
        if length > left {
            unfolded += 1;
            continue;
        }
        left -= length;
        folds.push(fold);
    }
    let mut cut_rows = 0;
    let mut for_tables = left * TABLE_TENTHS / 10;
    for fold in &mut folds {
        let (table, cut) = table(&fold.groups, limit, for_tables);
        let length = limit.measure(&table);
        (for_tables, left) = (for_tables.saturating_sub(length), left.saturating_sub(length));
        (fold.table, cut_rows) = (table, cut_rows + cut);
    }
    choose(&mut folds, limit, left);
    let sections = folds.iter().flat_map(|fold| &fold.sections);
    let hidden: Vec<&Section<'_>> = sections.filter(|(_, text)| text.is_none()).map(|(section, _)| section).collect();
    let note = format!("{}{}", cut(cut_roots, unfolded), left_out(cut_rows, &hidden, frame));
    let folds: String = folds.iter().map(Fold::markdown).collect();
    without_markers(&[head, note, roots, folds, foot].concat())
}

impl<'a> Fold<'a> {
    /// The fold of a root that has anything to show.
    fn of(root: &'a Root) -> Option<Self> {
        let review = root.review()?;
        let warnings = warnings(review);
        let is_silent = warnings.is_empty() && review.log.diagnostics.is_empty();
        if !review.has_changes && is_silent && review.checks.is_empty() && review.drift.is_empty() {
            return None;
        }
        // GitHub makes alerts of the outermost blocks alone (https://docs.github.com/en/get-started/writing-on-github/
        // getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts).
        let warnings = warnings.iter().map(quoted).collect::<Vec<_>>().concat();
        let verdict = html_text(&super::overview::verdict(review));
        let title = format!("{} <code>{}</code>: {verdict}", icon(root), html_text(&root.name));
        let open = format!("<details><summary>{title}</summary>\n\n{warnings}");
        let groups = groups(review);
        let sections = all(review, &groups).into_iter().map(|section| (section, None)).collect();
        Some(Self { root, groups, open, table: String::new(), sections })
    }

    fn markdown(&self) -> String {
        debug_assert!(self.root.review().is_some(), "a fold is of a plan");
        let shown = self.sections.iter().filter_map(|(section, text)| Some((section, text.as_deref()?)));
        format!("{}{}{}{CLOSE}", self.open, self.table, join(shown))
    }
}

/// Writes the sections that fit: the dangerous ones are asked first, and of the same danger those of the first root.
fn choose(folds: &mut [Fold<'_>], limit: Limit, room: usize) {
    let mut order: Vec<(usize, usize, usize)> = Vec::new();
    for (fold, shown) in folds.iter().enumerate() {
        order.extend(shown.sections.iter().enumerate().map(|(index, (section, _))| (section.rank, fold, index)));
    }
    order.sort_unstable();
    let ordered: Vec<&Section<'_>> = order.iter().map(|(_, fold, index)| &folds[*fold].sections[*index].0).collect();
    let texts = Room::new(limit, room).fill(&ordered);
    for ((_, fold, index), text) in order.into_iter().zip(texts) {
        folds[fold].sections[index].1 = text;
    }
}

/// As many rows as fit into `room`, and how many do not.
fn roots_table(rows: &[Vec<Cell>], limit: Limit, room: usize) -> (String, usize) {
    let whole = |rows: &[Vec<Cell>]| match actions_core::markdown::table(&COLUMNS, rows) {
        table if table.is_empty() => table,
        table => format!("{table}\n"),
    };
    let mut fitting = rows.len();
    let mut table = whole(rows);
    while fitting > 0 && limit.measure(&table) > room {
        // A third less each time: the rows are much alike.
        fitting = fitting * 2 / 3;
        table = whole(&rows[..fitting]);
    }
    (table, rows.len() - fitting)
}

fn cut(rows: usize, folds: usize) -> String {
    let mut parts = Vec::new();
    if rows > 0 {
        parts.push(format!("{rows} {} of the table below", plural(rows, "root")));
    }
    if folds > 0 {
        parts.push(format!("the changes of {folds} {}", plural(folds, "root")));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("> [!IMPORTANT]\n> **Too many roots to show all of them.** Left out here: {}.\n\n", parts.join(", "))
}

fn head(merged: &Merged, frame: &Frame<'_>) -> String {
    let mut head = String::new();
    if frame.heading {
        let name = frame.name.map_or_else(String::new, |name| format!(" {}", code(name)));
        head.push_str(&format!("### {} Terraform plans{name}: {}\n\n", overall_icon(merged), verdict(merged)));
    }
    let mut alert = |kind: &str, text: &str| head.push_str(&format!("> [!{kind}]\n> {text}\n\n"));
    if let Some(stale) = stale(frame) {
        alert("WARNING", &stale);
    }
    let unplanned: Vec<(&Root, Problem)> = merged
        .roots
        .iter()
        .filter_map(|root| root.problem().map(|problem| (root, problem)))
        .filter(|(_, problem)| problem.is_lack() || *problem == Problem::Unexpected)
        .collect();
    if !unplanned.is_empty() {
        let count = unplanned.len();
        let verb = if count == 1 { "has" } else { "have" };
        let lines = unplanned.iter().map(|(root, problem)| format!("{}: {}", code(&root.name), why(root, *problem)));
        let title = format!("{count} {} {verb} no plan that could be applied", plural(count, "root"));
        alert("CAUTION", &list(&title, lines, count, MOST_ROOTS));
    }
    if !merged.refused.is_empty() {
        let count = merged.refused.len();
        let verb = if count == 1 { "is no part" } else { "are no parts" };
        let lines = merged.refused.iter().map(|refused| {
            format!("{}: {}", code(&shortened(&shown(&refused.file))), prose(&shortened(&shown(&refused.reason))))
        });
        let title = format!("{count} {} {verb} that can be shown", plural(count, "file"));
        alert("CAUTION", &list(&title, lines, count, MOST_NAMES));
    }
    let destroyed = |root: &Root| {
        let count = root.review().map_or(0, |review| review.destroyed().count());
        (count > 0).then(|| (count, format!("{} ({count})", code(&root.name))))
    };
    let destroyed: Vec<(usize, String)> = merged.roots.iter().filter_map(destroyed).collect();
    if !destroyed.is_empty() {
        let objects = destroyed.iter().map(|(count, _)| count).sum::<usize>();
        let names = named(destroyed.into_iter().map(|(_, name)| name).collect());
        alert("CAUTION", &format!("**{objects} {} destroyed or replaced:** {names}", plural(objects, "object")));
    }
    for (kind, grade) in [("CAUTION", Grade::DataLoss), ("WARNING", Grade::Exposure)] {
        let with = |root: &Root| {
            let has = |review: &Review| {
                review.resources.iter().filter(|r| r.risks.iter().any(|risk| risk.grade == grade)).count()
            };
            let count = root.review().map_or(0, has);
            (count > 0).then(|| format!("{} ({count} {})", code(&root.name), plural(count, "change")))
        };
        let names: Vec<String> = merged.roots.iter().filter_map(with).collect();
        let count = names.len();
        if count == 0 {
            continue;
        }
        let words = if grade == Grade::DataLoss { "Data loss" } else { "Exposure" };
        alert(kind, &format!("**{words} in {count} {}:** {}", plural(count, "root"), named(names)));
    }
    head
}

/// The first of the roots, and how many there are besides.
fn named(mut names: Vec<String>) -> String {
    let count = names.len();
    if count > MOST_ROOTS {
        names.truncate(MOST_ROOTS);
        names.push(format!("and {} more", count - MOST_ROOTS));
    }
    names.join(", ")
}

/// A title with one line for each.
fn list(title: &str, lines: impl Iterator<Item = String>, count: usize, most: usize) -> String {
    let lines = lines.take(most).map(|line| format!("\n> - {line}")).collect::<Vec<_>>().concat();
    let more = if count > most { format!("\n> - and {} more", count - most) } else { String::new() };
    format!("**{title}:**\n>{lines}{more}")
}

/// Why there is no plan of a root.
fn why(root: &Root, problem: Problem) -> String {
    match &root.state {
        _ if problem == Problem::Unexpected => "not expected: `expect` does not name it".to_owned(),
        State::Missing => "no part came: its job did not get that far, or its artifact is missing".to_owned(),
        State::Contradictory => {
            "two parts of the same run say different things: do two jobs have this name?".to_owned()
        }
        State::Stale { commit } => {
            let commit = commit.as_ref().map(|sha| code(&sha.chars().take(8).collect::<String>()));
            let commit = commit.map_or_else(|| "an unknown commit".to_owned(), |commit| format!("commit {commit}"));
            format!("stale: its part was planned from {commit}")
        }
        State::Planned(review) => match &review.unplanned {
            Some(unplanned) => format!("the plan failed: {}", prose(&shortened(&unplanned.message))),
            None => "planning failed; what was planned until then is below".to_owned(),
        },
    }
}

fn row(root: &Root) -> Vec<Cell> {
    let name = Cell::Markdown(format!("{} {}", icon(root), code(&root.name)));
    let status = Cell::Markdown(status(root));
    let number = |count: Option<usize>| match count {
        None => Cell::text("?"),
        Some(0) => Cell::text(""),
        Some(count) => Cell::text(count.to_string()),
    };
    let risk = match root.grade() {
        None => String::new(),
        Some(Grade::Routine) => Grade::Routine.words().to_owned(),
        Some(grade) => format!("**{}**", grade.words()),
    };
    let mut cells = vec![name];
    cells.extend(counted(root).map(number));
    cells.extend([Cell::Markdown(risk), status]);
    cells
}

/// How many objects of a root are created, updated, replaced, destroyed and imported; `None` where there is no plan that says so.
pub(crate) fn counted(root: &Root) -> [Option<usize>; 5] {
    let Some(review) = root.review().filter(|review| review.unplanned.is_none()) else { return [None; 5] };
    let count = |wanted: &dyn Fn(&Verb) -> bool| review.resources.iter().filter(|r| wanted(&r.verb)).count();
    let counts = [
        count(&|verb| *verb == Verb::Create),
        count(&|verb| *verb == Verb::Update),
        count(&Verb::replaces),
        count(&|verb| verb.destroys() && !verb.replaces()),
        review.counts.import,
    ];
    counts.map(Some)
}

/// What is said of a root besides its counts.
fn status(root: &Root) -> String {
    let several = |count: usize, one: &str| format!("{count} {}", plural(count, one));
    match root.problem() {
        Some(Problem::Missing) => return "**no part came**".to_owned(),
        Some(Problem::Contradictory) => return "**contradictory parts**".to_owned(),
        Some(Problem::Stale) => return "**stale**".to_owned(),
        Some(Problem::Unexpected) => return "**not expected**".to_owned(),
        Some(Problem::Failed) => return "**failed**".to_owned(),
        Some(Problem::Protected(count)) => {
            return format!("**`fail-on-destroy` refuses {}**", several(count, "object"));
        }
        Some(Problem::Refused(count)) => return format!("**`fail-on` refuses {}**", several(count, "change")),
        None => {}
    }
    let Some(review) = root.review() else { return String::new() };
    let counts = review.counts;
    let failing = review.checks.iter().filter(|check| check.status != "unknown").count();
    let others = [
        (counts.moved, "move"),
        (counts.forget, "forgotten object"),
        (counts.read, "read"),
        (counts.unknown, "unknown action"),
        (review.outputs.len(), "output"),
        (review.deferred.len(), "deferred change"),
        (review.invocations.len(), "action"),
        (failing, "failed check"),
    ];
    let mut parts = vec![match review.state {
        _ if !review.has_changes => "no changes".to_owned(),
        PlanState::Partial => "partial".to_owned(),
        PlanState::RefreshOnly => "only the state changes".to_owned(),
        PlanState::Complete | PlanState::Errored | PlanState::Unplanned => "changes".to_owned(),
    }];
    parts.extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, one)| several(*count, one)));
    parts.extend(review.strays.map(|_| "**a plan may be missing**".to_owned()));
    if let Some(by) = review.overridden_by.as_ref().filter(|_| review.is_refused()) {
        parts.push(format!("let pass by {}", prose(by)));
    }
    parts.join(", ")
}

fn icon(root: &Root) -> &'static str {
    match (root.problem(), root.review()) {
        (Some(Problem::Protected(_) | Problem::Refused(_)), _) => "⛔",
        (Some(Problem::Stale), _) => "⚠️",
        (Some(Problem::Missing | Problem::Failed | Problem::Contradictory | Problem::Unexpected), _) | (None, None) => {
            "❌"
        }
        (None, Some(review)) => super::overview::icon(review),
    }
}

fn overall_icon(merged: &Merged) -> &'static str {
    let first = merged.roots.first().map(icon);
    let counts = merged.counts();
    match first {
        _ if !merged.refused.is_empty() => "❌",
        Some(icon) if merged.roots.iter().any(|root| root.problem().is_some()) => icon,
        _ if counts.destroy > 0 || counts.unknown > 0 => "🔴",
        _ if merged.roots.iter().filter_map(Root::review).any(|review| review.strays.is_some()) => "⚠️",
        _ if !merged.has_changes() => "✅",
        _ => "📝",
    }
}

fn foot(frame: &Frame<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(frame.commit.map(|commit| format!("commit {}", code(&commit.chars().take(8).collect::<String>()))));
    parts.extend(frame.run_url.map(|url| format!("[run]({url})")));
    if parts.is_empty() { String::new() } else { format!("\n<sub>{}</sub>\n", parts.join(" · ")) }
}

#[cfg(test)]
mod tests;
