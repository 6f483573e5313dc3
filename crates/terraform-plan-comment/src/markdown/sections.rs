//! The parts of a page that may be left out: one per resource, and those for outputs, checks, drift and deferred changes.

use actions_core::markdown::{code, escape, fence, html, html_text};

use super::Limit;
use super::groups::{Group, only_tags};
use super::lines::short_diff_text;
use super::overview::{action, dot, like_it};
use crate::diff::shown;
use crate::node::Node;
use crate::parallel;
use crate::review::{ActionRun, Deferred, Resource, Review, Verb};
use crate::risk::Grade;

/// Reserved per section for the title of its chapter.
const TITLE_LENGTH: usize = 60;

/// So many diffs of destroyed objects are unfolded from the start.
const MOST_OPEN: usize = 3;

/// At most this many addresses of a group are listed.
const MOST_OTHERS: usize = 100;

/// So many sections of a rank may not fit one after the other before the rest of them is not tried: a page that is full is full.
const PATIENCE: usize = 64;

/// So many sections are written before it is looked whether they fit.
const AT_ONCE: usize = 512;

/// The longest message of a check.
const LONGEST_MESSAGE: usize = 600;

/// A part of the page.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// The chapter's title; neighbors with the same title share it.
    pub(super) chapter: &'static str,
    /// What it is called when it is left out.
    pub(super) kind: &'static str,
    /// The lowest rank is kept longest.
    pub(super) rank: usize,
    pub(super) content: Content<'a>,
}

/// What a section shows.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Written(String),
    /// A change, and whether few objects are destroyed. It is written where there is room for it.
    Change(Group<'a>, bool),
}

/// What is left of a page.
#[derive(Debug)]
pub(super) struct Room {
    limit: Limit,
    left: usize,
    /// So many sections of this rank did not fit, one after the other.
    misses: (usize, usize),
}

impl Room {
    pub(super) fn new(limit: Limit, left: usize) -> Self {
        Self { limit, left, misses: (0, 0) }
    }

    /// The texts of the sections that fit, in their order: those of the first rank first.
    pub(super) fn fill(&mut self, sections: &[&Section<'_>]) -> Vec<Option<String>> {
        let mut texts = Vec::with_capacity(sections.len());
        while let Some(next) = sections.get(texts.len()..).filter(|next| !next.is_empty()) {
            let at_once = &next[..next.len().min(AT_ONCE)];
            let is_full = at_once.iter().all(|section| self.is_full(section.rank));
            let written =
                if is_full { Vec::new() } else { parallel::map(at_once, |section| section.content.markdown()) };
            let mut written = written.into_iter();
            texts.extend(at_once.iter().map(|section| self.take(section.rank, written.next()?)));
        }
        texts
    }

    /// Whether no section of this rank is tried any more.
    fn is_full(&self, rank: usize) -> bool {
        self.left < TITLE_LENGTH || (self.misses.0 == rank && self.misses.1 >= PATIENCE)
    }

    fn take(&mut self, rank: usize, markdown: String) -> Option<String> {
        if self.is_full(rank) {
            return None;
        }
        let misses = if self.misses.0 == rank { self.misses.1 } else { 0 };
        let length = self.limit.measure(&markdown) + TITLE_LENGTH;
        if length > self.left {
            self.misses = (rank, misses + 1);
            return None;
        }
        self.left -= length;
        self.misses = (rank, 0);
        Some(markdown)
    }
}

impl Content<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Written(markdown) => markdown.is_empty(),
            Self::Change(group, _) => is_told(group.first) && group.others.is_empty(),
        }
    }

    fn markdown(&self) -> String {
        match self {
            Self::Written(markdown) => markdown.clone(),
            Self::Change(group, few) => change(group, *few),
        }
    }
}

