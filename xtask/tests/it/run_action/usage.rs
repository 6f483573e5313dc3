//! Names, platforms, the lock, exit codes and what is printed.

use super::release::{Release, TOOL, TRIPLE, assert_refused, sha256};

#[test]
fn a_name_is_nothing_but_a_name() {
    let release = Release::new();
    for name in
        ["", "../demo", "demo/x", "$(touch pwned)", "demo;id", "-v", "DEMO", "d\u{e9}mo", "demo\n::error::x", "*"]
    {
        let output = release.run(&[name]);
        let annotations = output.assert_code(2).stderr.lines().filter(|line| line.starts_with("::")).count();
        assert_eq!((output.stdout.as_str(), annotations), ("", 1), "{name:?}");
    }
    release.run(&[]).assert_code(2);
    assert!(release.mirror.requests().is_empty());
}

#[test]
fn passes_the_exit_code_on() {
    let release = Release::new();
    for code in [0, 1, 3, 70, 255] {
        release.run(&["demo", "exit", &code.to_string()]).assert_code(code);
    }
}

#[test]
fn a_signal_reaches_the_binary_itself() {
    let release = Release::new();
    for (code, interrupt) in [(130, true), (143, false)] {
        let runner = release.runner();
        let mut running = runner.spawn("bash", release.command(&["demo", "wait"]));
        running.wait_for_output("waiting");
        if interrupt {
            running.interrupt();
        } else {
            running.terminate();
        }
        running.finish().assert_code(code);
    }
}

#[test]
fn an_unknown_platform_is_named() {
    let release = Release::new();
    let output = release.run_on(&release.runner().env("RUNNER_ARCH", "RISCV64"), &["demo"]);
    assert_refused(&output, "slipway/unknown-platform");
    assert!(output.stderr.contains("Linux on RISCV64"));
}

#[test]
fn a_platform_without_the_tool_is_named() {
    let release = Release::new();
    for (os, arch, triple) in [
        ("Linux", "ARM64", "aarch64-unknown-linux-musl"),
        ("macOS", "ARM64", "aarch64-apple-darwin"),
        ("macOS", "X64", "x86_64-apple-darwin"),
        ("Windows", "ARM64", "x86_64-pc-windows-msvc"),
        ("Windows", "X64", "x86_64-pc-windows-msvc"),
    ] {
        let output = release.run_on(&release.runner().env("RUNNER_OS", os).env("RUNNER_ARCH", arch), &["demo"]);
        assert_refused(&output, "slipway/no-asset");
        assert!(output.stderr.contains(triple), "{}", output.stderr);
    }
}

#[test]
fn outside_of_a_runner_the_machine_is_asked() {
    let release = Release::new();
    release.shim("uname", "#!/bin/sh\ncase \"$1\" in -s) echo Linux ;; -m) echo x86_64 ;; esac\n");
    let runner = release.runner().without("RUNNER_OS").without("RUNNER_ARCH");
    release.run_on(&runner, &["demo"]).assert_code(0);
}

#[test]
fn text_from_outside_starts_no_command() {
    let release = Release::new();
    let output = release.run_on(&release.runner().env("RUNNER_ARCH", "100%\n::warning::pwned\r\n"), &["demo"]);
    assert_refused(&output, "slipway/unknown-platform");
    assert!(output.stderr.contains("100%25 ::warning::pwned"), "{}", output.stderr);
}

#[test]
fn a_shell_without_a_runner_gets_text_only() {
    let release = Release::new();
    let output = release.run_on(&release.runner().without("GITHUB_ACTIONS").env("RUNNER_ARCH", "?"), &["demo"]);
    assert!(output.assert_code(1).stderr.starts_with("slipway/unknown-platform: "), "{}", output.stderr);
}

#[test]
fn a_lock_without_a_version_is_an_error() {
    let release = Release::new();
    for text in ["", "# nothing\n", "version\n", "url https://127.0.0.1:9/\n"] {
        release.lock(text);
        assert_refused(&release.run(&["demo"]), "slipway/no-lock");
    }
    std::fs::remove_file(release.path("slipway/release.lock")).expect("the file is ours");
    assert_refused(&release.run(&["demo"]), "slipway/no-lock");
}

#[test]
fn a_lock_with_half_a_hash_pins_nothing() {
    let release = Release::new();
    let hash = sha256(TOOL.as_bytes());
    for hashes in [String::new(), hash.clone(), format!("{hash} {}", &hash[..63]), format!("{} {hash}", &hash[1..])] {
        release.lock(&format!("version 1.2.3\nurl https://127.0.0.1:9/\nasset demo {TRIPLE} {hashes}\n"));
        assert_refused(&release.run(&["demo"]), "slipway/no-asset");
    }
}

#[test]
fn the_locks_address_is_used_without_a_mirror() {
    let release = Release::new();
    let archive = release.archive(&[("demo", TOOL.as_bytes())]);
    let asset = super::release::asset("demo", &archive, TOOL.as_bytes());
    // No newline at the end, as some editors leave it.
    release.lock(&format!("{asset}\nversion 1.2.3\nurl {}/", release.mirror.url()));
    release.mirror.answer(vec![super::mirror::Answer::File(archive)]);
    release.run_on(&release.runner().without("SLIPWAY_MIRROR"), &["demo"]).assert_code(0);
    assert_eq!(release.mirror.requests(), [format!("/releases/1.2.3/demo-{TRIPLE}.tar.gz")]);
}

#[test]
fn without_a_program_that_hashes_nothing_is_run() {
    let release = Release::new();
    let path = release.path_without(&["sha256sum", "shasum"]);
    let output = release.run_on(&release.runner().env("PATH", path), &["demo"]);
    assert_refused(&output, "slipway/no-sha256");
    assert!(release.mirror.requests().is_empty());
}
