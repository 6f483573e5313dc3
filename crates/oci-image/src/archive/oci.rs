//! The newer form: an OCI layout in a tar, as `docker save` writes it since version 25, and as `oci-archive`.

use super::members::Members;
use super::{Archive, ArchiveOptions, LeftOut, MANIFEST, classic};
use crate::blob::Blob;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::image::{Content, Manifests, one_for};
use crate::layout::{INDEX, MARKER, check_marker};
use crate::manifest::Index;
use crate::platform::Platform;
use crate::{MANIFEST_LIMIT, media_type};

/// The annotation in which containerd keeps a manifest's full name.
const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// Reads the archive's image.
pub(super) fn read(members: Members, options: &ArchiveOptions<'_>) -> Result<Archive, Error> {
    check_marker(&members.document(MARKER)?).map_err(|reason| members.not_an_archive(reason))?;
    let index = Index::parse(&members.document(INDEX)?)?;
    let chosen = select(&index, &members, options.reference)?;
    let (content, left_out) = content(&members, chosen, options.platform)?;
    let repo_tags = match &content {
        Content::Image(image) => classic::repo_tags(&members, &name_of(image.config_blob().descriptor())),
        Content::Index(_) => Vec::new(),
    };
    let repo_tags =
        if repo_tags.is_empty() { names(chosen).into_iter().map(str::to_owned).collect() } else { repo_tags };
    Ok(Archive { content, repo_tags, left_out, listed: Some((members, index)) })
}

/// The image or index. `docker save` writes an index whole and the images that the daemon has: where some are missing, the one
/// that is there is taken. Any other archive that lacks something is damaged.
fn content(
    members: &Members,
    chosen: &Descriptor,
    platform: Option<&Platform>,
) -> Result<(Content, Option<LeftOut>), Error> {
    let find = |wanted: &Descriptor| blob(members, wanted);
    let whole = Content::assemble(chosen, &find);
    let may_lack = media_type::is_index(&chosen.media_type) && members.has(MANIFEST);
    let missing = match whole {
        Ok(content) if platform.is_none() => return Ok((content, None)),
        Ok(content) => return content.into_image(platform).map(|image| (Content::Image(image), None)),
        Err(missing @ Error::BlobMissing { .. }) if may_lack => missing,
        Err(error) => return Err(error),
    };
    // The index itself, where that is what is missing.
    let Ok(root) = find(chosen) else { return Err(missing) };
    let children = Index::parse(&root.read_up_to(MANIFEST_LIMIT)?)?.manifests;
    let manifests = Manifests::new(find);
    let mut complete = Vec::new();
    for child in &children {
        match Content::read(child, &manifests) {
            Ok(content) => complete.push((child.platform.clone(), content)),
            Err(Error::BlobMissing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let left_out =
        LeftOut { index: chosen.digest.clone(), listed: children.len(), missing: children.len() - complete.len() };
    if complete.is_empty() {
        return Err(missing);
    }
    one_for(complete, platform).map(|content| (content, Some(left_out)))
}

/// Whether two names mean one image: Docker leaves out its own registry and `library/`.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    short(a) == short(b)
}

fn short(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

fn names(descriptor: &Descriptor) -> Vec<&str> {
    let full = descriptor.annotations.get(CONTAINERD_NAME).map(String::as_str);
    full.or(descriptor.ref_name()).into_iter().collect()
}

fn select<'a>(index: &'a Index, members: &Members, reference: Option<&str>) -> Result<&'a Descriptor, Error> {
    let path = || members.path().to_path_buf();
    let known = || index.manifests.iter().flat_map(names).map(str::to_owned).collect();
    if let Some(wanted) = reference {
        let named = |entry: &&Descriptor| {
            names(entry).iter().any(|name| same_name(name, wanted)) || entry.ref_name() == Some(wanted)
        };
        let found = index.manifests.iter().find(named);
        return found.ok_or_else(|| Error::NoSuchTag { tag: wanted.to_owned(), path: path(), known: known() });
    }
    let Some(first) = index.manifests.first() else {
        return Err(members.not_an_archive("its list of images is empty"));
    };
    if index.manifests.iter().any(|entry| entry.digest != first.digest) {
        return Err(Error::Ambiguous { path: path(), count: index.manifests.len(), known: known() });
    }
    Ok(first)
}

fn name_of(descriptor: &Descriptor) -> String {
    format!("blobs/{}/{}", descriptor.digest.algorithm().name(), descriptor.digest.hex())
}

/// The blob of a descriptor.
pub(super) fn blob(members: &Members, descriptor: &Descriptor) -> Result<Blob, Error> {
    let name = name_of(descriptor);
    if !members.has(&name) {
        return Err(Error::BlobMissing { digest: descriptor.digest.clone(), path: members.path().to_path_buf() });
    }
    let section = members.section(&name)?;
    if section.size != descriptor.size {
        return Err(Error::SizeMismatch {
            digest: descriptor.digest.clone(),
            expected: descriptor.size,
            actual: section.size,
        });
    }
    Ok(Blob::new(descriptor.clone(), members.path().to_path_buf(), section.offset))
}
