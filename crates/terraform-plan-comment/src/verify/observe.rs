//! Reading the plan, and what was reviewed.

use actions_core::Session;

use super::difference::between;
use super::error::VerifyError;
use super::inputs::VerifyInputs;
use crate::canonical::Canonical;
use crate::observe::{beside, binary_alone, plan_alone};
use crate::provenance::Provenance;
use crate::reviewed::{BadReview, LARGEST, Reviewed};

/// What was seen.
#[derive(Debug, Clone)]
pub struct VerifySnapshot {
    /// What the plan does.
    pub(super) plan: Canonical,
    pub(super) provenance: Provenance,
    pub(super) reviewed: Option<Reviewed>,
    /// The file it came from, as it is named.
    pub(super) review_file: String,
}

/// Reads both.
pub(super) async fn observe(inputs: &VerifyInputs, session: &Session) -> Result<VerifySnapshot, VerifyError> {
    let (reviewed, review_file) = match &inputs.reviewed {
        Some(path) => {
            let path = beside(path, &inputs.plan.working_directory);
            let shown = path.display().to_string();
            (Some(read(path, &shown).await?), shown)
        }
        None => (None, String::new()),
    };
    let document = plan_alone(&inputs.plan, session).await.map_err(|unread| unread.error)?;
    let plan = Canonical::of(&document);
    check_binary(inputs, &plan, session).await?;
    let provenance = Provenance { digest: plan.digest(), ..document.provenance };
    let snapshot = VerifySnapshot { plan, provenance, reviewed, review_file };
    // On a dry run too: all that differs is nowhere else.
    super::report::log(&super::plan::plan(inputs, &snapshot)?, session);
    Ok(snapshot)
}

/// Whether the binary plan beside the JSON does the same: it is the one that is applied. With `same-file` too: where the review was written
/// nobody may have compared both.
async fn check_binary(inputs: &VerifyInputs, plan: &Canonical, session: &Session) -> Result<(), VerifyError> {
    let Some(binary) = inputs.plan.binary_plan.as_ref() else { return Ok(()) };
    let Some(read) = binary_alone(&inputs.plan, session).await else { return Ok(()) };
    let applied = Canonical::of(&read.map_err(|unread| unread.error)?);
    if applied.digest() == plan.digest() {
        return Ok(());
    }
    let path = beside(binary, &inputs.plan.working_directory).display().to_string();
    Err(VerifyError::AnotherPlan { path, what: super::report::listed(&between(plan, &applied)) })
}

async fn read(path: std::path::PathBuf, shown: &str) -> Result<Reviewed, VerifyError> {
    let read = tokio::task::spawn_blocking(move || actions_core::read_limited(&path, LARGEST)).await;
    let bytes = read.map_err(std::io::Error::from).and_then(|bytes| bytes);
    let path = shown.to_owned();
    let bytes = bytes.map_err(|source| VerifyError::Unreadable { path: path.clone(), source })?;
    Reviewed::parse(&bytes).map_err(|bad| match bad {
        BadReview::NotAReview(reason) => VerifyError::NotAReview { path, reason },
        BadReview::UnknownVersion(version) => VerifyError::UnknownVersion { path, version },
        BadReview::Altered => VerifyError::Altered { path },
    })
}
