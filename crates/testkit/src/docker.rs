//! A Docker daemon of our own, for a machine that has the programs and runs none: on its own socket, in its own folder, without
//! a network of its own, and gone with this value.
//!
//! It never touches a daemon that runs already; [`answers`] says whether one does.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::Leash;

/// How long a daemon may take to answer.
const START: Duration = Duration::from_secs(30);

/// How often it is asked whether it answers.
const POLL: Duration = Duration::from_millis(200);

/// Where it keeps its images; the second works on every file system, and is slow.
const STORAGE_DRIVERS: [&str; 2] = ["overlay2", "vfs"];

/// A running daemon. Dropping it stops its containers, the daemon, and removes its folder.
#[derive(Debug)]
pub struct DockerDaemon {
    // Dropped in this order: the folder goes when nothing uses it any more.
    leash: Leash,
    folder: TempDir,
}

/// Says whether a daemon answers at `host`; without one, where `DOCKER_HOST` says, or at the usual socket.
pub fn answers(host: Option<&str>) -> bool {
    let mut command = Command::new("docker");
    command.args(host.map(|host| ["--host", host]).into_iter().flatten());
    command.args(["version", "--format", "{{.Server.Version}}"]).stdin(Stdio::null());
    command.output().is_ok_and(|output| output.status.success())
}

impl DockerDaemon {
    /// Starts a daemon on a leash of `python`. The error says why there can be none here: it needs the programs `dockerd` and
    /// `docker`, and root.
    pub fn start(python: &Path) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("a daemon of our own needs root".to_owned());
        }
        let mut why = String::new();
        for driver in STORAGE_DRIVERS {
            match Self::start_with(python, driver) {
                Ok(daemon) => return Ok(daemon),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn start_with(python: &Path, storage_driver: &str) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("slipway-docker-").tempdir().map_err(|error| error.to_string())?;
        let log = folder.path().join("log");
        let output = File::create(&log).map_err(|error| error.to_string())?;
        let errors = output.try_clone().map_err(|error| error.to_string())?;
        let mut command = Leash::command(python, "dockerd");
        for (flag, file) in [("--data-root", "data"), ("--exec-root", "exec"), ("--pidfile", "pid")] {
            command.arg(flag).arg(folder.path().join(file));
        }
        command.arg("--host").arg(host(folder.path())).args(["--storage-driver", storage_driver]);
        // Nothing of the machine's network is changed: containers get the host's, or none.
        command.args([
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false",
        ]);
        command.stdout(output).stderr(errors);
        let leash = Leash::spawn(command).map_err(|error| error.to_string())?;
        let mut daemon = Self { leash, folder };
        if daemon.answered() { Ok(daemon) } else { Err(last_line(&log)) }
    }

    fn answered(&mut self) -> bool {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline && matches!(self.leash.try_wait(), Ok(None)) {
            if answers(Some(&self.host())) {
                return true;
            }
            std::thread::sleep(POLL);
        }
        false
    }

    fn has(&self, place: &str) -> bool {
        Path::new(place).starts_with(self.folder.path())
    }

    /// Returns the address for `DOCKER_HOST`.
    pub fn host(&self) -> String {
        host(self.folder.path())
    }
}

impl Drop for DockerDaemon {
    fn drop(&mut self) {
        let _ = self.leash.stop();
        // A container with the host's network leaves a mount, which keeps the folder from being removed.
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let places = mounts.lines().filter_map(|line| line.split(' ').nth(1)).filter(|place| self.has(place));
        for place in places {
            let _ = Command::new("umount").args(["--lazy", place]).output();
        }
    }
}

fn host(folder: &Path) -> String {
    format!("unix://{}", folder.join("socket").display())
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().next_back().unwrap_or("dockerd said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{DockerDaemon, answers};
    use crate::tools::Tools;

    #[test]
    fn a_daemon_answers_until_it_is_dropped() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let daemon = match DockerDaemon::start(&Tools::ensure(&root).unwrap().python()) {
            Ok(daemon) => daemon,
            Err(why) => {
                eprintln!("SKIPPED a Docker daemon of our own: {why}");
                return;
            }
        };
        let host = daemon.host();
        let folder = daemon.folder.path().to_path_buf();
        assert!(answers(Some(&host)));
        drop(daemon);
        assert!(!answers(Some(&host)));
        assert!(!folder.exists(), "its folder is left");
    }
}
