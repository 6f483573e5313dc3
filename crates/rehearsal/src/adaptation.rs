//! What is changed in the emulator's requests to the container engine, and why:
//!
//! - a task's image lies in ECR by name, but in the emulator's registry in truth: the registry's name becomes a loopback one;
//! - an engine without its usual bridge network can give a container only its own loopback;
//! - each container gets a label, so that it is known as this rehearsal's and removed in the end;
//! - when the emulator starts it removes containers with its label: those are not its own, and it is told of none.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::stack::ACCOUNT;

/// The label of a rehearsal's containers.
pub(crate) const LABEL: &str = "slipway.rehearsal";

/// Which network the containers get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// The engine's bridge, as a usual installation has it.
    Bridge,
    /// A loopback of its own, where the engine has no bridge.
    Isolated,
}

/// The changes made for one rehearsal.
#[derive(Debug)]
pub(crate) struct Adaptation {
    /// The label's value.
    name: String,
    network: Network,
    /// The registry's name in AWS and the emulator's registry, `host:port`, once it runs.
    registry: OnceLock<(String, String)>,
    made_any: AtomicBool,
}

/// Who answers a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The engine does.
    Engine,
    /// This is the whole answer.
    Own(&'static str),
}

/// The answer to a list of containers before there is one.
const NO_CONTAINERS: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\nConnection: close\r\n\r\n[]\n";

impl Adaptation {
    /// The changes for the rehearsal `name`.
    pub(crate) fn new(name: String, network: Network) -> Self {
        Self { name, network, registry: OnceLock::new(), made_any: AtomicBool::new(false) }
    }

    /// The label with its value, as a filter of the engine takes it.
    pub(crate) fn label(&self) -> String {
        format!("{LABEL}={}", self.name)
    }

    /// Tells where the registry of `region` is. The first call counts.
    pub(crate) fn registry_is_at(&self, region: &str, host: String) {
        self.registry.get_or_init(|| (format!("{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"), host));
    }

    /// The registry's `host:port`; `None` before the emulator runs.
    pub(crate) fn registry(&self) -> Option<&str> {
        self.registry.get().map(|(_, host)| host.as_str())
    }

    /// Changes a request's head.
    pub(crate) fn head(&self, head: &mut Head) -> Answer {
        if head.lists_containers() && !self.made_any.load(Ordering::Relaxed) {
            return Answer::Own(NO_CONTAINERS);
        }
        head.line = self.with_registry(&head.line);
        // A second request on the same connection would pass by unread. An upgraded one has no second.
        if head.get("Upgrade").is_none() {
            head.set("Connection", "close");
        }
        Answer::Engine
    }

    /// Changes the description of a container that is created; `None` when it is no JSON object.
    pub(crate) fn container(&self, body: &[u8]) -> Option<Vec<u8>> {
        let mut container: Value = serde_json::from_slice(body).ok().filter(Value::is_object)?;
        self.made_any.store(true, Ordering::Relaxed);
        if let Some(image) = container["Image"].as_str() {
            container["Image"] = json!(self.with_registry(image));
        }
        object(&mut container["Labels"])?.insert(LABEL.to_owned(), json!(self.name));
        if self.network == Network::Isolated {
            object(&mut container)?.remove("NetworkingConfig");
            let host = object(&mut container["HostConfig"])?;
            host.insert("NetworkMode".to_owned(), json!("none"));
            host.remove("ExtraHosts");
            host.remove("PortBindings");
        }
        serde_json::to_vec(&container).ok()
    }

    fn with_registry(&self, text: &str) -> String {
        match self.registry.get() {
            Some((name, host)) => text.replace(name, host),
            None => text.to_owned(),
        }
    }
}

/// The value as an object, an empty one for `null`; `None` for anything else.
fn object(value: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut()
}

/// The head of an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    line: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Reads a head with the empty line that ends it.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
        let mut lines = text.split("\r\n");
        let line = lines.next()?.to_owned();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        });
        Some(Self { line, headers: headers.collect::<Option<_>>()? })
    }

    /// Whether it asks for a new container.
    pub(crate) fn creates_container(&self) -> bool {
        self.line.starts_with("POST ") && self.path().ends_with("/containers/create")
    }

    fn lists_containers(&self) -> bool {
        self.line.starts_with("GET ") && self.path().ends_with("/containers/json")
    }

    fn path(&self) -> &str {
        self.line.split([' ', '?']).nth(1).unwrap_or_default()
    }

    /// How long the body is, where the head says it.
    pub(crate) fn content_length(&self) -> Option<usize> {
        self.get("Content-Length")?.parse().ok()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Sets a header, in place of the one there was.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\r\n", self.line)?;
        for (name, value) in &self.headers {
            write!(f, "{name}: {value}\r\n")?;
        }
        f.write_str("\r\n")
    }
}

#[cfg(test)]
mod tests;
