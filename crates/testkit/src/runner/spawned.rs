//! A program that still runs: wait for what it prints, send it a signal, collect its end.

use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::files::RunnerFiles;
use super::output::RunOutput;
use crate::provoked;

/// How long [`Running::wait_for_output`] waits.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a program may run once its end is waited for.
const LIMIT: Duration = Duration::from_mins(2);

/// A started program. Dropping it kills the program.
#[derive(Debug)]
pub struct Running<'a> {
    /// Whether the codes it prints are noted.
    counts: bool,
    child: Child,
    streams: Arc<Streams>,
    readers: Vec<JoinHandle<()>>,
    files: &'a RunnerFiles,
}

#[derive(Debug, Default)]
struct Streams {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    closed: usize,
}

#[derive(Debug, Clone, Copy)]
enum Stream {
    Out,
    Error,
}

impl<'a> Running<'a> {
    /// The program's command line as every user of the machine can read it; empty once it ended.
    pub fn command_line(&self) -> String {
        let bytes = std::fs::read(format!("/proc/{}/cmdline", self.child.id())).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    }

    pub(super) fn start(mut command: Command, stdin: &[u8], files: &'a RunnerFiles) -> Self {
        let program = command.get_program().to_owned();
        let counts = provoked::counts(&command);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start `{}`: {error}", program.display()));
        let mut input = child.stdin.take().expect("standard input is piped");
        let bytes = stdin.to_vec();
        let streams = Arc::new(Streams::default());
        let out = child.stdout.take().expect("standard output is piped");
        let error = child.stderr.take().expect("standard error is piped");
        let readers = vec![
            // A program that does not read its input closes the pipe; that is its right.
            std::thread::spawn(move || drop(input.write_all(&bytes))),
            read(out, Stream::Out, Arc::clone(&streams)),
            read(error, Stream::Error, Arc::clone(&streams)),
        ];
        Self { counts, child, streams, readers, files }
    }

    /// Waits until standard output or standard error holds `text`.
    ///
    /// # Panics
    ///
    /// After a minute, or when the program ends before.
    #[track_caller]
    pub fn wait_for_output(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.streams.seen.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let out = String::from_utf8_lossy(&seen.stdout).into_owned();
            let error = String::from_utf8_lossy(&seen.stderr).into_owned();
            if out.contains(text) || error.contains(text) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                seen.closed < 2 && !left.is_zero(),
                "the program never printed `{text}`\n--- stdout\n{out}\n--- stderr\n{error}"
            );
            seen = self.streams.changed.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Returns the program's process id, which is its own until [`Running::finish`].
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends SIGINT, as the runner does first when a job is canceled.
    pub fn interrupt(&mut self) {
        self.signal(Signal::INT);
    }

    /// Sends SIGTERM, as the runner does some seconds after SIGINT.
    pub fn terminate(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGKILL, as the runner does last, and as a machine that ends does.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
    }

    fn signal(&mut self, signal: Signal) {
        // The child is not reaped before `finish`, so its id cannot belong to another process.
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("a child that was not waited for can be signaled");
    }

    /// Waits for the end.
    ///
    /// # Panics
    ///
    /// When the program left a command file the real runner rejects, and when it does not end within two minutes.
    pub fn finish(mut self) -> RunOutput {
        let status = self.wait();
        for reader in self.readers.drain(..) {
            reader.join().expect("reading a pipe does not panic");
        }
        let seen = self.streams.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let output = RunOutput::collect(code(status), &seen.stdout, &seen.stderr, self.files);
        if self.counts {
            provoked::note(output.code, &format!("{}\n{}", output.stdout, output.stderr));
        }
        output
    }
}

impl Running<'_> {
    /// Waits for the end, which a signal may not bring: a shell that was started with SIGINT ignored hands that on.
    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the program did not end within {} s", LIMIT.as_secs());
            std::thread::sleep(Duration::from_millis(4));
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // Fails for a program that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

fn read(mut pipe: impl Read + Send + 'static, stream: Stream, streams: Arc<Streams>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        loop {
            let count = pipe.read(&mut buffer).unwrap_or(0);
            let mut seen = streams.seen.lock().unwrap_or_else(PoisonError::into_inner);
            match stream {
                Stream::Out => seen.stdout.extend_from_slice(&buffer[..count]),
                Stream::Error => seen.stderr.extend_from_slice(&buffer[..count]),
            }
            if count == 0 {
                seen.closed += 1;
            }
            drop(seen);
            streams.changed.notify_all();
            if count == 0 {
                return;
            }
        }
    })
}
