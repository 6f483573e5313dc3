//! The same against `rclone serve s3`: a server that none of ours wrote.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::peer::{Field, NO_MANIFEST};
use super::rounds::{Measured, Outcome, failure};
use super::run::timed;
use super::scenario::{ALL, Before, Scenario};
use super::site::{BUCKET, Site};

/// The word that selects it.
pub(crate) const NAME: &str = "rclone-serve";

/// How long the server may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it takes a signal to arrive.
const MOMENT: Duration = Duration::from_millis(100);

/// Measures a first upload and a no-op.
pub(crate) fn measure(field: &Field, runs: usize, work: &Path) -> Result<Vec<Measured>, String> {
    let chosen = ALL.iter().filter(|scenario| ["first", "no-op"].contains(&scenario.name));
    chosen.map(|scenario| one(&Scenario { latency: 0, ..*scenario }, field, runs, work)).collect()
}

fn one(scenario: &Scenario, field: &Field, runs: usize, work: &Path) -> Result<Measured, String> {
    let site = Site::make(scenario, &work.join(NAME).join(scenario.name))?;
    let buckets = work.join(NAME).join("buckets");
    let server = Server::start(field.rclone(), &buckets)?;
    // The server remembers its folders, so that no manifest can be taken away beneath it.
    let mut contenders = field.contenders(scenario, &site.folder, &server.url);
    contenders.retain(|contender| contender.setting != NO_MANIFEST);
    let mut outcomes: Vec<_> = contenders.iter().map(Outcome::new).collect();
    if scenario.before != Before::Empty {
        copy(&site.folder, &buckets.join(BUCKET))?;
    }
    for round in 0..=runs {
        for (contender, outcome) in
            contenders.iter().zip(&mut outcomes).filter(|(_, outcome)| outcome.failure.is_none())
        {
            site.touch()?;
            if scenario.before == Before::Empty {
                empty(&buckets.join(BUCKET))?;
                server.forget()?;
            } else if contender.has_published(scenario.before) {
                let cost = timed(contender, &work.join("log"))?;
                if cost.code != 0 {
                    return Err(format!("what was before: {}", failure(cost, &work.join("log"))));
                }
            }
            let cost = timed(contender, &work.join("log"))?;
            outcome.failure = (cost.code != 0).then(|| failure(cost, &work.join("log")));
            if round > 0 {
                outcome.costs.push(cost);
            }
        }
    }
    drop(server);
    fs::remove_dir_all(work.join(NAME)).map_err(|error| format!("{}: {error}", work.display()))?;
    let title = if scenario.before == Before::Empty { "First upload" } else { "Nothing changed" };
    Ok(Measured { scenario: Scenario { title, ..*scenario }, runs, outcomes })
}

/// The running server; it ends when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(rclone: &Path, folder: &Path) -> Result<Self, String> {
        empty(&folder.join(BUCKET))?;
        let port = testkit::process::free_port().map_err(|error| error.to_string())?;
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(rclone);
        command.args(["serve", "s3", "--config", "/dev/null", "--addr", &address, "--vfs-cache-mode", "off"]);
        command.args(["--auth-key", "AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"]).arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| format!("{}: {error}", rclone.display()))?;
        let server = Self { child, url: format!("http://{address}") };
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            if started.elapsed() > PATIENCE {
                return Err("rclone serve s3 does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Makes it look at its folders again (<https://rclone.org/commands/rclone_serve_s3/#vfs-directory-cache>).
    fn forget(&self) -> Result<(), String> {
        let told = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status();
        let is_told = told.map_err(|error| format!("kill: {error}"))?.success();
        std::thread::sleep(MOMENT);
        if is_told { Ok(()) } else { Err("rclone serve s3 cannot be told to look again".to_owned()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a folder that is empty.
fn empty(folder: &Path) -> Result<(), String> {
    let emptied = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    emptied.and_then(|()| fs::create_dir_all(folder)).map_err(|error| format!("{}: {error}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(wrong)?;
    for entry in fs::read_dir(from).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).map_err(wrong)?;
        }
    }
    Ok(())
}
