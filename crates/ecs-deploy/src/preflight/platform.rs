//! For which processor an image is, and which one the tasks get.

use std::fmt;

use serde_json::Value;

use crate::preflight::checks::is_for_fargate_alone;
use crate::service::{list, owned};
use crate::task_definition::text;

/// An operating system and a processor, in an image's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Platform {
    os: String,
    architecture: String,
}

impl Platform {
    fn new(os: &str, architecture: &str) -> Self {
        Self { os: os.to_owned(), architecture: architecture.to_owned() }
    }

    /// What the tasks of a definition get; `None` where the instances decide, or ECS has a word that is newer than this program.
    pub(crate) fn of_tasks(definition: &Value) -> Option<Self> {
        let platform = &definition["runtimePlatform"];
        let architecture = match text(platform, "cpuArchitecture") {
            "X86_64" => "amd64",
            "ARM64" => "arm64",
            // Fargate's default: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html>.
            "" if is_for_fargate_alone(definition) => "amd64",
            _ => return None,
        };
        let os = if text(platform, "operatingSystemFamily").starts_with("WINDOWS") { "windows" } else { "linux" };
        Some(Self::new(os, architecture))
    }

    /// What is said of the image in its configuration.
    pub(super) fn of_configuration(configuration: &Value) -> Option<Self> {
        let (os, architecture) = (text(configuration, "os"), text(configuration, "architecture"));
        (!os.is_empty() && !architecture.is_empty()).then(|| Self::new(os, architecture))
    }

    /// The platforms of an index, without what is no image: attestations are `unknown/unknown`.
    pub(super) fn of_index(index: &Value) -> Vec<Self> {
        let mut platforms: Vec<Self> = list(index, "manifests")
            .filter_map(|entry| Self::of_configuration(&entry["platform"]))
            .filter(|platform| platform.os != "unknown")
            .collect();
        platforms.sort();
        platforms.dedup();
        platforms
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

/// The digest of the configuration that a manifest of one image names.
pub(super) fn configuration(manifest: &Value) -> Option<String> {
    Some(owned(&manifest["config"], "digest")).filter(|digest| !digest.is_empty())
}
