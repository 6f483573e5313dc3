//! The container engine of this machine, where one answers that can run the emulator's tasks.
//!
//! It is the user's: only containers with this rehearsal's label and images of the emulator's registry are removed.

use std::process::{Command, Stdio};
use std::sync::Arc;

use testkit::FakeRegistry;

use crate::adaptation::{Adaptation, Network};
use crate::error::Error;
use crate::relay::{Relay, Upstream};

/// Where the engine usually listens.
const USUAL: &str = "unix:///var/run/docker.sock";

/// An engine and the relay through which the emulator uses it. Dropping it removes what the emulator left.
#[derive(Debug)]
pub(crate) struct Engine {
    address: String,
    adaptation: Arc<Adaptation>,
    relay: Relay,
}

impl Engine {
    /// Finds the engine; the inner error says why none can be used.
    pub(crate) fn find() -> Result<Result<Self, String>, Error> {
        let Some(address) = address() else { return Ok(Err("no container engine answers".to_owned())) };
        let upstream = match upstream(&address, std::env::var_os("DOCKER_TLS_VERIFY").is_some()) {
            Ok(upstream) => upstream,
            Err(why) => return Ok(Err(why)),
        };
        if !reaches_loopback(&address)? {
            return Ok(Err("the container engine cannot reach a registry on this machine's loopback".to_owned()));
        }
        let has_bridge = docker(&address, &["network", "inspect", "bridge"]).is_ok();
        let network = if has_bridge { Network::Bridge } else { Network::Isolated };
        if network == Network::Isolated && !enters_networks() {
            return Ok(Err(
                "the container engine has no bridge, and only root reaches a container without one".to_owned()
            ));
        }
        // The process and the moment: two rehearsals at once have two names.
        let name = format!("{}-{}", std::process::id(), jiffy());
        let adaptation = Arc::new(Adaptation::new(name, network));
        let relay = Relay::start(upstream, Arc::clone(&adaptation))
            .map_err(|error| Error::Server { what: "the relay to the container engine", reason: error.to_string() })?;
        Ok(Ok(Self { address, adaptation, relay }))
    }

    /// The address the emulator uses.
    pub(crate) fn relayed(&self) -> String {
        self.relay.address()
    }

    /// Tells on which port the emulator, and so its registry, listens, and which region's registry it is.
    pub(crate) fn emulator_is_on(&self, port: u16, region: &str) {
        self.adaptation.registry_is_at(region, format!("127.0.0.1:{port}"));
    }

    /// Runs `docker` with the engine itself, not through the relay; its standard output, or its last words.
    pub(crate) fn docker(&self, arguments: &[&str]) -> Result<String, String> {
        docker(&self.address, arguments)
    }

    /// The filter that leaves this rehearsal's containers.
    pub(crate) fn filter(&self) -> String {
        format!("label={}", self.adaptation.label())
    }

    fn remove_containers(&self) -> Result<(), String> {
        let containers = self.docker(&["ps", "--all", "--quiet", "--filter", &self.filter()])?;
        let mut arguments = vec!["rm", "--force", "--volumes"];
        arguments.extend(containers.lines());
        if containers.is_empty() { Ok(()) } else { self.docker(&arguments).map(drop) }
    }

    /// Takes away the names under which images were pulled from the emulator's registry.
    fn remove_images(&self) -> Result<(), String> {
        let Some(registry) = self.adaptation.registry() else { return Ok(()) };
        let images = self.docker(&["images", "--digests", "--format", "{{.Repository}}@{{.Digest}}"])?;
        let ours = |image: &&str| image.starts_with(&format!("{registry}/")) && !image.ends_with("<none>");
        let mut arguments = vec!["rmi"];
        arguments.extend(images.lines().filter(ours));
        if arguments.len() == 1 { Ok(()) } else { self.docker(&arguments).map(drop) }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The emulator has removed its containers when it ended; these are the ones it did not come to.
        let _ = self.remove_containers();
        let _ = self.remove_images();
    }
}

/// Where the relay reaches the engine at `address`; the error says why it cannot. A port is not reached through TLS: the relay
/// has to read what the emulator asks for.
fn upstream(address: &str, tls: bool) -> Result<Upstream, String> {
    if let Some(socket) = address.strip_prefix("unix://") {
        return Ok(Upstream::Unix(socket.into()));
    }
    let Some(place) = address.strip_prefix("tcp://").map(|place| place.trim_end_matches('/')) else {
        return Err(format!("DOCKER_HOST={address} is neither unix:// nor tcp://"));
    };
    let (host, port) = place.rsplit_once(':').unwrap_or((place, "2375"));
    match (loopback::is_loopback_host(host), tls) {
        (false, _) => Err(format!("the container engine at {address} is not this machine's")),
        (true, true) => Err(format!("the container engine at {address} wants TLS (DOCKER_TLS_VERIFY is set)")),
        (true, false) => Ok(Upstream::Tcp(format!("{host}:{port}"))),
    }
}

/// The address of the container engine that answers on this machine, if any does.
fn address() -> Option<String> {
    let address = std::env::var("DOCKER_HOST").ok().filter(|address| !address.is_empty());
    let address = address.unwrap_or_else(|| USUAL.to_owned());
    crate::command::find("docker")?;
    docker(&address, &["version", "--format", "{{.Server.Version}}"]).ok().map(|_| address)
}

/// Whether the engine pulls from this machine's loopback: one in a virtual machine has a loopback of its own.
fn reaches_loopback(address: &str) -> Result<bool, Error> {
    let registry = FakeRegistry::start()
        .map_err(|error| Error::Server { what: "a registry to try the engine", reason: error.to_string() })?;
    // It has no image: that the question arrives is what counts.
    let _ = docker(address, &["pull", "--quiet", &format!("{}/slipway-rehearsal", registry.host())]);
    Ok(!registry.requests().is_empty())
}

/// Whether this user may run a program in another network namespace.
fn enters_networks() -> bool {
    let tried = Command::new("nsenter").args(["--net=/proc/self/ns/net", "true"]).stdin(Stdio::null()).output();
    tried.is_ok_and(|output| output.status.success())
}

/// Runs `docker`; its standard output without white space at the ends, or the last line it complained with.
fn docker(address: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("docker")
        .args(["--host", address])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`docker` cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or("`docker` failed").to_owned())
}

/// A number that is another one at each start.
fn jiffy() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis())
}

#[cfg(test)]
mod tests {
    use super::{Upstream, upstream};

    #[test]
    fn an_engine_of_this_machine_is_reached_by_socket_or_port() {
        let tcp = |address: &str| Ok(Upstream::Tcp(address.to_owned()));
        assert_eq!(upstream("unix:///run/docker.sock", true), Ok(Upstream::Unix("/run/docker.sock".into())));
        assert_eq!(upstream("tcp://127.0.0.1:2375", false), tcp("127.0.0.1:2375"));
        assert_eq!(upstream("tcp://localhost/", false), tcp("localhost:2375"));
        assert_eq!(upstream("tcp://[::1]:99", false), tcp("[::1]:99"));
    }

    #[test]
    fn another_engine_is_refused_with_the_reason() {
        let why = |address, tls| upstream(address, tls).unwrap_err();
        assert!(why("tcp://10.0.0.7:2375", false).contains("not this machine's"));
        assert!(why("ssh://me@host", false).contains("neither unix:// nor tcp://"));
        assert!(why("tcp://127.0.0.1:2376", true).contains("TLS"));
    }
}
