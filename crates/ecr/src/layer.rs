//! The answer of `BatchCheckLayerAvailability`, which both registries give.

use std::collections::BTreeSet;

use image_ref::Digest;
use serde::Deserialize;

/// How many layers one call takes
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html>,
/// <https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_BatchCheckLayerAvailability.html>).
pub const MOST_LAYERS: usize = 100;

/// What is known of the layers; those that are unknown are in a list of failures.
#[derive(Deserialize)]
pub(crate) struct Layers {
    layers: Option<Vec<Layer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    layer_digest: String,
    layer_availability: String,
}

impl Layers {
    /// Those that need not come again.
    pub(crate) fn available(self) -> BTreeSet<Digest> {
        let there = self.layers.into_iter().flatten().filter(|layer| layer.layer_availability == "AVAILABLE");
        there.filter_map(|layer| Digest::parse(&layer.layer_digest).ok()).collect()
    }
}
