//! The plan as Markdown, within a limit: verdict, warnings, a table, folded diffs, and a word about what is left out.
//!
//! Text from the plan passes `actions_core::markdown` (escapes, code spans, fences that content cannot close); nothing
//! else may put it on a page.

mod diagnostics;
mod elided;
mod graph;
mod groups;
mod lines;
mod overview;
mod roots;
mod sections;

pub(crate) use lines::{diff_lines, diff_text};
pub(crate) use overview::{action, cause, dot, found_secrets, shortened, verdict};
pub(crate) use roots::{COLUMNS as ROOT_COLUMNS, counted, page as roots_page, verdict as roots_verdict};

use crate::markdown::groups::{Group, groups};
use crate::markdown::sections::{Room, Section};
use crate::review::Review;

/// Where the page is shown, and what it links to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// Which plan it is, where there are several.
    pub(crate) name: Option<&'a str>,
    /// Whether the page starts with its own heading; the step summary has one already.
    pub(crate) heading: bool,
    pub(crate) commit: Option<&'a str>,
    pub(crate) run_url: Option<&'a str>,
    /// Whether the run keeps all of the plan as a page for a browser.
    pub(crate) has_page: bool,
    /// Whether the step summary takes all its room for what the page leaves out.
    pub(crate) has_summary: bool,
    /// The pull request's head, where it is another commit than the planned one.
    pub(crate) moved_to: Option<&'a str>,
}

/// How long a page may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Characters(usize),
    Bytes(usize),
}

/// Reserved for the note about what is left out.
const NOTE_LENGTH: usize = 700;

/// The table may take this part of a page, in tenths, before its rows are cut.
const TABLE_TENTHS: usize = 6;

impl Limit {
    fn measure(self, text: &str) -> usize {
        match self {
            Self::Characters(_) => text.chars().count(),
            Self::Bytes(_) => text.len(),
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Characters(most) | Self::Bytes(most) => most,
        }
    }
}

/// The page of `review`: everything where it fits, else the diffs of the most dangerous changes, else only the table.
pub(crate) fn page(review: &Review, frame: &Frame<'_>, limit: Limit) -> String {
    let head = overview::head(review, frame);
    let foot = overview::foot(review, frame);
    let fixed = limit.measure(&head) + limit.measure(&foot);
    let room = limit.most().saturating_sub(fixed + NOTE_LENGTH);
    let groups = groups(review);
    let (table, cut_rows) = table(&groups, limit, room * TABLE_TENTHS / 10);
    let sections = sections::all(review, &groups);
    let chosen = choose(&sections, Room::new(limit, room.saturating_sub(limit.measure(&table))));
    let all = || sections.iter().zip(&chosen);
    let left_out: Vec<&Section<'_>> = all().filter(|(_, text)| text.is_none()).map(|(section, _)| section).collect();
    let note = overview::left_out(cut_rows, &left_out, frame);
    let shown = all().filter_map(|(section, text)| Some((section, text.as_deref()?)));
    let page = [head, note, table, sections::join(shown), foot].concat();
    without_markers(&page)
}

/// The texts of the sections that fit: the important ones are asked first, whatever their place on the page.
fn choose(sections: &[Section<'_>], mut room: Room) -> Vec<Option<String>> {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|index| sections[*index].rank);
    let ordered: Vec<&Section<'_>> = order.iter().map(|index| &sections[*index]).collect();
    let mut chosen = vec![None; sections.len()];
    for (index, text) in order.into_iter().zip(room.fill(&ordered)) {
        chosen[index] = text;
    }
    chosen
}

/// As many rows as fit into `room`, and how many do not.
fn table(groups: &[Group<'_>], limit: Limit, room: usize) -> (String, usize) {
    let rows = overview::rows(groups);
    let whole = overview::table(&rows);
    if limit.measure(&whole) <= room {
        return (whole, 0);
    }
    let mut fitting = 0;
    let mut length = limit.measure(&overview::table(&rows[..1.min(rows.len())]));
    while fitting < rows.len() && length <= room {
        fitting += 1;
        // Each row stands on a line of its own, so lengths add up.
        length += rows.get(fitting).map_or(0, |row| {
            let alone = limit.measure(&overview::table(std::slice::from_ref(row)));
            alone.saturating_sub(limit.measure(overview::TABLE_HEAD))
        });
    }
    (overview::table(&rows[..fitting]), rows.len() - fitting)
}

/// `page` without anything that could be taken for one of Slipway's markers: a plan may hold their text.
fn without_markers(page: &str) -> String {
    page.replace("<!-- slipway", "<!- - slipway")
}

#[cfg(test)]
mod tests;
