//! The same commit gives the same bytes, whatever the machine.

use std::process::Command;
use std::time::{Duration, SystemTime};

use testkit::runner::FakeRunner;

use crate::support::{BINARY, run, runner};

const DOCKERFILE: &str =
    "FROM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY . /app/\nCOPY --chmod=600 a <<conf /etc/\nx\nconf\n";

/// More than one block of the compressor, half of it hard to compress.
fn large() -> Vec<u8> {
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    noise.take(3 << 20).chain(std::iter::repeat_n(b'x', 3 << 20)).collect()
}

fn step(flags: &[(&str, &str)]) -> FakeRunner {
    let step = runner(DOCKERFILE).file("a", "1").file("bin/run", "#!").file("large", large());
    let step = step.file(".dockerignore", "out\nDockerfile\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(step.workspace().join("bin/run"), mode).unwrap();
    }
    flags.iter().fold(step, |step, (name, value)| step.input(name, value))
}

fn digest_of(step: &FakeRunner) -> String {
    let output = run(step);
    output.assert_code(0);
    output.outputs["digest"].clone()
}

/// Ways to build: a name, the flags, and the digest that every machine must give.
const WAYS: [(&[(&str, &str)], &str); 3] = [
    (&[], "sha256:1b85a8470ba9785e51fdc53cf8803148afb1da56db50fdde64bffbab9012fef5"),
    (&[("compression", "zstd")], "sha256:d57c1996fa467bc2af27f1e8a28608f4c298d1e2613270fa119df734734c80b4"),
    (
        &[("platforms", "linux/amd64,linux/arm64"), ("compression", "zstd"), ("annotations", "default\nindex:a=b")],
        "sha256:1e8cd2f478e1d448ed3a14b7b758c7f2b345445367eaaed3ef3f5460d8250f12",
    ),
];

// Windows has no mode that says a file may be executed.
#[cfg(unix)]
#[test]
fn the_digest_is_pinned() {
    for (flags, digest) in WAYS {
        assert_eq!(digest_of(&step(flags)), digest, "{flags:?}: an image that was pushed would be another");
    }
}

#[cfg(unix)]
#[test]
fn neither_folder_nor_time_nor_umask_nor_time_zone_nor_processors_have_a_say() {
    use std::os::unix::fs::PermissionsExt as _;
    for (flags, digest) in WAYS {
        let step = step(flags).env("TZ", "Pacific/Kiritimati").env("LANG", "C");
        let workspace = step.workspace();
        for (name, mode) in [("a", 0o600), ("bin/run", 0o700), ("bin", 0o700), ("large", 0o666)] {
            let path = workspace.join(name);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let file = std::fs::File::open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
        }
        let one_processor =
            Command::new("taskset").args(["-c", "0", "true"]).output().is_ok_and(|out| out.status.success());
        let front = if one_processor { "taskset -c 0" } else { "" };
        let output = step.run("/bin/sh", ["-c", &format!("umask 077; exec {front} '{BINARY}'")]);
        output.assert_code(0);
        assert_eq!(output.outputs["digest"], digest, "{flags:?}");
    }
}

#[test]
fn two_checkouts_of_a_commit_give_one_image() {
    let git = |folder: &std::path::Path, args: &[&str]| {
        let fixed = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"];
        let dates = [("GIT_COMMITTER_DATE", "1600000000 +0300"), ("GIT_AUTHOR_DATE", "1600000000 +0300")];
        let output = Command::new("git").current_dir(folder).args(fixed).args(args).envs(dates).output();
        output.is_ok_and(|output| output.status.success())
    };
    let flags = [("source-date-epoch", ""), ("platforms", "linux/amd64,linux/arm64"), ("compression", "zstd")];
    let here =
        flags.iter().fold(runner("FROM scratch\nCOPY src /src\n"), |step, (name, value)| step.input(name, value));
    let here = here.file("src/a", "1").file("src/deep/b", "2");
    if !git(here.workspace(), &["init", "--quiet"]) {
        eprintln!("SKIPPED two checkouts of a commit: git is not installed");
        return;
    }
    assert!(git(here.workspace(), &["add", "."]) && git(here.workspace(), &["commit", "--quiet", "--message", "x"]));
    let there = FakeRunner::new();
    let from = here.workspace().display().to_string();
    assert!(git(there.workspace(), &["clone", "--quiet", &from, "."]));
    let inputs = [("image", "shop/backend"), ("version", "1.0.0"), ("output-folder", "out")];
    let there = inputs.into_iter().chain(flags).fold(there, |step, (name, value)| step.input(name, value));
    let first = run(&here);
    assert_eq!(first.outputs["created"], "2020-09-13T12:26:40Z", "the commit's date");
    assert_eq!(first.outputs["digest"], digest_of(&there));
}
