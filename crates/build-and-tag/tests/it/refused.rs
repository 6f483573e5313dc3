//! What is refused, and how it is said.

use testkit::runner::FakeRunner;

use crate::support::{out, run, runner};

/// Runs and expects bad input, with `needle` in what was said and the annotation at `line` of the Dockerfile.
#[track_caller]
fn check(runner: &FakeRunner, line: usize, needle: &str) {
    let output = run(runner);
    output.assert_code(2);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains(needle), "{said}");
    assert!(output.stdout.contains(&format!("file=Dockerfile,line={line}")), "{}", output.stdout);
    assert!(output.stderr.contains(&format!("Dockerfile:{line}")), "a plain shell sees it: {}", output.stderr);
    assert!(!out(runner).exists(), "nothing is written");
}

#[test]
fn a_run_is_refused_with_its_line_and_what_to_install() {
    let runner = runner("FROM scratch\nCOPY a /\n\nRUN make \\\n  all\n").file("a", "1").env("PATH", "/nonexistent");
    check(&runner, 4, "buildah");
    check(&runner.input("builder", "embedded"), 4, "builder: buildx");
}

#[test]
fn a_missing_file_suggests_what_is_there() {
    check(&runner("FROM scratch\nCOPY dist/bakcend /\n").file("dist/backend", "x"), 2, "did you mean `dist/backend`?");
}

#[test]
fn a_file_that_dockerignore_leaves_out_says_so() {
    let runner = runner("FROM scratch\nCOPY a /\n").file("a", "x").file(".dockerignore", "*\n");
    check(&runner, 2, ".dockerignore leaves it out");
}

#[test]
fn a_file_missing_in_a_stage_names_the_stage() {
    let runner = runner("FROM scratch AS one\nCOPY a /x/a\nFROM scratch\nCOPY --from=one /a /\n").file("a", "x");
    check(&runner, 4, "stage `one`");
}

#[test]
fn paths_that_leave_the_context_are_refused() {
    check(&runner("FROM scratch\nCOPY ../../etc/passwd /\n"), 2, "leads out of the build context");
    check(&runner("FROM scratch\nADD a/../../b /\n").file("a/x", "x"), 2, "leads out of the build context");
}

#[cfg(unix)]
#[test]
fn links_that_leave_the_context_are_refused() {
    let runner = runner("FROM scratch\nCOPY link /\n");
    std::os::unix::fs::symlink("/etc/passwd", runner.workspace().join("link")).unwrap();
    check(&runner, 2, "leads out of the build context");
    let runner = self::runner("FROM scratch\nCOPY up/etc/passwd /\n");
    std::os::unix::fs::symlink("../../../..", runner.workspace().join("up")).unwrap();
    check(&runner, 2, "leads out of the build context");
}

#[test]
fn what_the_embedded_builder_cannot_do_is_named() {
    let embedded = |dockerfile: &str| runner(dockerfile).input("builder", "embedded").file("a", "x");
    check(&embedded("FROM scratch\nADD https://example.com/x /\n"), 2, "fetches from the network");
    check(&embedded("FROM debian:12\n"), 1, "not pinned by a digest");
    check(&embedded("FROM scratch\nCOPY --parents a /\n"), 2, "`--parents` is not supported");
    check(&embedded("FROM scratch\nCOPY --chown=app a /\n"), 2, "the user `app` is not in the stage");
    check(&embedded("FROM scratch\nCOPY a a /x\n"), 2, "must end with `/`");
    check(&embedded("FROM scratch\nENV A=${B#c}\n"), 2, "modifier");
    check(&embedded("FROM scratch\nEXPOSE 99999\n"), 2, "not a port");
    check(&embedded("FROM scratch\nCOPY a /a\nCOPY a /a/b\n"), 3, "is a file");
}

#[test]
fn a_malformed_dockerfile_names_its_line() {
    check(&runner("FROM scratch\nCOPY\n"), 2, "malformed");
    check(&runner("FROM scratch\nNONSENSE x\n"), 2, "malformed");
}

#[test]
fn every_bad_input_is_reported_at_once() {
    let output = FakeRunner::new()
        .input("image", "Shop/UPPER")
        .input("version", "one")
        .input("platform", "linux")
        .input("build-args", "novalue")
        .input("source-date-epoch", "yesterday")
        .run(crate::support::BINARY, [] as [&str; 0]);
    output.assert_code(2);
    for name in ["image", "version", "platforms", "build-args", "source-date-epoch"] {
        assert!(output.stderr.contains(&format!("`{name}`")), "{name}: {}", output.stderr);
    }
}

#[test]
fn a_wrong_version_for_the_branch_is_bad_input() {
    let output = run(&runner("FROM scratch\n").input("branch", "develop"));
    output.assert_code(2);
    assert!(output.stderr.contains("needs a snapshot version"), "{}", output.stderr);
    assert!(output.stdout.contains("title=build-and-tag/tags::"), "{}", output.stdout);
}

