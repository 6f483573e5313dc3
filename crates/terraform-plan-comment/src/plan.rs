//! Decides what to write: pure.

use std::sync::Arc;

use actions_core::Failure;
use serde::Serialize;

use crate::html;
use crate::inputs::Inputs;
use crate::markdown::{Frame, Limit, page, verdict};
use crate::marker::{Name, Writer};
use crate::observe::Snapshot;
use crate::parallel::both;
use crate::part::Part;
use crate::place::{Text, Write};
use crate::report::summary;
use crate::review::{PlanState, Review};
use crate::reviewed::Reviewed;
use crate::signs::{Judgement, Signs};

/// The decision.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    #[serde(serialize_with = "shared")]
    pub(crate) review: Arc<Review>,
    pub(crate) writes: Vec<Write>,
    #[serde(flatten)]
    pub(crate) signs: Signs,
    /// Why the plan cannot be shown.
    #[serde(skip)]
    pub(crate) failure: Option<Failure>,
    /// What is left for a step that puts many roots together.
    #[serde(skip)]
    pub(crate) part: Option<Part>,
    /// The run's page, for the step summary.
    #[serde(skip)]
    pub(crate) run_url: Option<String>,
    #[serde(skip)]
    pub(crate) commit: Option<String>,
    /// What goes into `review-file`.
    #[serde(skip)]
    pub(crate) reviewed: Option<Reviewed>,
    /// The head of the pull request, where it is another commit.
    #[serde(skip)]
    pub(crate) moved_to: Option<String>,
    #[serde(skip)]
    pub(crate) pages: Pages,
}

/// The pages that the run leaves behind whatever becomes of the pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pages {
    /// What goes into the step summary.
    pub(crate) summary: String,
    /// What goes into `html-file`, in pieces.
    pub(crate) html: Option<Arc<[String]>>,
}

impl Plan {
    /// What a page of its own links to.
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            commit: self.commit.as_deref(),
            run_url: self.run_url.as_deref(),
            moved_to: self.moved_to.as_deref(),
            ..Frame::default()
        }
    }

    /// The same with its pages, which are written at once, each on a thread of its own.
    pub(crate) fn with_pages(self, inputs: &Inputs) -> Self {
        let name = inputs.destinations.name.as_ref().map(Name::as_str);
        let frame = Frame { name, ..self.frame() };
        let html = || inputs.html_file.as_ref().map(|_| html::pieces(&self.review, &frame).into());
        let (html, summary) = both(html, || summary(inputs, &self));
        Self { pages: Pages { summary, html }, ..self }
    }
}

fn shared<S: serde::Serializer>(review: &Arc<Review>, serializer: S) -> Result<S::Ok, S::Error> {
    review.serialize(serializer)
}

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Plan {
    let failure = snapshot.document.as_ref().err().map(|unplanned| unplanned.failure.clone());
    let review = Arc::clone(&snapshot.review);
    let run = &snapshot.run;
    let pull = snapshot.seen.pull.as_ref();
    let head = pull.map(|pull| pull.head.as_str());
    let moved_to = run.moved_to(head);
    let name = inputs.destinations.name.as_ref();
    let written_by = |writer: &Writer, limit: Limit| {
        let run_url = run.url(writer);
        let frame = Frame {
            name: name.map(Name::as_str),
            heading: true,
            commit: writer.commit.as_deref(),
            run_url: run_url.as_deref(),
            has_page: inputs.html_file.is_some(),
            has_summary: inputs.destinations.targets.summary,
            moved_to,
        };
        page(&review, &frame, limit)
    };
    let writes = Text { name, mode: inputs.destinations.comment_mode, run, head, page: &written_by }
        .writes(&snapshot.seen.destinations);
    let failed = matches!(review.state, PlanState::Unplanned | PlanState::Errored);
    let is_refused = review.protected().next().is_some() || (review.overridden_by.is_none() && review.is_refused());
    let judged = Judgement {
        grade: Some(review.grade()).filter(|_| !review.resources.is_empty()),
        has_changes: review.has_changes,
        failed,
        passes: !failed && !is_refused,
        title: verdict(&review),
        page: &written_by,
    };
    let signs = Signs::of(&inputs.destinations, &snapshot.seen, run, &writes, &judged);
    let part = name.filter(|_| inputs.part_file.is_some()).map(|name| Part::of(name, &run.writer, &review));
    let (run_url, commit) = (run.url(&run.writer), run.writer.commit.clone());
    let moved_to = moved_to.map(str::to_owned);
    let document = snapshot.document.as_ref().ok().filter(|_| inputs.review_file.is_some());
    let reviewed = document.map(|document| Reviewed::of(inputs, document, run));
    let pages = Pages::default();
    Plan { review, writes, signs, failure, part, run_url, commit, reviewed, moved_to, pages }
}

#[cfg(test)]
mod tests;
