//! A program together with the programs it starts: a builder's plugins or Terraform's providers outlive it when it alone is killed.

use std::process::Output;

use tokio::process::{Child, Command};

/// The processes of one program. Dropping it before the program has ended kills them all.
#[derive(Debug)]
pub struct Family(Option<u32>);

impl Family {
    /// Starts `command` as the first of a family.
    ///
    /// # Errors
    ///
    /// Those of [`Command::spawn`].
    pub fn spawn(command: &mut Command) -> std::io::Result<(Child, Self)> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        let family = Self(child.id());
        Ok((child, family))
    }

    /// Runs `command` to its end. Dropping the future kills its family.
    ///
    /// # Errors
    ///
    /// Those of [`Command::spawn`] and [`Child::wait_with_output`].
    pub async fn output(command: &mut Command) -> std::io::Result<Output> {
        let (child, family) = Self::spawn(command)?;
        let output = child.wait_with_output().await?;
        family.has_ended();
        Ok(output)
    }

    /// Lets the others live: the program ended by itself and left them on purpose.
    pub fn has_ended(mut self) {
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

#[cfg(all(test, unix))]
mod tests {
    use std::process::Stdio;
    use std::time::Duration;

    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

    use super::*;

    /// A program whose child keeps its standard output open for as long as it lives.
    fn parent(ends: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("sleep 1000 & echo ready; {ends}")]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    #[tokio::test]
    async fn a_dropped_family_takes_its_children_with_it() {
        let (mut child, family) = Family::spawn(&mut parent("wait")).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        lines.read_line(&mut ready).await.unwrap();
        assert_eq!(ready, "ready\n");
        drop((child, family));
        // The pipe ends when the last process that holds it does.
        let mut rest = String::new();
        tokio::time::timeout(Duration::from_mins(1), lines.read_to_string(&mut rest)).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_a_program_leaves_on_purpose_lives_on() {
        let (mut child, family) = Family::spawn(&mut parent("echo $!")).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.next_line().await.unwrap();
        let left: u32 = lines.next_line().await.unwrap().unwrap().parse().unwrap();
        assert!(child.wait().await.unwrap().success());
        family.has_ended();
        let left = rustix::process::Pid::from_raw(left.cast_signed()).unwrap();
        rustix::process::test_kill_process(left).unwrap();
        rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn output_is_all_that_was_said() {
        let output =
            Family::output(Command::new("sh").args(["-c", "echo out; exit 3"]).stdout(Stdio::piped())).await.unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), b"out\n".as_slice()));
    }
}