#[test]
fn a_folder_with_something_else_is_never_replaced() {
    let runner = runner("FROM scratch\n").file("out/thesis.txt", "precious");
    let output = run(&runner);
    output.assert_code(2);
    assert!(output.stderr.contains("is not an OCI layout"), "{}", output.stderr);
    assert_eq!(std::fs::read_to_string(out(&runner).join("thesis.txt")).unwrap(), "precious");
}

#[test]
fn a_missing_dockerfile_says_where_it_was_looked_for() {
    let output = FakeRunner::new().input("image", "a").input("tags", "1").run(crate::support::BINARY, [] as [&str; 0]);
    output.assert_code(2);
    assert!(output.stderr.contains("Dockerfile"), "{}", output.stderr);
}

#[test]
fn hostile_text_stays_text() {
    let dockerfile = "FROM scratch\nLABEL a=\"</details>`::error::x`\"\nCOPY $(touch${IFS}x) /\n";
    let output = run(&runner(dockerfile).input("branch", "$(touch pwned)").input("tags", "1"));
    output.assert_code(2);
    assert!(!output.stdout.lines().any(|line| line.starts_with("::error::x")), "{}", output.stdout);
}

#[test]
fn lists_as_other_actions_take_them_make_no_tags() {
    for tags in ["1.0.0,latest", r#"["1.0.0","latest"]"#, "1.0.0 latest", "'1.0.0'", "1.0.0\nname=shop"] {
        let output = run(&runner("FROM scratch\n").input("tags", tags));
        output.assert_code(2);
        assert!(output.stderr.contains("input `tags` has"), "{tags}: {}", output.stderr);
        assert!(output.stderr.contains("one tag per line"), "{tags}: {}", output.stderr);
    }
    let output = run(&runner("FROM scratch\n").input("tags", "type=semver,pattern={{version}}"));
    output.assert_code(2);
    assert!(output.stderr.contains("leave `tags` out"), "{}", output.stderr);
    let output = run(&runner("FROM scratch\n").input("tags", "feature/a"));
    output.assert_code(0);
    assert!(output.stdout.contains("the tag `feature/a` is written `feature-a-"), "{}", output.stdout);
}

#[test]
fn what_is_no_version_says_what_to_write() {
    for (version, help) in [
        ("v1.0.0", "write `1.0.0`: a `v` is part of a Git tag"),
        ("1.0", "write three numbers (`1.0.0`)"),
        ("1.0.0.RELEASE", "give the tags themselves with `tags`"),
        ("one", "write a version such as `1.0.0`"),
        ("1.0 0", "letters, digits and `.+-_` only"),
        ("", "input `version` is missing"),
    ] {
        let runner = runner("FROM scratch\n").input("branch", "main");
        let output = runner.run(crate::support::BINARY, [format!("--version={version}")]);
        output.assert_code(2);
        assert!(output.stderr.contains(help), "{version}: {}", output.stderr);
    }
}

#[test]
fn a_name_that_no_builder_takes_is_refused_with_the_stages_there_are() {
    let digest = format!("sha256:{}", "a".repeat(63));
    check(&runner(&format!("FROM example.com/nginx@{digest}\n")), 1, "64 hexadecimal digits");
    let build = "FROM scratch AS build\nFROM scratch\n";
    check(&runner(&format!("{build}COPY --from=Bild! /a /\n")), 3, "or of a stage above this line: `build`");
    check(&runner(&format!("{build}COPY --from=7 /a /\n")), 3, "or of a stage above this line: `build`");
    // An image may be called like this; what it is not is said where the embedded builder cannot take it.
    let runner = runner(&format!("{build}COPY --from=bild /a /\n")).input("builder", "embedded");
    check(&runner, 3, "the stages there are `build`");
}

#[test]
fn an_output_folder_with_files_of_the_build_is_no_missing_file() {
    let runner = runner("FROM scratch\nCOPY dist /\n").file("dist/a", "x").input("output-folder", "dist");
    let output = run(&runner);
    output.assert_code(2);
    assert!(output.stdout.contains("title=oci-image/occupied::"), "{}", output.stdout);
}

#[test]
fn a_dockerfile_with_another_name_or_place_is_named() {
    let runner = || runner("FROM scratch\n").file("app/Containerfile", "FROM scratch\n").input("context", "app");
    let output = run(&runner().input("file", "Containerfile"));
    output.assert_code(2);
    assert!(
        output.stderr.contains("set `file: app/Containerfile`: it is a path from the working"),
        "{}",
        output.stderr
    );
    let output = run(&runner().input("file", "Dockerfil"));
    output.assert_code(2);
    assert!(output.stderr.contains("set `file` to the one that is meant: `Dockerfile`"), "{}", output.stderr);
}

#[test]
fn a_processor_that_is_a_slip_of_the_pen_is_refused() {
    for (platform, meant) in [("linux/arm46", "arm64"), ("linux/x86_64", "amd64"), ("linux/amd46", "amd64")] {
        let output = run(&runner("FROM scratch\n").input("platforms", platform));
        output.assert_code(2);
        assert!(output.stderr.contains(&format!("did you mean `{meant}`?")), "{}", output.stderr);
    }
    run(&runner("FROM scratch\n").input("platforms", "linux/sparc64")).assert_code(0);
}
