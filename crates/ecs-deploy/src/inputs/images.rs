//! The images that were named.

use std::collections::BTreeSet;

use actions_core::{InputErrors, lines};

use super::DefinitionInputs;
use crate::args::EcsDeployArgs;
use crate::image_assignment::{ImageAssignment, parse_image};

/// The images of `images`, and of `container-name` with `image`.
pub(super) fn images(
    args: &EcsDeployArgs,
    definition: &DefinitionInputs,
    bad: &mut InputErrors,
) -> Vec<ImageAssignment> {
    let mut images = bad.list("images", &lines(&args.images), ImageAssignment::parse);
    let containers = &definition.edits.containers;
    match bad.optional("image", args.image.as_deref(), parse_image) {
        Some(image) if containers.is_empty() => images.push(ImageAssignment { container: None, image }),
        Some(image) => images.extend(
            containers
                .iter()
                .map(|container| ImageAssignment { container: Some(container.clone()), image: image.clone() }),
        ),
        None if !containers.is_empty() && definition.edits.container.inputs().is_empty() => {
            let help = "give them an `image`, or another edit such as `environment-variables`".to_owned();
            bad.add("container-name", "names containers that nothing is given for", Some(help));
        }
        None => {}
    }
    let mut seen = BTreeSet::new();
    let doubled = images.iter().find(|line| !seen.insert(line.container.clone()));
    if let Some(doubled) = doubled {
        let whom = doubled.container.as_ref().map_or("the only container".to_owned(), |name| format!("`{name}`"));
        bad.add("images", format!("gives {whom} two images"), Some("give each container one image".to_owned()));
    }
    images
}
