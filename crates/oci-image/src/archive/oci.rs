//! The newer form: an OCI layout in a tar, as `docker save` writes it since version 25, and as `oci-archive`.

use super::members::Members;
use super::{Archive, ArchiveOptions, classic};
use crate::blob::Blob;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::image::Content;
use crate::layout::{INDEX, MARKER, check_marker};
use crate::manifest::Index;
use crate::media_type;
use crate::platform::Platform;

/// The annotation in which containerd keeps a manifest's full name.
const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// Reads the archive's image.
pub(super) fn read(members: &Members, options: &ArchiveOptions<'_>) -> Result<Archive, Error> {
    check_marker(&members.document(MARKER)?).map_err(|reason| members.not_an_archive(reason))?;
    let index = Index::parse(&members.document(INDEX)?)?;
    let chosen = select(&index, members, options.reference)?;
    let content = content(members, chosen, options.platform)?;
    let repo_tags = match &content {
        Content::Image(image) => classic::repo_tags(members, &name_of(image.config_blob().descriptor())),
        Content::Index(_) => Vec::new(),
    };
    let repo_tags =
        if repo_tags.is_empty() { names(chosen).into_iter().map(str::to_owned).collect() } else { repo_tags };
    Ok(Archive { content, repo_tags })
}

/// The image or index. Docker saves an index whole and the blobs of one platform: what lacks blobs is taken for that platform alone.
fn content(members: &Members, chosen: &Descriptor, platform: Option<&Platform>) -> Result<Content, Error> {
    let find = |wanted: &Descriptor| blob(members, wanted);
    if !media_type::is_index(&chosen.media_type) {
        return Content::assemble(chosen, &find);
    }
    if platform.is_none() {
        match Content::assemble(chosen, &find) {
            Err(Error::BlobMissing { .. }) => {}
            whole => return whole,
        }
    }
    let children = Index::parse(&find(chosen)?.read()?)?;
    Content::assemble(for_platform(&children.manifests, platform)?, &find)
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

/// The child for `wanted`. Docker saves an index whole and the blobs of one platform, so the others must not be opened.
fn for_platform<'a>(children: &'a [Descriptor], wanted: Option<&Platform>) -> Result<&'a Descriptor, Error> {
    let images: Vec<&Descriptor> =
        children.iter().filter(|child| !child.platform.as_ref().is_some_and(Platform::is_unknown)).collect();
    let fits = |child: &&&Descriptor| match (&child.platform, wanted) {
        (Some(own), Some(wanted)) => own.fits(wanted),
        (_, None) | (None, _) => true,
    };
    let mut fitting = images.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(*only),
        (Some(first), Some(_)) if wanted.is_some() => Ok(*first),
        _ => Err(Error::NoSuchPlatform {
            wanted: wanted.map_or_else(|| "any".to_owned(), ToString::to_string),
            known: images.iter().filter_map(|child| child.platform.as_ref()).map(ToString::to_string).collect(),
        }),
    }
}

fn name_of(descriptor: &Descriptor) -> String {
    format!("blobs/{}/{}", descriptor.digest.algorithm().name(), descriptor.digest.hex())
}

fn blob(members: &Members, descriptor: &Descriptor) -> Result<Blob, Error> {
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
