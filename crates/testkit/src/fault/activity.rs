//! What a program is at, as the kernel tells it (<https://man7.org/linux/man-pages/man5/proc.5.html>).

use rustix::process::{Pid, Signal};

/// Whether a signal waits to be delivered to the program.
pub(super) fn is_pending(program: Pid, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{program}/status")).unwrap_or_default();
    let mask = 1_u64 << (signal.as_raw() - 1);
    let sets = status.lines().filter_map(|line| line.strip_prefix("ShdPnd:").or_else(|| line.strip_prefix("SigPnd:")));
    sets.filter_map(|set| u64::from_str_radix(set.trim(), 16).ok()).any(|set| set & mask != 0)
}

/// Whether every thread of the program waits for something, or has ended. One that could go on if the machine were less busy does not.
pub(super) fn is_asleep(program: Pid) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{program}/task")) else { return true };
    threads.flatten().all(|thread| {
        // One that has ended meanwhile has no file any more.
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The name before it may hold anything, brackets too.
        !matches!(stat.rsplit(") ").next().and_then(|rest| rest.chars().next()), Some('R' | 'D'))
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process};

    use super::{is_asleep, is_pending};
    use crate::process::Group;

    /// A shell that says so when it is ready, and then does `rest`.
    fn shell(rest: &str) -> (Group, Pid) {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("echo ready; {rest}")]).stdout(Stdio::piped());
        let mut group = Group::spawn(command).expect("bash starts");
        let out = group.child().stdout.take().expect("the output is piped");
        assert_eq!(BufReader::new(out).lines().next().and_then(Result::ok).as_deref(), Some("ready"));
        let program = Pid::from_child(group.child());
        (group, program)
    }

    #[track_caller]
    fn comes_true(is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < Duration::from_mins(1));
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_program_that_computes_is_not_asleep() {
        let (_group, program) = shell("while :; do :; done");
        assert!(!is_asleep(program));
    }

    #[test]
    fn a_program_that_waits_is_asleep() {
        let (_group, program) = shell("read -t 100 < <(sleep 100)");
        comes_true(|| is_asleep(program));
    }

    #[test]
    fn a_signal_waits_while_the_program_is_stopped() {
        let (_group, program) = shell("trap 'exec sleep 100' INT; while :; do :; done");
        let send = |signal| kill_process(program, signal).expect("the program is there");
        assert!(!is_pending(program, Signal::INT));
        send(Signal::STOP);
        comes_true(|| is_asleep(program));
        send(Signal::INT);
        assert!(is_pending(program, Signal::INT) && !is_pending(program, Signal::TERM));
        send(Signal::CONT);
        comes_true(|| !is_pending(program, Signal::INT));
    }
}
