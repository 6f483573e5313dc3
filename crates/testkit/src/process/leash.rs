//! A tree of processes that cannot outlive its owner.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::{Group, ProcessError};

/// The parent-death signal needs unsafe code in the child, so a small launcher watches a pipe instead.
pub(super) const LAUNCHER: &str = include_str!("leash.py");

/// How long the tree has between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// A program whose whole tree of processes ends when this value is dropped, or when this process dies in any way.
#[derive(Debug)]
pub struct Leash {
    group: Group,
    lifeline: Option<ChildStdin>,
}

impl Leash {
    /// Begins a command that runs `program` on a leash: arguments, environment and output streams are the caller's to set,
    /// standard input is the leash.
    pub fn command(python: &Path, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(python);
        command.args(["-I", "-c", LAUNCHER, &GRACE.as_secs().to_string()]).arg(program);
        command
    }

    /// Starts a command made by [`Leash::command`].
    pub fn spawn(mut command: Command) -> Result<Self, ProcessError> {
        command.stdin(Stdio::piped());
        let mut group = Group::spawn(command)?;
        let lifeline = group.child().stdin.take();
        Ok(Self { group, lifeline })
    }

    /// Returns the launcher's group, for instance to take its output pipes.
    pub fn group(&mut self) -> &mut Group {
        &mut self.group
    }

    /// Returns the program's exit status when it has ended.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        self.group.try_wait()
    }

    /// Ends the tree: SIGTERM to every process, SIGKILL to what is left five seconds later.
    pub fn stop(&mut self) -> Result<(), ProcessError> {
        self.lifeline = None;
        if self.group.wait_for(GRACE + Duration::from_secs(3))?.is_none() {
            self.group.stop(Duration::ZERO)?;
        }
        Ok(())
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // Nobody is left to hear of an error; the group kills itself when it is dropped next.
        let _ = self.stop();
    }
}
