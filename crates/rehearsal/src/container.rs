//! Asking the container that the emulator started, where a container engine answers.

use std::process::{Command, Stdio};

/// What `/version` of the running container of `image` answers. `None` when there is none, or it does not answer.
pub(crate) fn version(address: &str, image: &str) -> Option<String> {
    let docker = |arguments: &[&str]| {
        let output = Command::new("docker")
            .args(["--host", address])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let running = docker(&["ps", "--no-trunc", "--format", "{{.ID}} {{.Image}}"])?;
    let wanted = image.rsplit('/').next().unwrap_or(image);
    let id =
        running.lines().find_map(|line| line.split_once(' ').filter(|(_, name)| name.ends_with(wanted)))?.0.to_owned();
    let host = docker(&["inspect", "--format", "{{.NetworkSettings.IPAddress}}", &id])?;
    let host = if host.is_empty() { "127.0.0.1".to_owned() } else { host };
    let answer = testkit::http::get(&format!("http://{host}:8080/version")).ok()?;
    answer.is_success().then(|| answer.to_text().trim().to_owned())
}
