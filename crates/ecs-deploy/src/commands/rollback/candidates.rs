//! What a service could go to instead of what it cannot go to.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};

use crate::commands::rollback::choice::Past;
use crate::ecs::Ecs;
use crate::image_check::{SeenImage, look_at_images};
use crate::names::revision_name;
use crate::observe::registered;

/// How many of the newest are looked at.
const LOOKED_AT: usize = 5;

/// The revisions that were successful, newest first, are active, and have no image that is known to be gone; but for those in `not`.
///
/// A courtesy: what cannot be described is left out.
pub(super) async fn candidates(ecs: &Ecs, past: &Past, not: &[&String]) -> Vec<String> {
    let looks = newest(past, not).into_iter().map(|arn| async move {
        let answer = ecs.task_definition(&arn).await.ok()?;
        let known = registered(&answer).ok().filter(|known| matches!(known.status.as_str(), "ACTIVE" | ""))?;
        let images = look_at_images(ecs, &known.definition, &BTreeMap::new()).await;
        (!images.iter().any(SeenImage::is_gone)).then(|| revision_name(&arn).to_owned())
    });
    stream::iter(looks).buffered(LOOKED_AT).filter_map(|found| async { found }).collect().await
}

/// The ARNs of the newest revisions that were successful, each once.
fn newest(past: &Past, not: &[&String]) -> Vec<String> {
    let mut successes: Vec<_> = past.successes.iter().collect();
    successes.sort_by(|a, b| b.ended.total_cmp(&a.ended));
    let mut found: Vec<String> = Vec::new();
    for own in successes.into_iter().map(|success| &success.task_definition) {
        if !found.contains(own) && !not.contains(&own) && found.len() < LOOKED_AT {
            found.push(own.clone());
        }
    }
    found
}
