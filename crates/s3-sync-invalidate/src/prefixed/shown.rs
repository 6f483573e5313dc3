//! Which release a distribution shows.

use crate::bucket::Prefix;
use crate::manifest::{Content, ReleaseId};
use crate::mode::{origin_path, release_of};

use super::{Front, SwitchError, all};

/// What a distribution shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shown {
    /// The release in this folder.
    Release(ReleaseId),
    /// The prefix itself.
    Site,
}

/// What the origins of one distribution have, as far as it is the site's.
pub(crate) struct Seen {
    pub(crate) shown: Shown,
    /// The origin path, as it is written.
    pub(crate) path: String,
    /// The ids of the origins that have it.
    pub(crate) origins: Vec<String>,
}

/// What an origin path shows, if it is of this site.
pub(crate) fn is_of(prefix: &Prefix, path: &str) -> Option<Shown> {
    let path = path.trim_matches('/');
    if path == prefix.as_str().trim_end_matches('/') {
        return Some(Shown::Site);
    }
    let below = prefix.relative(path)?;
    let id = release_of(below)?;
    (below.len() == "releases/".len() + id.as_str().len()).then_some(Shown::Release(id))
}

/// What `front` shows of the site. Only a release that the manifest knows is one that may be switched from, and the prefix itself;
/// whatever else an origin reads is somebody else's.
pub(crate) fn shown(prefix: &Prefix, front: &Front, known: Option<&Content>) -> Result<Seen, SwitchError> {
    let is_known = |id: &ReleaseId| known.into_iter().flat_map(all).any(|release| release.place.as_ref() == Some(id));
    let foreign = |why: String| {
        let id = front.id.to_string();
        SwitchError::OriginPathForeign { id, prefix: origin_path(prefix), why }
    };
    let found: Vec<(Option<Shown>, &str, &str)> = front
        .origins
        .iter()
        .map(|origin| (is_of(prefix, &origin.path), origin.path.as_str(), origin.id.as_str()))
        .collect();
    let ours = |wanted: &dyn Fn(&Shown) -> bool| -> Vec<(Shown, &str, &str)> {
        let some = found.iter().filter_map(|(shown, path, id)| Some((shown.clone()?, *path, *id)));
        some.filter(|(shown, ..)| wanted(shown)).collect()
    };
    let mut some = ours(&|shown| matches!(shown, Shown::Release(id) if is_known(id)));
    if some.is_empty() {
        if let Some((Shown::Release(id), ..)) = ours(&|shown| *shown != Shown::Site).first() {
            return Err(foreign(format!("it shows release {}, which the manifest does not know", id.as_str())));
        }
        some = ours(&|_| true);
    }
    let Some((first, path, _)) = some.first() else {
        let paths: Vec<String> = found.iter().map(|(_, path, _)| format!("`{path}`")).collect();
        return Err(foreign(if paths.is_empty() {
            "none of its origins is the bucket".to_owned()
        } else {
            format!("its origin path is {}", paths.join(", "))
        }));
    };
    if some.iter().any(|(shown, ..)| shown != first) {
        return Err(foreign("its origins show different releases".to_owned()));
    }
    let origins = some.iter().map(|(.., id)| (*id).to_owned()).collect();
    Ok(Seen { shown: first.clone(), path: (*path).to_owned(), origins })
}

/// Whether `front` shows a release, known or not: then there is a manifest.
pub(crate) fn shows_release(prefix: &Prefix, front: &Front) -> bool {
    front.origins.iter().any(|origin| matches!(is_of(prefix, &origin.path), Some(Shown::Release(_))))
}
