//! Decides what becomes of a place on the pull request: pure.
//!
//! Whose text is newer is told by what it is about first, then by the run: a text about the commit at the pull request's head is never
//! overwritten by one about another commit, and of two about the same the later run and attempt wins.

use actions_core::Failure;
use serde::Serialize;

use crate::markdown::Limit;
use crate::marker::{self, Name, Writer};
use crate::pull::{Destination, Existing, Nowhere, Run};
use crate::region;
use crate::target::CommentMode;

/// The longest comment or body GitHub takes, in characters.
pub(crate) const LONGEST_BODY: usize = 65_536;

/// What a text is shortened to when GitHub finds it too long all the same: half of the room, and in bytes, so that it fits
/// however GitHub counts (as UTF-16 the symbols of this page count twice, and old servers count bytes).
pub(crate) const SHORTER: usize = 2;

/// Kept free, because GitHub's count and ours may differ for unusual characters.
pub(crate) const MARGIN: usize = 1_024;

/// What the reader of an outdated comment is told.
pub(crate) const OUTDATED: &str = "> [!NOTE]\n> This plan is outdated; look for a later comment.";

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Write {
    Nothing {
        why: Nowhere,
    },
    CreateComment {
        pull_request: u64,
        /// Its first line, by which it is found.
        marker: String,
        body: String,
        /// For a server that finds `body` too long.
        #[serde(skip)]
        shorter: String,
    },
    UpdateComment {
        pull_request: u64,
        id: u64,
        url: String,
        marker: String,
        before: String,
        body: String,
        #[serde(skip)]
        shorter: String,
    },
    /// A new comment takes the place of the old one, which stays and is hidden.
    ReplaceComment {
        pull_request: u64,
        id: u64,
        #[serde(skip)]
        node_id: String,
        url: String,
        marker: String,
        before: String,
        /// What the old one says from now on.
        #[serde(skip)]
        outdated: String,
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
    /// What is there is newer.
    Superseded {
        id: Option<u64>,
        url: String,
        by: Newer,
    },
    /// GitHub refused before anything could be written.
    Refused {
        failure: Failure,
        is_fork: bool,
    },
}

/// Why a text is newer than ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Newer {
    /// A later run wrote it.
    Run(u64),
    /// It is about the commit at the pull request's head, and ours is not.
    Head(String),
}

/// What is shown, and for whom.
pub(crate) struct Text<'a> {
    pub(crate) name: Option<&'a Name>,
    pub(crate) mode: CommentMode,
    pub(crate) run: &'a Run,
    /// The commit at the pull request's head.
    pub(crate) head: Option<&'a str>,
    /// The page within a limit, as the writer would have written it.
    pub(crate) page: &'a dyn Fn(&Writer, Limit) -> String,
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

