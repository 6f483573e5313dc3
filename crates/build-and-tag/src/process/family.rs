//! A program and all the programs it starts: a builder's plugins outlive it when it alone is killed.

use tokio::process::{Child, Command};

/// The processes of one program. Dropping it before the program has ended kills them all.
pub(super) struct Family(Option<u32>);

/// Makes the program that is started the first of a family.
pub(super) fn found(command: &mut Command) {
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(not(unix))]
    let _ = command;
}

impl Family {
    /// The family of a program that was just started.
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// Lets the others live: the program ended by itself and left them on purpose.
    pub(super) fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // Whatever has ended meanwhile is as it should be.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
