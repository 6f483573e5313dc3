//! A container engine, and images for it of one small program.

use std::path::Path;
use std::process::{Command, Stdio};

use testkit::docker::{DockerDaemon, answers};
use testkit::{FakeRegistry, Tools};

/// What the images hold. It says that it started; told to crash it says why, and exits with 42.
const PROGRAM: &str = r#"
fn main() {
    eprintln!("release {} started", std::env::var("RELEASE").unwrap());
    if std::env::args().nth(1).as_deref() == Some("crash") {
        eprintln!("cannot reach the database: connection refused");
        eprintln!("giving up after 1 attempt");
        std::process::exit(42);
    }
    loop {
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}
"#;

/// An engine and a registry that it pulls from. Dropping them removes what was made in an engine that is not ours.
pub(super) struct Engine {
    host: Option<String>,
    registry: FakeRegistry,
    // The last: what is removed is removed through it.
    _own: Option<DockerDaemon>,
}

impl Engine {
    /// The engine that answers, or else one of our own; the error says why there is none.
    pub(super) fn find(tools: &Tools) -> Result<Self, String> {
        let own = if answers(None) { None } else { Some(DockerDaemon::start(&tools.python())?) };
        let named = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        let host = own.as_ref().map(DockerDaemon::host).or(named);
        let engine = Self { host, registry: FakeRegistry::start().unwrap(), _own: own };
        // It has no image: that the question arrives is what counts. An engine in a virtual machine has a loopback of its own.
        let _ = engine.docker(&["pull", "--quiet", &engine.image("none")]);
        match engine.registry.requests().as_slice() {
            [] => Err("the daemon cannot reach a registry on this machine's loopback".to_owned()),
            _ => Ok(engine),
        }
    }

    /// Its address.
    pub(super) fn host(&self) -> &str {
        self.host.as_deref().unwrap_or("unix:///var/run/docker.sock")
    }

    /// An image in the registry.
    pub(super) fn image(&self, tag: &str) -> String {
        format!("{}/shop:{tag}", self.registry.host())
    }

    /// The digest of an image in the registry.
    pub(super) fn digest(&self, tag: &str) -> String {
        self.registry.tags("shop")[tag].clone()
    }

    /// Compiles the program, puts it alone into an image for each tag, and pushes these.
    pub(super) fn push(&self, tags: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let context = folder.path().display().to_string();
        compile(folder.path());
        for tag in tags {
            let dockerfile = format!("FROM scratch\nCOPY app /app\nENV RELEASE={tag}\nENTRYPOINT [\"/app\"]\n");
            std::fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
            let image = self.image(tag);
            self.docker(&["build", "--quiet", "--network", "none", "--tag", &image, &context]).unwrap();
            self.docker(&["push", "--quiet", &image]).unwrap();
            // The tasks' images are to come from the registry.
            self.docker(&["rmi", &image]).unwrap();
        }
    }

    /// Runs `docker`: what it says, or its last words.
    pub(super) fn docker(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("docker");
        // The classic builder is part of the daemon; the other one is a plug-in that may be missing.
        command.args(["--host", self.host()]).args(arguments).env("DOCKER_BUILDKIT", "0").stdin(Stdio::null());
        let output = command.output().map_err(|error| error.to_string())?;
        let words = if output.status.success() { &output.stdout } else { &output.stderr };
        let words = String::from_utf8_lossy(words).trim().to_owned();
        if output.status.success() { Ok(words) } else { Err(words) }
    }
}

/// Linked statically: the image has no libraries.
fn compile(folder: &Path) {
    std::fs::write(folder.join("main.rs"), PROGRAM).unwrap();
    let arguments = ["--edition=2024", "-Ctarget-feature=+crt-static", "-Cstrip=symbols", "-o", "app", "main.rs"];
    let output = Command::new("rustc").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Ok(images) = self.docker(&["images", "--quiet", &format!("{}/shop", self.registry.host())]) else { return };
        let mut arguments = vec!["rmi", "--force"];
        arguments.extend(images.lines());
        let _ = self.docker(&arguments);
    }
}
