//! Counts what is done, so that a failure can say what is not.

use std::time::Instant;

use super::Took;
use crate::error::Error;
use crate::phase::Phase;
use crate::plan::Plan;

/// A step of the publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Uploads(Phase),
    Switches,
    Deletes,
    Invalidations,
}

/// How far each step of a plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    /// The steps with what is done and what there is to do.
    steps: Vec<(Step, usize, usize)>,
    took: Vec<Took>,
    /// When the step under way began.
    since: Instant,
}

impl Tally {
    /// Nothing of `plan` is done.
    pub(super) fn of(plan: &Plan) -> Self {
        let uploads = Phase::ALL.into_iter().map(|phase| {
            (Step::Uploads(phase), plan.phase(phase).count() + plan.copies(phase).count() + plan.moves(phase).count())
        });
        let switches = plan.switch.as_ref().map_or(0, |switch| switch.changes.len());
        let rest = [
            (Step::Deletes, plan.deletes.len()),
            (Step::Switches, switches),
            (Step::Invalidations, plan.invalidations.len()),
        ];
        let steps = uploads.chain(rest).filter(|(_, total)| *total > 0).map(|(step, total)| (step, 0, total));
        Self { steps: steps.collect(), took: Vec::new(), since: Instant::now() }
    }

    /// Notes that `step` ends, with `units` of it done.
    pub(super) fn advance(&mut self, step: Step, units: usize) {
        if let Some((_, done, _)) = self.steps.iter_mut().find(|(known, ..)| *known == step) {
            *done += units;
            let milliseconds = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.took.push(Took { step: name(step), milliseconds });
        }
        self.since = Instant::now();
    }

    /// How long each step took, in their order.
    pub(super) fn took(&self) -> Vec<Took> {
        self.took.clone()
    }

    /// The error for a step that failed.
    pub(super) fn stopped(&self, at: &str, cause: Error) -> Error {
        self.stopped_with(at, cause, 0)
    }

    /// The error for a step in which `more` failed besides the first.
    pub(super) fn stopped_with(&self, at: &str, cause: Error, more: usize) -> Error {
        Error::Incomplete { at: at.to_owned(), progress: self.text(), cause: Some(Box::new(cause)), more }
    }

    /// The error for a run that was cancelled at a step.
    pub(super) fn cancelled(&self, at: &str) -> Error {
        Error::Incomplete { at: at.to_owned(), progress: self.text(), cause: None, more: 0 }
    }

    fn text(&self) -> String {
        let line = |wanted: &dyn Fn(usize, usize) -> bool| {
            let steps: Vec<String> = self
                .steps
                .iter()
                .filter(|(_, done, total)| wanted(*done, *total))
                .map(|(step, done, total)| format!("{} ({done} of {total} done)", name(*step)))
                .collect();
            if steps.is_empty() { "nothing".to_owned() } else { steps.join(", ") }
        };
        let done = line(&|done, total| done == total);
        format!("done: {done}\nnot done: {}{}", line(&|done, total| done < total), self.untold())
    }

    /// That caches may show what was there before, where something is another already.
    fn untold(&self) -> &'static str {
        let is_told = |(step, done, total): &(Step, usize, usize)| *step == Step::Invalidations && done == total;
        // Nobody has an old copy of a hashed asset.
        let silent = [Step::Uploads(Phase::HashedAssets), Step::Invalidations];
        let has_changed = self.steps.iter().any(|(step, done, _)| !silent.contains(step) && *done > 0);
        let is_due = self.steps.iter().any(|(step, ..)| *step == Step::Invalidations);
        if is_due && has_changed && !self.steps.iter().any(is_told) {
            "\ncaches were not told of what is done, and may show what was there before; a note in the bucket has the next run tell them \
             that gets so far"
        } else {
            ""
        }
    }
}

fn name(step: Step) -> String {
    match step {
        Step::Uploads(phase) => phase.to_string(),
        Step::Deletes => "deletes".to_owned(),
        Step::Switches => "switches".to_owned(),
        Step::Invalidations => "invalidations".to_owned(),
    }
}
