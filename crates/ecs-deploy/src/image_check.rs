//! Whether the images of a revision that ran before are still there, and still the same.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::ecs::Ecs;
use crate::preflight::{Looked, NotLooked, look};
use crate::task_definition::TaskDefinition;

/// What was found of the image of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenImage {
    pub(crate) container: String,
    pub(crate) image: String,
    pub(crate) state: ImageState,
}

impl SeenImage {
    /// Whether no task can have what ran.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.state, ImageState::Gone { .. } | ImageState::Moved { gone: true, .. })
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageState {
    /// It is there, and as far as is known it is what ran.
    There,
    /// The name means another image than when it ran.
    Moved {
        /// The digest that ran.
        ran: String,
        /// Whether that is known to be gone.
        gone: bool,
    },
    /// The name is gone.
    Gone {
        /// What the registry says.
        why: String,
        /// Whether the image that ran is still there under its digest.
        digest_is_there: bool,
    },
    /// It was not looked at.
    NotLooked(NotLooked),
}

/// Looks at the images of all containers; `ran` has the digest of each that ran, by the container's name.
pub(crate) async fn look_at_images(
    ecs: &Ecs,
    definition: &TaskDefinition,
    ran: &BTreeMap<String, String>,
) -> Vec<SeenImage> {
    let containers = definition.containers();
    let looks = containers.iter().map(|container| async move {
        let ran = ran.get(container.name).map(String::as_str);
        let state = state(ecs, container.image, ran).await;
        SeenImage { container: container.name.to_owned(), image: container.image.to_owned(), state }
    });
    join_all(looks).await
}

async fn state(ecs: &Ecs, image: &str, ran: Option<&str>) -> ImageState {
    match (look(ecs, image).await, ran) {
        (Looked::NotLooked(why), _) => ImageState::NotLooked(why),
        (Looked::Doubted(why), _) => ImageState::NotLooked(NotLooked::Because(why)),
        (Looked::There { digest, .. }, Some(ran)) if digest != ran => {
            let gone = matches!(look(ecs, &by_digest(image, ran)).await, Looked::Gone(_));
            ImageState::Moved { ran: ran.to_owned(), gone }
        }
        (Looked::There { .. }, _) => ImageState::There,
        (Looked::Gone(why), Some(ran)) => {
            let digest_is_there = matches!(look(ecs, &by_digest(image, ran)).await, Looked::There { .. });
            ImageState::Gone { why, digest_is_there }
        }
        (Looked::Gone(why), None) => ImageState::Gone { why, digest_is_there: false },
    }
}

/// The same repository, with a digest in place of the tag.
fn by_digest(image: &str, digest: &str) -> String {
    let name = image.split('@').next().unwrap_or(image);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    format!("{name}@{digest}")
}

#[cfg(test)]
mod tests {
    use super::by_digest;

    #[test]
    fn a_digest_takes_the_place_of_tag_and_digest() {
        for image in ["host:5000/a/b:1", "host:5000/a/b", "host:5000/a/b:1@sha256:00"] {
            assert_eq!(by_digest(image, "sha256:11"), "host:5000/a/b@sha256:11");
        }
    }
}
