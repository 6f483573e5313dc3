//! What docker/metadata-action and docker/build-push-action say of an image, in their own forms.

use serde_json::{Map, Value, json};

use crate::apply::Outcome;
use crate::inputs::Inputs;
use crate::plan::Plan;

/// The parts of buildx's account that are passed on; the rest is about its own machine.
const PASSED_ON: [&str; 3] = ["buildx.build.ref", "buildx.build.provenance", "image.name"];

/// The most of buildx's account that is passed on: an output is no place for the provenance of a huge build.
const LARGEST: usize = 256 * 1024;

/// The output `json` of docker/metadata-action (`getJSON` in
/// <https://github.com/docker/metadata-action/blob/master/src/meta.ts>). Labels that the Dockerfile sets to something else have
/// the values that the image has.
pub(crate) fn json(plan: &Plan, outcome: Option<&Outcome>) -> Value {
    let naming = &plan.naming;
    let mut labels = naming.default_labels.clone();
    labels.extend(naming.labels.clone());
    for (name, value) in &mut labels {
        if let Some(built) = outcome.and_then(|outcome| outcome.labels.get(name)) {
            value.clone_from(built);
        }
    }
    json!({
        "tags": naming.references,
        "tag-names": naming.tags,
        "labels": labels,
        "annotations": naming.annotations.written(),
    })
}

/// The bake file of docker/metadata-action (`getBakeFileTagsLabels` there): a target to inherit from.
pub(crate) fn bake(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> Value {
    let told = json(plan, Some(outcome));
    let version = plan.naming.tags.first().cloned().unwrap_or_default();
    let target = json!({
        "tags": told["tags"],
        "labels": told["labels"],
        "args": { "DOCKER_META_IMAGES": inputs.image.to_string(), "DOCKER_META_VERSION": version },
    });
    json!({ "target": { inputs.bake_target.clone(): target } })
}

/// The output `metadata` of docker/build-push-action, with buildx's names whatever built the image.
pub(crate) fn metadata(plan: &Plan, outcome: &Outcome) -> Value {
    let mut told = Map::new();
    for name in PASSED_ON {
        let value = outcome.metadata.get(name).filter(|value| value.to_string().len() <= LARGEST);
        told.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    if !told.contains_key("image.name") {
        told.insert("image.name".to_owned(), json!(plan.naming.references.join(",")));
    }
    if let Some(descriptor) = &outcome.descriptor {
        let mut descriptor = descriptor.clone();
        // The tag of the layout's entry, which is not a part of the image.
        descriptor.annotations.remove(oci_image::REF_NAME);
        told.insert("containerimage.descriptor".to_owned(), json!(descriptor));
    }
    let config = (outcome.platforms.len() < 2).then_some(&outcome.image_id);
    for (name, digest) in [("containerimage.digest", Some(&outcome.digest)), ("containerimage.config.digest", config)] {
        let known = digest.filter(|digest| !digest.is_empty());
        told.extend(known.map(|digest| (name.to_owned(), json!(digest))));
    }
    Value::Object(told)
}
