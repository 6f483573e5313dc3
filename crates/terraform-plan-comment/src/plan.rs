//! Decides what to write: pure.

use actions_core::Failure;
use serde::Serialize;

use crate::inputs::Inputs;
use crate::markdown::{Frame, Limit, page};
use crate::marker::{self, Name, Writer};
use crate::observe::{Destination, Existing, Run, Snapshot};
use crate::region;
use crate::review::Review;
use crate::reviewed::Reviewed;

/// The longest comment or body GitHub takes, in characters.
const LONGEST_BODY: usize = 65_536;

/// What a text is shortened to when GitHub finds it too long all the same: half of the room, and in bytes, so that it fits
/// however GitHub counts (as UTF-16 the symbols of this page count twice, and old servers count bytes).
const SHORTER: usize = 2;

/// Kept free, because GitHub's count and ours may differ for unusual characters.
const MARGIN: usize = 1_024;

/// The decision.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    pub(crate) review: Review,
    pub(crate) write: Write,
    /// The run's page, for the step summary.
    #[serde(skip)]
    pub(crate) run_url: Option<String>,
    #[serde(skip)]
    pub(crate) commit: Option<String>,
    /// What goes into `review-file`.
    #[serde(skip)]
    pub(crate) reviewed: Option<Reviewed>,
}

impl Plan {
    /// What a page of its own links to.
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { commit: self.commit.as_deref(), run_url: self.run_url.as_deref(), ..Frame::default() }
    }
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Write {
    Nothing {
        why: &'static str,
    },
    CreateComment {
        pull_request: u64,
        body: String,
        /// For a server that finds `body` too long.
        #[serde(skip)]
        shorter: String,
    },
    UpdateComment {
        pull_request: u64,
        id: u64,
        url: String,
        body: String,
        #[serde(skip)]
        shorter: String,
    },
    KeepComment {
        id: u64,
        url: String,
    },
    UpdateBody {
        pull_request: u64,
        url: String,
        before: String,
        body: String,
        #[serde(skip)]
        shorter: String,
    },
    KeepBody {
        url: String,
    },
    /// A newer run has written already.
    Superseded {
        id: Option<u64>,
        url: String,
        newer_run: u64,
    },
    /// GitHub refused before anything could be written.
    Refused {
        failure: Failure,
        is_fork: bool,
    },
}

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Plan {
    let review = Review { overridden_by: snapshot.overridden_by.clone(), ..Review::of(&snapshot.document) };
    let page =
        Page { review: &review, name: inputs.name.as_ref(), run: &snapshot.run, is_kept: inputs.html_file.is_some() };
    let write = match &snapshot.destination {
        Destination::Nowhere { why } => Write::Nothing { why },
        Destination::Refused { failure, is_fork } => Write::Refused { failure: failure.clone(), is_fork: *is_fork },
        Destination::Comment { pull_request, existing: None } => {
            let [body, shorter] = Size::BOTH.map(|size| page.comment(&snapshot.run.writer, size));
            Write::CreateComment { pull_request: *pull_request, body, shorter }
        }
        Destination::Comment { pull_request, existing: Some(existing) } => comment(&page, *pull_request, existing),
        Destination::Body { pull_request, body, url } => region(&page, *pull_request, body, url),
    };
    let (run_url, commit) = (snapshot.run.url(&snapshot.run.writer), snapshot.run.writer.commit.clone());
    let reviewed = inputs.review_file.is_some().then(|| Reviewed::of(inputs, snapshot));
    Plan { review, write, run_url, commit, reviewed }
}

