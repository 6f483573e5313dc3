//! Manifests and indexes, parsed for reading; whoever stores or sends one uses the bytes it came in.

use std::collections::BTreeMap;

use image_ref::Digest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::media_type;

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
    /// Fields this crate gives no meaning to.
    #[serde(flatten)]
    pub other: Map<String, Value>,
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
    /// Fields this crate gives no meaning to.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Manifest {
    /// Parses a manifest. One that also lists manifests is refused: two readers could take it for two different things.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let manifest: Self = document("image manifest", bytes)?;
        check("image manifest", manifest.schema_version, &manifest.other, "manifests")?;
        Ok(manifest)
    }

    /// Whether it holds attestations and no file system. What an index says of its platform does not tell: anybody may write
    /// "unknown" beside an image.
    pub fn is_attestation(&self) -> bool {
        !self.layers.is_empty() && self.layers.iter().all(|layer| layer.media_type == media_type::IN_TOTO)
    }

    /// The digest of the manifest that this one refers to, where it is a signature or the like.
    pub fn subject(&self) -> Option<Digest> {
        Digest::parse(self.other.get("subject")?.get("digest")?.as_str()?).ok()
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
        check("image index", index.schema_version, &index.other, "layers")?;
        Ok(index)
    }
}

/// Parses a JSON document of a given kind.
pub(crate) fn document<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|source| Error::BadDocument { what, reason: source.to_string() })
}

fn check(what: &'static str, version: u32, other: &Map<String, Value>, forbidden: &str) -> Result<(), Error> {
    if version != 2 {
        return Err(Error::BadDocument { what, reason: format!("its schemaVersion is {version}, not 2") });
    }
    if other.contains_key(forbidden) {
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
    fn keeps_fields_it_does_not_know() {
        let text = format!(r#"{{"schemaVersion":2,"config":{CONFIG},"layers":[],"subject":{{"x":1}}}}"#);
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&manifest).unwrap(), text);
        assert_eq!(manifest.kind(), media_type::OCI_MANIFEST);
    }

    #[test]
    fn refuses_a_document_that_is_manifest_and_index_at_once() {
        let text = format!(r#"{{"schemaVersion":2,"config":{CONFIG},"layers":[],"manifests":[]}}"#);
        assert!(Manifest::parse(text.as_bytes()).unwrap_err().to_string().contains("manifest"));
        assert!(Index::parse(text.as_bytes()).is_err());
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
