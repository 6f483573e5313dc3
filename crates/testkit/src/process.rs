//! Child processes that leave nothing behind: own process groups, and a leash that ends a whole tree of processes when its
//! owner goes away, however it goes.

mod leash;

use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

pub use leash::Leash;
use rustix::process::{Pid, Signal, kill_process_group};

/// How often a wait looks at its process.
const POLL: Duration = Duration::from_millis(10);

/// Why a process could not be started or waited for.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ProcessError {
    /// The program could not be started.
    #[error("cannot start `{program}`")]
    #[diagnostic(code(testkit::spawn), help("check that it is installed and executable"))]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state of the process could not be read.
    #[error("cannot wait for process {id}")]
    #[diagnostic(code(testkit::wait), help("something else may have waited for this child already"))]
    Wait {
        /// The process id.
        id: u32,
        /// What the system said.
        source: std::io::Error,
    },
    /// No loopback port is free.
    #[error("cannot find a free port on 127.0.0.1")]
    #[diagnostic(code(testkit::port), help("check that loopback networking works"))]
    Port {
        /// What the system said.
        source: std::io::Error,
    },
}

/// The first of the ports that no system hands out to who names none (Linux begins at 32768, macOS and Windows at 49152), and how many
/// of them are used here.
const PORTS: (u16, u16) = (20_000, 12_000);

/// How many of them are tried.
const TRIES: usize = 64;

/// Finds a loopback port that was free a moment ago. Another process may take it before its user binds it, so a start
/// that fails should be tried again with another port. Who lets the system choose does not take it.
pub fn free_port() -> Result<u16, ProcessError> {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut some = (0..TRIES).map(|_| PORTS.0 + random() % PORTS.1);
    some.find(is_free).ok_or_else(|| ProcessError::Port { source: std::io::ErrorKind::AddrInUse.into() })
}

/// Another number each time.
fn random() -> u16 {
    let [high, low, ..] = RandomState::new().hash_one(()).to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// A child that leads a process group of its own, so that a Ctrl-C of the terminal does not reach it and a signal to the group
/// reaches its children. Dropping it kills the group.
#[derive(Debug)]
pub struct Group {
    child: Child,
}

impl Group {
    /// Starts a command as the leader of a new group.
    pub fn spawn(mut command: Command) -> Result<Self, ProcessError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().map_err(|source| ProcessError::Spawn { program, source })?;
        Ok(Self { child })
    }

    /// Returns the leader, for instance to take its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Returns the leader's process id, which is the group's id too.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the leader's exit status when it has ended.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        let id = self.id();
        self.child.try_wait().map_err(|source| ProcessError::Wait { id, source })
    }

    /// Waits for the leader, `limit` at most; `None` when it still runs then.
    pub fn wait_for(&mut self, limit: Duration) -> Result<Option<ExitStatus>, ProcessError> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(POLL);
        }
    }

    /// Asks the group to end, and kills what is left after `grace`.
    pub fn stop(&mut self, grace: Duration) -> Result<(), ProcessError> {
        if self.try_wait()?.is_none() {
            self.signal(Signal::TERM);
            self.wait_for(grace)?;
        }
        self.kill();
        self.wait_for(Duration::from_secs(2))?;
        Ok(())
    }

    fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        // A group without members is what ending it is for. The id cannot belong to another group while a member lives.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A leader that was waited for has given its id back: its group must not be signaled any more.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests;