fn comment(page: &Page<'_>, pull_request: u64, existing: &Existing) -> Write {
    let earlier = Writer::find(&existing.body);
    let (id, url) = (existing.id, existing.url.clone());
    if let Some(newer_run) = superseded(&earlier, page.run) {
        return Write::Superseded { id: Some(id), url, newer_run };
    }
    let unchanged = page.unchanged_writer(&earlier);
    if Size::BOTH.iter().any(|size| same_text(&page.comment(&unchanged, *size), &existing.body)) {
        return Write::KeepComment { id, url };
    }
    let [body, shorter] = Size::BOTH.map(|size| page.comment(&page.run.writer, size));
    Write::UpdateComment { pull_request, id, url, body, shorter }
}

fn region(page: &Page<'_>, pull_request: u64, body: &str, url: &str) -> Write {
    let content = region::content(body, page.name);
    let earlier = content.map(Writer::find).unwrap_or_default();
    if let Some(newer_run) = superseded(&earlier, page.run) {
        return Write::Superseded { id: None, url: url.to_owned(), newer_run };
    }
    let room = LONGEST_BODY.saturating_sub(region::outside(body, page.name).chars().count());
    let unchanged = page.unchanged_writer(&earlier);
    let says_so =
        |content: &str| Size::BOTH.iter().any(|size| same_text(&page.region(&unchanged, room, *size), content));
    if content.is_some_and(says_so) {
        return Write::KeepBody { url: url.to_owned() };
    }
    let [written, shorter] =
        Size::BOTH.map(|size| region::replace(body, page.name, &page.region(&page.run.writer, room, size)));
    Write::UpdateBody { pull_request, url: url.to_owned(), before: body.to_owned(), body: written, shorter }
}

/// The run that wrote the present text, if it is newer than this one.
fn superseded(earlier: &Writer, run: &Run) -> Option<u64> {
    if earlier.is_newer_than(&run.writer) { earlier.run.map(|(id, _)| id) } else { None }
}

/// Whether two texts differ in nothing that GitHub's editor does not change by itself.
fn same_text(ours: &str, theirs: &str) -> bool {
    ours.trim_end() == theirs.replace("\r\n", "\n").trim_end()
}

/// How long a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    /// As long as GitHub says.
    Usual,
    /// For a second try.
    Shorter,
}

impl Size {
    const BOTH: [Self; 2] = [Self::Usual, Self::Shorter];

    fn limit(self, room: usize) -> Limit {
        match self {
            Self::Usual => Limit::Characters(room),
            Self::Shorter => Limit::Bytes(room / SHORTER),
        }
    }
}

/// What is needed to render the page.
struct Page<'a> {
    review: &'a Review,
    name: Option<&'a Name>,
    run: &'a Run,
    /// Whether the run keeps all of it for a browser.
    is_kept: bool,
}

impl Page<'_> {
    /// The earlier writer, if this run has nothing new to say: then its text, run and all, is still right.
    fn unchanged_writer(&self, earlier: &Writer) -> Writer {
        Writer { run: earlier.run, commit: self.run.writer.commit.clone() }
    }

    fn comment(&self, writer: &Writer, size: Size) -> String {
        let head = format!("{}\n{writer}\n\n", marker::comment(self.name));
        let room = LONGEST_BODY - MARGIN - head.chars().count();
        format!("{head}{}", self.render(writer, size.limit(room)))
    }

    /// The region's content; `room` is what the rest of the body leaves.
    fn region(&self, writer: &Writer, room: usize, size: Size) -> String {
        let markers = marker::region_start(self.name).len() + marker::region_end(self.name).len();
        let head = format!("{writer}\n\n");
        let room = room.saturating_sub(MARGIN + markers + head.chars().count());
        format!("{head}{}", self.render(writer, size.limit(room))).trim().to_owned()
    }

    fn render(&self, writer: &Writer, limit: Limit) -> String {
        let run_url = self.run.url(writer);
        let frame = Frame {
            name: self.name.map(Name::as_str),
            heading: true,
            commit: writer.commit.as_deref(),
            run_url: run_url.as_deref(),
            has_page: self.is_kept,
        };
        page(self.review, &frame, limit)
    }
}

#[cfg(test)]
mod tests;