/// All sections in the order of the page.
pub(super) fn all<'a>(review: &'a Review, groups: &[Group<'a>]) -> Vec<Section<'a>> {
    let few = review.destroyed().count() <= MOST_OPEN;
    let mut sections = super::diagnostics::sections(review);
    sections.extend(groups.iter().map(|group| of_change(group.clone(), few)));
    sections.extend(super::graph::section(groups));
    sections.extend(outputs(review));
    sections.extend(checks(review));
    sections.extend(review.deferred.iter().map(deferred));
    sections.extend(review.invocations.iter().map(invocation));
    sections.extend(opened(review));
    sections.extend(review.drift.iter().map(drift));
    sections.retain(|section| !section.content.is_empty());
    sections
}

/// The sections that are shown, with their texts, below their chapters' titles.
pub(super) fn join<'a>(sections: impl Iterator<Item = (&'a Section<'a>, &'a str)>) -> String {
    let mut page = String::new();
    let mut chapter = "";
    for (section, markdown) in sections {
        if section.chapter != chapter {
            chapter = section.chapter;
            page.push_str(&format!("#### {chapter}\n\n"));
        }
        page.push_str(markdown);
        page.push('\n');
    }
    page
}

/// Whether the table tells the whole change: it has the one line of a change of tags, but for the names of others like it.
fn is_told(resource: &Resource) -> bool {
    resource.attributes.is_empty() || only_tags(resource).is_some()
}

fn change(group: &Group<'_>, few: bool) -> String {
    let resource = group.first;
    let diff = if is_told(resource) { String::new() } else { diff(&resource.attributes) };
    let title = format!("{}{}", title(resource), like_it(group));
    folded(few && resource.verb.destroys(), &title, &format!("{diff}{}", others(group)))
}

fn of_change(group: Group<'_>, few: bool) -> Section<'_> {
    let resource = group.first;
    let (kind, rank) = kind(&resource.verb);
    // What is lost or opened in place is kept as long as what is destroyed.
    let rank = if matches!(resource.grade(), Grade::DataLoss | Grade::Exposure) { rank.min(2) } else { rank };
    Section { chapter: "Changes", kind, rank, content: Content::Change(group, few) }
}

/// The addresses of those that change alike.
fn others(group: &Group<'_>) -> String {
    let mut names: Vec<String> = group.others.iter().take(MOST_OTHERS).map(|other| code(&other.address)).collect();
    if group.others.len() > MOST_OTHERS {
        names.push(format!("{} more", group.others.len() - MOST_OTHERS));
    }
    if names.is_empty() { String::new() } else { format!("\nThe same for {}\n", names.join(", ")) }
}

/// The name of a change's diff, and how soon it is left out.
fn kind(verb: &Verb) -> (&'static str, usize) {
    match verb {
        Verb::Delete => ("diff of a destroyed object", 2),
        Verb::DeleteThenCreate | Verb::CreateThenDelete | Verb::CreateAndForget => ("diff of a replacement", 1),
        Verb::Unknown(_) => ("diff of an unknown action", 2),
        Verb::Update => ("diff of an update", 4),
        Verb::Nothing => ("content of an object that is only moved or imported", 5),
        Verb::Forget => ("state of a forgotten object", 6),
        Verb::Create => ("content of a new object", 7),
        Verb::Read | Verb::Open => ("content of an object that is only read", 8),
    }
}

fn title(resource: &Resource) -> String {
    let deposed =
        resource.deposed.as_ref().map_or_else(String::new, |key| format!(" deposed <code>{}</code>", html(key)));
    format!(
        "{} <code>{}</code>{deposed} {}",
        dot(&resource.verb),
        html(&resource.address),
        html_text(&action(resource))
    )
}

fn diff(nodes: &[Node]) -> String {
    fence("diff", &short_diff_text(nodes))
}

/// A folded part. The summary is an HTML block, in which Markdown means nothing, so its parts are escaped as HTML.
pub(super) fn folded(open: bool, summary: &str, body: &str) -> String {
    let open = if open { " open" } else { "" };
    format!("<details{open}><summary>{summary}</summary>\n\n{}\n\n</details>\n", body.trim_end())
}

fn outputs(review: &Review) -> Option<Section<'_>> {
    let nodes: Vec<Node> = review.outputs.iter().filter_map(|output| output.value.clone()).collect();
    let silent = review.outputs.iter().filter(|output| output.value.is_none());
    let silent: Vec<String> =
        silent.map(|output| format!("- {} changes without a new value\n", code(&output.name))).collect();
    let markdown = match (nodes.is_empty(), silent.is_empty()) {
        (true, true) => return None,
        (true, false) => silent.concat(),
        (false, _) => format!("{}\n{}", diff(&nodes), silent.concat()),
    };
    Some(Section { chapter: "Outputs", kind: "chapter on the outputs", rank: 3, content: Content::Written(markdown) })
}

