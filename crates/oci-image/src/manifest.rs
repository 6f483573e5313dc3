//! Manifests and indexes, parsed for reading; whoever stores or sends one uses the bytes it came in.
//!
//! What this crate gives no meaning to is passed over and not kept: some megabytes of such fields take a hundred in memory.

use std::collections::{BTreeMap, BTreeSet};

use image_ref::Digest;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use crate::blob::Blob;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::image::{Image, Manifests};
use crate::{MANIFEST_LIMIT, media_type};

/// An image manifest, OCI's or Docker's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// The manifest's own media type; OCI allows to leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The image's configuration.
    pub config: Descriptor,
    /// The layers, the lowest first.
    pub layers: Vec<Descriptor>,
    /// Annotations, sorted by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// What it refers to, where it is a signature or the like.
    #[serde(default, skip_serializing)]
    pub(crate) subject: Option<Subject>,
    /// Whether it lists manifests, as an index does.
    #[serde(default, skip_serializing)]
    pub(crate) manifests: Present,
}

/// A list of manifests, OCI's or Docker's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// The index's own media type; OCI allows to leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What it lists.
    pub manifests: Vec<Descriptor>,
    /// Annotations, sorted by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Whether it has layers, as an image has.
    #[serde(default, skip_serializing)]
    pub(crate) layers: Present,
}

/// What a manifest refers to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Subject {
    digest: Option<String>,
}

/// Whether a field is there, whatever it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

impl Manifest {
    /// Parses a manifest. One that also lists manifests is refused: two readers could take it for two different things.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let manifest: Self = document("image manifest", bytes)?;
        check("image manifest", manifest.schema_version, manifest.manifests, "manifests")?;
        Ok(manifest)
    }

    /// Whether it holds attestations and no file system. What an index says of its platform does not tell: anybody may write
    /// "unknown" beside an image.
    pub fn is_attestation(&self) -> bool {
        !self.layers.is_empty() && self.layers.iter().all(|layer| layer.media_type == media_type::IN_TOTO)
    }

    /// The digest of the manifest that this one refers to, where it is a signature or the like.
    pub fn subject(&self) -> Option<Digest> {
        Digest::parse(self.subject.as_ref()?.digest.as_deref()?).ok()
    }

    /// The manifest's media type, guessed from its configuration's where it names none.
    pub fn kind(&self) -> &str {
        match &self.media_type {
            Some(own) => own,
            None if self.config.media_type == media_type::DOCKER_CONFIG => media_type::DOCKER_MANIFEST,
            None => media_type::OCI_MANIFEST,
        }
    }
}

impl Index {
    /// Parses an index. One that also has layers is refused: two readers could take it for two different things.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let index: Self = document("image index", bytes)?;
        check("image index", index.schema_version, index.layers, "layers")?;
        Ok(index)
    }

    /// The images that it lists and that refer to one of `subjects`: signatures, attestations, bills of materials.
    pub(crate) fn referrers(
        &self,
        subjects: &BTreeSet<Digest>,
        find: impl Fn(&Descriptor) -> Result<Blob, Error>,
    ) -> Result<Vec<Image>, Error> {
        let mut seen = subjects.clone();
        let listed = self.manifests.iter().filter(|entry| media_type::is_manifest(&entry.media_type));
        let new = listed.filter(|entry| seen.insert(entry.digest.clone()));
        // What cannot be read is another image's, and none of ours.
        let refers = |entry: &&Descriptor| {
            let manifest = find(entry).and_then(|blob| Manifest::parse(&blob.read_up_to(MANIFEST_LIMIT)?));
            manifest.ok().and_then(|manifest| manifest.subject()).is_some_and(|subject| subjects.contains(&subject))
        };
        let manifests = Manifests::new(&find);
        new.filter(refers).map(|entry| Image::read(entry, &manifests)).collect()
    }
}

/// Parses a JSON document of a given kind.
pub(crate) fn document<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|source| Error::BadDocument { what, reason: source.to_string() })
}

fn check(what: &'static str, version: u32, other: Present, forbidden: &str) -> Result<(), Error> {
    if version != 2 {
        return Err(Error::BadDocument { what, reason: format!("its schemaVersion is {version}, not 2") });
    }
    if other.0 {
        return Err(Error::BadDocument {
            what,
            reason: format!("it has `{forbidden}` too, so it could be read two ways"),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}"#;

    #[test]
    fn passes_over_fields_it_does_not_know() {
        let digest = Digest::of(b"an image");
        let subject = format!(r#"{{"digest":"{digest}","size":1}}"#);
        let unknown = r#""x":[0,{"y":[null]}],"artifactType":"z""#;
        let text = format!(r#"{{"schemaVersion":2,{unknown},"config":{CONFIG},"layers":[],"subject":{subject}}}"#);
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.subject(), Some(digest));
        assert_eq!(manifest.kind(), media_type::OCI_MANIFEST);
        let text = format!(r#"{{"schemaVersion":2,"config":{CONFIG},"layers":[],"subject":{{"x":1}}}}"#);
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap().subject(), None);
    }

    #[test]
    fn refuses_a_document_that_is_manifest_and_index_at_once() {
        let text = format!(r#"{{"schemaVersion":2,"config":{CONFIG},"layers":[],"manifests":[]}}"#);
        assert!(Manifest::parse(text.as_bytes()).unwrap_err().to_string().contains("manifest"));
        assert!(Index::parse(text.as_bytes()).is_err());
        assert!(Manifest::parse(text.replace("\"manifests\":[]", "\"manifests\":null").as_bytes()).is_err());
    }

    #[test]
    fn refuses_schema_1_and_digests_that_are_none() {
        let old = format!(r#"{{"schemaVersion":1,"config":{CONFIG},"layers":[]}}"#);
        assert!(Manifest::parse(old.as_bytes()).is_err());
        let bad =
            format!(r#"{{"schemaVersion":2,"config":{},"layers":[]}}"#, CONFIG.replace("sha256:e3", "sha256:../"));
        assert!(Manifest::parse(bad.as_bytes()).is_err());
    }
}