impl Text<'_> {
    /// What becomes of each place.
    pub(crate) fn writes(&self, destinations: &[Destination]) -> Vec<Write> {
        destinations.iter().map(|destination| self.write(destination)).collect()
    }

    fn write(&self, destination: &Destination) -> Write {
        match destination {
            Destination::Nowhere { why } => Write::Nothing { why: *why },
            Destination::Refused { failure, is_fork } => Write::Refused { failure: failure.clone(), is_fork: *is_fork },
            Destination::Comment { pull_request, existing: None } => {
                let [body, shorter] = Size::BOTH.map(|size| self.comment(&self.run.writer, size));
                Write::CreateComment { pull_request: *pull_request, marker: marker::comment(self.name), body, shorter }
            }
            Destination::Comment { pull_request, existing: Some(existing) } => self.renew(*pull_request, existing),
            Destination::Body { pull_request, body, url, earlier } => {
                self.renew_region(*pull_request, body, url, earlier)
            }
        }
    }

    fn renew(&self, pull_request: u64, existing: &Existing) -> Write {
        let earlier = Writer::find(&existing.body);
        let (id, url) = (existing.id, existing.url.clone());
        if let Some(by) = self.newer(&earlier) {
            return Write::Superseded { id: Some(id), url, by };
        }
        let unchanged = self.unchanged_writer(&earlier);
        if Size::BOTH.iter().any(|size| same_text(&self.comment(&unchanged, *size), &existing.body)) {
            return Write::KeepComment { id, url };
        }
        let [body, shorter] = Size::BOTH.map(|size| self.comment(&self.run.writer, size));
        let (marker, before) = (marker::comment(self.name), existing.body.clone());
        match self.mode {
            CommentMode::Update => Write::UpdateComment { pull_request, id, url, marker, before, body, shorter },
            CommentMode::HideAndRecreate => {
                let (node_id, outdated) = (existing.node_id.clone(), self.outdated(&before));
                Write::ReplaceComment { pull_request, id, node_id, url, marker, before, outdated, body, shorter }
            }
        }
    }

    /// What the old comment says once a new one takes its place: the same under another marker, so that no run finds it again.
    fn outdated(&self, before: &str) -> String {
        let marker = marker::comment(self.name);
        let rest = before.trim_start();
        let rest = rest.strip_prefix(&marker).unwrap_or(rest).trim_start();
        format!("{}\n\n{OUTDATED}\n\n{rest}", marker::outdated_comment(self.name))
    }

    fn renew_region(&self, pull_request: u64, body: &str, url: &str, earlier: &Writer) -> Write {
        let content = region::content(body, self.name);
        if let Some(by) = self.newer(earlier) {
            return Write::Superseded { id: None, url: url.to_owned(), by };
        }
        let room = LONGEST_BODY.saturating_sub(region::outside(body, self.name).chars().count());
        let unchanged = self.unchanged_writer(earlier);
        let says_so =
            |content: &str| Size::BOTH.iter().any(|size| same_text(&self.region(&unchanged, room, *size), content));
        if content.is_some_and(says_so) {
            return Write::KeepBody { url: url.to_owned() };
        }
        let [written, shorter] =
            Size::BOTH.map(|size| region::replace(body, self.name, &self.region(&self.run.writer, room, size)));
        Write::UpdateBody { pull_request, url: url.to_owned(), before: body.to_owned(), body: written, shorter }
    }

    /// Why the present text is newer, if it is.
    fn newer(&self, earlier: &Writer) -> Option<Newer> {
        let ours = &self.run.writer;
        let compared = self.head.filter(|_| self.run.is_of_head).zip(earlier.commit.as_deref());
        if let Some((head, theirs)) = compared {
            match (ours.commit.as_deref() == Some(head), theirs == head) {
                (false, true) => return Some(Newer::Head(head.to_owned())),
                (true, false) => return None,
                (true, true) | (false, false) => {}
            }
        }
        if earlier.is_newer_than(ours) { earlier.run.map(|(id, _)| Newer::Run(id)) } else { None }
    }

    /// The earlier writer, if this run has nothing new to say: then its text, run and all, is still right.
    fn unchanged_writer(&self, earlier: &Writer) -> Writer {
        Writer { run: earlier.run, commit: self.run.writer.commit.clone() }
    }

    fn comment(&self, writer: &Writer, size: Size) -> String {
        let head = format!("{}\n{writer}\n\n", marker::comment(self.name));
        let room = LONGEST_BODY - MARGIN - head.chars().count();
        format!("{head}{}", (self.page)(writer, size.limit(room)))
    }

    /// The region's content; `room` is what the rest of the body leaves.
    fn region(&self, writer: &Writer, room: usize, size: Size) -> String {
        let markers = marker::region_start(self.name).len() + marker::region_end(self.name).len();
        let head = format!("{writer}\n\n");
        let room = room.saturating_sub(MARGIN + markers + head.chars().count());
        format!("{head}{}", (self.page)(writer, size.limit(room))).trim().to_owned()
    }
}

/// Whether two texts differ in nothing that GitHub's editor does not change by itself.
fn same_text(ours: &str, theirs: &str) -> bool {
    ours.trim_end() == theirs.replace("\r\n", "\n").trim_end()
}
