//! Asking the container that the emulator started what it is, from outside.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stack::Stack;

/// How long a container that runs may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time between two questions.
const PAUSE: Duration = Duration::from_millis(100);

/// What a program outside of Slipway runs inside the container's network.
const FETCH: &str = "import sys, urllib.request\nprint(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5).read(65536).decode())";

/// A running container.
#[derive(Debug)]
struct Container {
    id: String,
    /// The process id of its first process, on this machine.
    process: String,
    /// Its address on the engine's bridge; empty without one.
    address: String,
}

/// What the deployed container is expected to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// The page that answers its version; empty when it only has to run.
    pub(crate) path: &'a str,
    /// The version it must be.
    pub(crate) version: Option<&'a str>,
}

/// What is seen of a deployment where no container engine runs.
pub(crate) const NOT_STARTED: &str = "no container was started";

/// What was seen of the running container of `definition`: `, its container answers …` or `, its container runs`; that there is none
/// where no container engine runs.
pub(crate) fn seen(stack: &Stack, definition: &Value, expected: Expected<'_>) -> Result<String, String> {
    let Some(engine) = stack.docker.as_ref() else { return Ok(format!(" ({NOT_STARTED})")) };
    let described = definition.pointer("/containerDefinitions/0").unwrap_or(&Value::Null);
    let port = described.pointer("/portMappings/0/containerPort").and_then(Value::as_u64);
    let image = described["image"].as_str().unwrap_or_default();
    let ask = || {
        let container = Container::find(engine, image)?;
        match port.filter(|_| !expected.path.is_empty()) {
            Some(port) => {
                let answer = container.get(stack, port, expected.path)?;
                Ok(format!(", its container answers {}", judge(&answer, expected)?))
            }
            None => Ok(", its container runs".to_owned()),
        }
    };
    let start = Instant::now();
    let mut answer = ask();
    while answer.is_err() && start.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
        answer = ask();
    }
    answer
}

impl Container {
    /// The newest running container of `image` that the emulator started.
    fn find(engine: &crate::engine::Engine, image: &str) -> Result<Self, String> {
        let running =
            engine.docker(&["ps", "--no-trunc", "--filter", &engine.filter(), "--format", "{{.ID}} {{.Image}}"])?;
        // The registry's name is another one for the engine; the repository and the digest are the same.
        let name = image.split_once('/').map_or(image, |(_, name)| name);
        let id = running
            .lines()
            .find_map(|line| line.split_once(' ').filter(|(_, image)| image.ends_with(&format!("/{name}"))))
            .map(|(id, _)| id)
            .ok_or_else(|| format!("no container of {name} runs"))?;
        let format = "{{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}";
        let seen = engine.docker(&["inspect", "--format", format, id])?;
        Ok(Self::parse(id, &seen))
    }

    /// Reads the process id and, where it has some, the addresses of the container `id`.
    fn parse(id: &str, seen: &str) -> Self {
        let mut words = seen.split_whitespace().map(str::to_owned);
        let (process, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Self { id: id.to_owned(), process, address }
    }

    /// Fetches a page of the container, from this machine where the bridge leads to it, else inside its network.
    fn get(&self, stack: &Stack, port: u64, path: &str) -> Result<String, String> {
        let page = format!(":{port}/{}", path.trim_start_matches('/'));
        if self.address.is_empty() {
            return self.get_inside(stack, &format!("http://127.0.0.1{page}"));
        }
        let url = format!("http://{}{page}", self.address);
        let answer = testkit::http::get(&url).map_err(|error| format!("its container does not answer: {error}"))?;
        if answer.is_success() {
            return Ok(answer.to_text().trim().to_owned());
        }
        Err(format!("its container answers {} to {path}: `version-path` names another page, or none", answer.status))
    }

    fn get_inside(&self, stack: &Stack, url: &str) -> Result<String, String> {
        // An engine in another PID namespace gives the number of a process that is not the container's here.
        let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", self.process)).unwrap_or_default();
        if !groups.contains(&self.id) {
            return Err("its container is out of sight: neither a bridge nor a process of this machine".to_owned());
        }
        let output = Command::new("nsenter")
            .arg(format!("--net=/proc/{}/ns/net", self.process))
            .arg(stack.tools.python())
            .args(["-I", "-c", FETCH, url])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("`nsenter` cannot be run: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(format!("its container does not answer: {}", words.trim().lines().last().unwrap_or_default()))
    }
}

/// Compares the version in an answer with the wanted one.
fn judge(answer: &str, expected: Expected<'_>) -> Result<String, String> {
    let line = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(wanted) = expected.version else { return Ok(line) };
    let document: Value = serde_json::from_str(answer).unwrap_or_default();
    match document["version"].as_str() {
        Some(found) if found == wanted => Ok(line),
        Some(found) => Err(format!("its container is version {found}, not {wanted}")),
        None if is_page(answer) => Err(format!(
            "its container answers {} (`version-path`) with an HTML page: likely a login page, a proxy's, or the start page of a single-page app",
            expected.path
        )),
        None => Err(format!("its container tells no version at {} (`version-path`): {line}", expected.path)),
    }
}

/// Whether an answer is a page for people.
fn is_page(answer: &str) -> bool {
    let start: String = answer.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::{Container, Expected, judge};

    #[test]
    fn a_container_has_an_address_on_a_bridge_alone() {
        assert_eq!(Container::parse("0a", "12 172.17.0.2 10.0.0.3").address, "172.17.0.2");
        let isolated = Container::parse("0a", "12 ");
        assert_eq!((isolated.process.as_str(), isolated.address.as_str()), ("12", ""));
    }

    #[test]
    fn the_container_must_be_the_version_that_was_deployed() {
        let judge = |answer, version| judge(answer, Expected { path: "/version", version });
        let answer = "{\"version\":\"1.0.1\",\n \"commit\":\"0a\"}\n";
        assert_eq!(judge(answer, Some("1.0.1")), Ok("{\"version\":\"1.0.1\", \"commit\":\"0a\"}".to_owned()));
        assert_eq!(judge(answer, Some("1.0.2")), Err("its container is version 1.0.1, not 1.0.2".to_owned()));
        assert_eq!(judge("hello", None), Ok("hello".to_owned()));
        assert!(judge("hello", Some("1.0.1")).unwrap_err().ends_with("(`version-path`): hello"));
        for page in ["<!DOCTYPE html>\n<p>Log in", "\n<HTML><body>secret</body>"] {
            let told = judge(page, Some("1.0.1")).unwrap_err();
            assert!(told.contains("HTML page: likely a login page") && !told.contains("secret"), "{told}");
        }
    }
}