fn checks(review: &Review) -> Option<Section<'_>> {
    if review.checks.is_empty() {
        return None;
    }
    let mut markdown = String::new();
    for check in &review.checks {
        let (icon, word) = match check.status.as_str() {
            "fail" => ("❌", "failed"),
            "error" => ("❌", "could not be evaluated"),
            "unknown" => ("❔", "is known after apply"),
            other => ("⚠️", other),
        };
        markdown.push_str(&format!("- {icon} {} {}\n", code(&check.address), escape(word)));
        for problem in &check.problems {
            let short: String = problem.chars().take(LONGEST_MESSAGE).collect();
            let dots = if short.len() < problem.len() { " …" } else { "" };
            markdown.push_str(&format!("  - {}{dots}\n", escape(&shown(&short))));
        }
    }
    Some(Section { chapter: "Checks", kind: "chapter on the checks", rank: 0, content: Content::Written(markdown) })
}

/// One for each, so that a long one takes no other with it.
fn deferred(entry: &Deferred) -> Section<'_> {
    let resource = &entry.resource;
    let markdown = if resource.attributes.is_empty() {
        let (address, what) = (code(&resource.address), escape(&action(resource)));
        format!("- {} {address} ({what}): {}\n", dot(&resource.verb), escape(&entry.reason))
    } else {
        let body = format!("Deferred: {}\n\n{}", escape(&entry.reason), diff(&resource.attributes));
        folded(false, &title(resource), &body)
    };
    Section {
        chapter: "Deferred to a later plan",
        kind: "deferred change",
        rank: 3,
        content: Content::Written(markdown),
    }
}

/// One for each action, with what it is run with.
fn invocation(run: &ActionRun) -> Section<'_> {
    let markdown = if run.attributes.is_empty() {
        format!("- {} {}\n", code(&run.address), escape(&run.when))
    } else {
        let title = format!("<code>{}</code> {}", html(&run.address), html_text(&run.when));
        folded(false, &title, &diff(&run.attributes))
    };
    Section { chapter: "Actions to run", kind: "action", rank: 3, content: Content::Written(markdown) }
}

/// The ephemeral resources, in one line.
fn opened(review: &Review) -> Option<Section<'_>> {
    if review.opened.is_empty() {
        return None;
    }
    let mut names: Vec<String> = review.opened.iter().take(MOST_OTHERS).map(|address| code(address)).collect();
    if review.opened.len() > MOST_OTHERS {
        names.push(format!("{} more", review.opened.len() - MOST_OTHERS));
    }
    let markdown = format!("Opened while it is applied, kept nowhere: {}\n", names.join(", "));
    Some(Section {
        chapter: "Ephemeral resources",
        kind: "chapter on ephemeral resources",
        rank: 9,
        content: Content::Written(markdown),
    })
}

fn drift(resource: &Resource) -> Section<'_> {
    let what = if resource.verb == Verb::Delete { "was deleted".to_owned() } else { "was changed".to_owned() };
    let title = format!("🔵 <code>{}</code> {what}", html(&resource.address));
    let markdown = folded(false, &title, &diff(&resource.attributes));
    Section {
        chapter: "Changed outside of Terraform",
        kind: "change outside of Terraform",
        rank: 5,
        content: Content::Written(markdown),
    }
}
