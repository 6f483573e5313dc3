//! Which buildx there is, and whether it can write an OCI layout.

use semver::Version;

use crate::error::{BuilderError, Error};
use crate::inputs::Inputs;
use crate::process::Invocation;

/// The oldest buildx with folders as output and attestations.
const OLDEST: Version = Version::new(0, 10, 0);

/// The oldest buildx with annotations.
const ANNOTATES: Version = Version::new(0, 12, 0);

/// The plugin, and the instance that would build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Buildx {
    pub(crate) version: Version,
    /// The driver of the instance: `docker`, `docker-container`, `kubernetes`, `remote`.
    pub(crate) driver: String,
    /// Whether the daemon of the driver `docker` keeps its images in containerd's store.
    pub(crate) containerd: bool,
}

impl Buildx {
    /// Why this buildx cannot be used for what the inputs ask for.
    pub(crate) fn refusal(&self, inputs: &Inputs) -> Option<Error> {
        let old = |needs: &str, by: &Version| {
            Error::Builder(BuilderError::BuilderUnusable {
                builder: "buildx",
                why: format!("it is version {}, and {needs} needs {by}", self.version),
                help: "update the plugin (docker/setup-buildx-action takes a `version`), or choose another `builder`",
            })
        };
        if self.version < OLDEST {
            return Some(old("an OCI layout as output", &OLDEST));
        }
        if self.version < ANNOTATES && !inputs.options.annotations.is_empty() {
            return Some(old("the input `annotations`", &ANNOTATES));
        }
        if self.driver == "docker" && !self.containerd {
            let why = "its driver is `docker`, and the daemon does not keep its images in containerd's store";
            return Some(Error::Builder(BuilderError::BuildxDriver { why: why.to_owned() }));
        }
        None
    }
}

/// Asks the plugin, the instance `name` (else the current one), and for the driver `docker` the daemon.
pub(crate) async fn ask(name: Option<&str>) -> Result<Buildx, String> {
    let told = Invocation::new("docker", ["buildx", "version"]).ask(None).await?;
    let version =
        version(&told).ok_or_else(|| format!("`docker buildx version` says `{told}`, which is no version"))?;
    let inspect = ["buildx", "inspect"].into_iter().chain(name);
    let told = Invocation::new("docker", inspect).ask(None).await?;
    let driver = driver(&told).ok_or("`docker buildx inspect` names no driver")?;
    let mut containerd = false;
    if driver == "docker" {
        let told = Invocation::new("docker", ["info", "--format", "{{json .DriverStatus}}"]).ask(None).await?;
        containerd = told.contains("io.containerd.snapshotter");
    }
    Ok(Buildx { version, driver, containerd })
}

/// The version in `github.com/docker/buildx v0.17.1 257815a...`; distributions leave the `v` out and add a suffix.
fn version(told: &str) -> Option<Version> {
    let text = told.split_whitespace().nth(1)?.trim_start_matches('v');
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Version::parse(digits.trim_end_matches('.')).ok()
}

fn driver(told: &str) -> Option<String> {
    let line = told.lines().find_map(|line| line.strip_prefix("Driver:"))?;
    Some(line.trim().to_owned()).filter(|driver| !driver.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_told() {
        let of = |told| version(told).map(|version| version.to_string());
        assert_eq!(of("github.com/docker/buildx v0.17.1 257815a6fbaee88976808020bf04274388275ae8").unwrap(), "0.17.1");
        assert_eq!(of("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3").unwrap(), "0.13.1");
        assert_eq!(of("github.com/docker/buildx v0.10.0-docker").unwrap(), "0.10.0");
        assert_eq!(of(""), None);
        assert_eq!(of("docker: 'buildx' is not a command"), None);
    }

    #[test]
    fn the_driver_is_the_instances() {
        assert_eq!(driver("Name:   default\nDriver: docker\n\nNodes:\nName: default\n").unwrap(), "docker");
        assert_eq!(driver("Name: x\nDriver:\n"), None);
    }
}
