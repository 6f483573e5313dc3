use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Group, Leash, free_port};

fn is_alive(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

#[track_caller]
fn assert_ends(id: &str) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while is_alive(id) {
        assert!(Instant::now() < deadline, "process {id} still runs");
        std::thread::yield_now();
    }
}

fn first_line(group: &mut Group) -> String {
    let stdout = group.child().stdout.take().expect("the output is piped");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("a line arrives");
    line.trim().to_owned()
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", script]).stdout(Stdio::piped());
    command
}

#[test]
fn a_free_port_can_be_bound() {
    let port = free_port().expect("a port is free");
    std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}

#[test]
fn dropping_a_group_ends_its_children_too() {
    let mut group = Group::spawn(shell("sleep 300 & echo $!; wait")).expect("bash starts");
    let child = first_line(&mut group);
    assert!(is_alive(&child));
    drop(group);
    assert_ends(&child);
}

#[test]
fn stopping_a_group_kills_what_ignores_the_request() {
    let mut group = Group::spawn(shell("trap '' TERM; echo $$; while :; do sleep 1; done")).expect("bash starts");
    let leader = first_line(&mut group);
    group.stop(Duration::from_millis(100)).expect("the group ends");
    assert_ends(&leader);
}

fn leashed(script: &str) -> Leash {
    let mut command = Leash::command(Path::new("python3"), "bash");
    command.args(["-c", script]).stdout(Stdio::piped());
    Leash::spawn(command).expect("python3 starts")
}

#[test]
fn a_leashed_program_keeps_its_output_and_exit_code() {
    let mut leash = leashed("echo out; exit 7");
    assert_eq!(first_line(leash.group()), "out");
    let status = leash.group().wait_for(Duration::from_secs(10)).expect("it can be waited for");
    assert_eq!(status.and_then(|status| status.code()), Some(7));
}

#[test]
fn a_leash_reaches_a_grandchild_in_a_session_of_its_own() {
    let mut leash = leashed("setsid bash -c 'echo $BASHPID; exec sleep 300' & wait");
    let grandchild = first_line(leash.group());
    assert!(is_alive(&grandchild));
    drop(leash);
    assert_ends(&grandchild);
}

#[test]
fn a_leashed_tree_ends_when_its_owner_is_killed() {
    // `sleep` owns the leash here and dies without a chance to clean up; the launcher is in a session of its own.
    let launcher = super::leash::LAUNCHER;
    let script = r#"sleep 300 | setsid python3 -I -c "$0" 1 bash -c 'echo $$; exec sleep 300'"#;
    let mut command = Command::new("bash");
    command.args(["-c", script, launcher]).stdout(Stdio::piped());
    let mut owner = Group::spawn(command).expect("bash starts");
    let mut stdout = BufReader::new(owner.child().stdout.take().expect("the output is piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("the program says its id");
    let program = line.trim().to_owned();
    assert!(is_alive(&program));
    drop(owner);
    assert_ends(&program);
    stdout.read_to_string(&mut line).expect("the pipe closes with the tree");
}
