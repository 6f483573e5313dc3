//! What the embedded builder makes.

use serde_json::json;
use testkit::runner::FakeRunner;

use crate::support::{built, out, run, runner};

const EVERYTHING: &str = r#"# escape=\
ARG WHO=world
FROM scratch AS tools
COPY assets /opt/assets
FROM scratch
ARG WHO
ARG TARGETARCH
ENV A=1 GREETING="hello $WHO" PORT=${PORT:-8080} ARCH=$TARGETARCH
LABEL org.opencontainers.image.title=Mine team=shop
MAINTAINER Ada
WORKDIR /srv
COPY --chown=65532 --chmod=0750 dist/backend \
    # the program
    ./
COPY --from=tools /opt/assets /assets/
COPY assets/*.txt /txt/
COPY <<END /etc/conf
who=$WHO
END
EXPOSE 8080 53/udp
VOLUME ["/data"]
STOPSIGNAL SIGINT
SHELL ["/bin/ash", "-c"]
USER 65532:65532
HEALTHCHECK --interval=1m30s --retries=2 CMD ["/srv/backend", "health"]
ONBUILD COPY . /app
ENTRYPOINT ["/srv/backend"]
CMD serve $now
"#;

fn with_files(dockerfile: &str) -> FakeRunner {
    runner(dockerfile)
        .file("dist/backend", "program")
        .file("assets/a.txt", "a")
        .file("assets/sub/b.txt", "b")
        .input("labels", "team=checkout")
        .input("build-args", "WHO=you")
}

#[test]
fn carries_out_every_instruction_that_needs_no_program() {
    let runner = with_files(EVERYTHING);
    let (output, seen) = built(&runner);
    assert_eq!(output.outputs["builder"], "embedded");
    assert_eq!(output.outputs["image"], "shop/backend:1.0.0");
    assert_eq!(output.outputs["created"], "2023-11-14T22:13:20Z");
    let Some(seen) = seen else { return };
    assert_eq!(seen.tags, ["1.0.0"]);
    let config = &seen.config["config"];
    assert_eq!(seen.config["author"], "Ada");
    assert_eq!(
        config["Env"].as_array().unwrap()[1..],
        [json!("A=1"), json!("GREETING=hello you"), json!("PORT=8080"), json!("ARCH=amd64")]
    );
    assert_eq!(config["Cmd"], json!(["/bin/ash", "-c", "serve $now"]));
    assert_eq!(config["Entrypoint"], json!(["/srv/backend"]));
    assert_eq!(config["ExposedPorts"], json!({"53/udp": {}, "8080/tcp": {}}));
    assert_eq!(config["Volumes"], json!({"/data": {}}));
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["Healthcheck"]["Interval"], 90_000_000_000_u64);
    assert_eq!(config["OnBuild"], json!(["COPY . /app"]));
    assert_eq!(config["WorkingDir"], "/srv");
    assert_eq!(config["User"], "65532:65532");
    let labels = &config["Labels"];
    assert_eq!(labels["team"], "checkout", "an asked-for label wins over the Dockerfile's");
    assert_eq!(labels["org.opencontainers.image.title"], "Mine", "the Dockerfile's wins over the default");
    assert_eq!(labels["org.opencontainers.image.version"], "1.0.0");
    assert_eq!(labels["org.opencontainers.image.revision"], testkit::runner::SHA);
    assert_eq!(labels["org.opencontainers.image.source"], "https://github.com/acme/shop");
    insta::assert_snapshot!(seen.entries().join("\n"), @r"
    d /srv 755 0:0 1700000000
    f /srv/backend 750 65532:65532 1700000000 program
    d /assets 755 0:0 1700000000
    f /assets/a.txt 644 0:0 1700000000 a
    d /assets/sub 755 0:0 1700000000
    f /assets/sub/b.txt 644 0:0 1700000000 b
    d /txt 755 0:0 1700000000
    f /txt/a.txt 644 0:0 1700000000 a
    d /etc 755 0:0 1700000000
    f /etc/conf 644 0:0 1700000000 who=you
    ");
}

#[test]
fn the_same_content_gives_the_same_digest_in_another_folder_at_another_time() {
    let (first, second) = (with_files(EVERYTHING), with_files(EVERYTHING));
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    let file = std::fs::File::options().write(true).open(second.workspace().join("assets/a.txt")).unwrap();
    file.set_modified(old).unwrap();
    assert_ne!(first.workspace(), second.workspace());
    assert_eq!(built(&first).0.outputs["digest"], built(&second).0.outputs["digest"]);
}

#[test]
fn a_second_run_says_already_built_and_other_content_does_not() {
    let runner = with_files(EVERYTHING);
    let first = run(&runner);
    let second = run(&runner);
    second.assert_code(0);
    assert!(second.summary.contains("already built"), "{}", second.summary);
    assert!(!first.summary.contains("already built"));
    std::fs::write(runner.workspace().join("assets/a.txt"), "other").unwrap();
    let third = run(&runner);
    assert!(!third.summary.contains("already built"));
    assert_ne!(third.outputs["digest"], first.outputs["digest"]);
}

#[test]
fn the_output_inside_the_context_is_not_copied_into_the_next_image() {
    let runner = runner("FROM scratch\nCOPY . /\n").file("a", "1");
    let first = run(&runner).outputs["digest"].clone();
    assert_eq!(run(&runner).outputs["digest"], first);
}

#[test]
fn copies_follow_dockers_rules_for_files_and_folders() {
    let runner = runner(
        "FROM scratch\nCOPY a.txt /file\nCOPY a.txt /folder/\nCOPY sub /content\nCOPY a.txt /content\nCOPY sub/*.md a.txt /many/\nCOPY [\"with space.txt\", \"/\"]\n",
    )
    .file("a.txt", "a")
    .file("sub/r.md", "r")
    .file("with space.txt", "s");
    let Some(seen) = built(&runner).1 else { return };
    let paths: Vec<&str> =
        seen.entries().into_iter().filter_map(|entry| entry.split(" /").nth(1)?.split(" 6").next()).collect();
    for path in ["file", "folder/a.txt", "content/r.md", "content/a.txt", "many/r.md", "many/a.txt", "with space.txt"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
}

#[test]
fn dockerignore_leaves_out_and_takes_back() {
    let runner = runner("FROM scratch\nCOPY . /\n")
        .file(".dockerignore", "# all but one\n*\n!dist\ndist/**/*.map\n!dist/keep.map\n")
        .file("secret", "x")
        .file("dist/app.js", "x")
        .file("dist/app.map", "x")
        .file("dist/keep.map", "x");
    let Some(seen) = built(&runner).1 else { return };
    let files: Vec<&str> = seen.entries().into_iter().filter(|entry| entry.starts_with('f')).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(files[0].contains("/dist/app.js") && files[1].contains("/dist/keep.map"), "{files:?}");
}

#[test]
fn an_added_archive_is_unpacked_and_a_copied_one_is_not() {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_mode(0o600);
    header.set_mtime(1_000);
    header.set_uid(7);
    tar.append_data(&mut header, "deep/in.txt", &b"i"[..]).unwrap();
    let bytes = tar.into_inner().unwrap();
    let runner = runner("FROM scratch\nADD x.tar /add/\nCOPY x.tar /copy/\nADD plain.txt /add/\n")
        .file("x.tar", &bytes)
        .file("plain.txt", "p");
    let Some(seen) = built(&runner).1.or(None) else { return };
    let entries = seen.entries();
    assert!(entries.contains(&"f /add/deep/in.txt 600 7:0 1000 i"), "{entries:?}");
    assert!(entries.iter().any(|entry| entry.starts_with("f /copy/x.tar 644 0:0")));
    assert!(entries.iter().any(|entry| entry.starts_with("f /add/plain.txt")));
}

#[test]
fn only_the_stages_the_target_needs_are_built() {
    let dockerfile = "FROM scratch AS wanted\nCOPY a /\nFROM debian AS other\nRUN make\n";
    let runner = runner(dockerfile).file("a", "1").input("target", "wanted");
    assert_eq!(built(&runner).0.outputs["builder"], "embedded");
}

#[test]
fn tags_follow_from_version_and_branch() {
    let develop = runner("FROM scratch\n").input("version", "1.1.0-SNAPSHOT").input("branch", "develop");
    assert_eq!(built(&develop).0.outputs["tags"], "1.1.0-SNAPSHOT\ndevelop\nlatest");
    let given = runner("FROM scratch\n").input("tags", "a\nb\na");
    assert_eq!(built(&given).0.outputs["tags"], "a\nb");
}

#[test]
fn a_pull_request_from_a_branch_called_like_ours_gets_no_tag_of_a_release() {
    for (head, version) in [("main", "1.0.0"), ("develop", "1.1.0-SNAPSHOT"), ("develop", "1.1.0")] {
        let pull = runner("FROM scratch\n")
            .input("version", version)
            .github("pull_request", "refs/pull/7/merge", testkit::runner::SHA, testkit::github::REPOSITORY)
            .env("GITHUB_HEAD_REF", head)
            .env("GITHUB_BASE_REF", "main");
        let core = version.trim_end_matches("-SNAPSHOT");
        assert_eq!(built(&pull).0.outputs["tags"], format!("{core}-pr-7-SNAPSHOT"), "{head}");
    }
}

#[test]
fn latest_moves_only_where_the_releases_are_known() {
    let stable = || runner("FROM scratch\n").input("branch", "main").input("latest", "stable");
    assert_eq!(built(&stable()).0.outputs["tags"], "1.0.0");
    let runner = stable();
    if !git(&runner, &["init", "--quiet"]) {
        eprintln!("SKIPPED the releases are known: git is not installed");
        return;
    }
    assert!(git(&runner, &["commit", "--quiet", "--allow-empty", "--message", "x"]));
    assert_eq!(built(&runner).0.outputs["tags"], "1.0.0", "a clone without tags may lack them");
    assert!(git(&runner, &["tag", "v0.9.0"]));
    assert_eq!(built(&runner).0.outputs["tags"], "1.0.0\nlatest");
    assert!(git(&runner, &["tag", "v2.0.0"]));
    let held = built(&runner).0;
    assert_eq!(held.outputs["tags"], "1.0.0");
    assert!(held.stdout.contains("`latest` stays where it is: 2.0.0"), "{}", held.stdout);
    let runner = runner.input("tag-prefix", "backend-v");
    assert_eq!(built(&runner).0.outputs["tags"], "1.0.0", "no tag begins so");
    assert!(git(&runner, &["tag", "backend-v0.9.0"]));
    assert_eq!(built(&runner).0.outputs["tags"], "1.0.0\nlatest");
}

#[test]
fn a_plain_shell_builds_the_branch_that_is_checked_out() {
    let arguments = ["--image=shop/backend", "--version=1.0.0", "--output-folder=out"];
    let shell = FakeRunner::plain_shell().file("Dockerfile", "FROM scratch\n");
    let refused = |why: &str| {
        let output = shell.run(crate::support::BINARY, arguments);
        output.assert_code(2);
        assert!(output.stderr.contains("build-and-tag/no-branch") && output.stderr.contains(why), "{}", output.stderr);
        assert!(!out(&shell).exists());
    };
    refused("is in no Git repository");
    if !git(&shell, &["init", "--quiet", "--initial-branch", "feature/x"]) {
        eprintln!("SKIPPED the branch that is checked out: git is not installed");
        return;
    }
    assert!(git(&shell, &["commit", "--quiet", "--allow-empty", "--message", "x"]));
    assert!(git(&shell, &["checkout", "--quiet", "--detach"]));
    refused("HEAD is detached");
    assert!(git(&shell, &["checkout", "--quiet", "feature/x"]));
    let output = shell.run(crate::support::BINARY, arguments);
    output.assert_code(0);
    assert!(output.stdout.contains("tags=1.0.0-feature-x"), "{}", output.stdout);
}

#[test]
fn a_run_about_a_tag_asks_for_a_branch() {
    let tag = runner("FROM scratch\n").github("push", "refs/tags/v1.0.0", testkit::runner::SHA, "acme/shop");
    let output = tag.run(crate::support::BINARY, [] as [&str; 0]);
    output.assert_code(2);
    assert!(output.stdout.contains("title=build-and-tag/no-branch::"), "{}", output.stdout);
    assert!(output.stderr.contains("the run is about `refs/tags/v1.0.0`, which is no branch"), "{}", output.stderr);
}

#[test]
fn a_dry_run_builds_nothing_and_prints_the_plan() {
    let runner = with_files(EVERYTHING);
    let output = runner.run(crate::support::BINARY, ["--dry-run", "--output", "json"]);
    output.assert_code(0);
    assert!(!out(&runner).exists());
    let plan: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(plan["tags"], json!(["1.0.0"]));
    assert_eq!(plan["build"]["embedded"][0]["stages"].as_array().unwrap().len(), 2);
}

#[test]
fn skopeo_reads_the_image() {
    let runner = with_files(EVERYTHING);
    let digest = built(&runner).0.outputs["digest"].clone();
    let reference = format!("oci:{}:1.0.0", out(&runner).display());
    let Ok(output) = std::process::Command::new("skopeo").args(["inspect", &reference]).output() else {
        eprintln!("SKIPPED skopeo reads the image: skopeo is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["Digest"], digest);
    assert_eq!(seen["Created"], "2023-11-14T22:13:20Z");
}

fn git(runner: &FakeRunner, args: &[&str]) -> bool {
    let run = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .current_dir(runner.workspace())
        .env("GIT_COMMITTER_DATE", "2024-02-03T04:05:06Z")
        .output();
    run.is_ok_and(|output| output.status.success())
}

#[test]
fn date_and_revision_are_the_commits() {
    let runner = FakeRunner::new()
        .file("Dockerfile", "FROM scratch\nCOPY a /\n")
        .file("a", "1")
        .input("image", "shop/backend")
        .input("version", "1.0.0")
        .input("output-folder", "out");
    let without = run(&runner);
    assert_eq!(without.outputs["created"], "1970-01-01T00:00:00Z", "never the wall clock");
    assert!(without.stdout.contains("::warning"), "{}", without.stdout);
    if !(git(&runner, &["init", "-q"]) && git(&runner, &["add", "a"]) && git(&runner, &["commit", "-qm", "x"])) {
        eprintln!("SKIPPED the commit's date: git is not installed");
        return;
    }
    let (output, seen) = built(&runner);
    assert_eq!(output.outputs["created"], "2024-02-03T04:05:06Z");
    let Some(seen) = seen else { return };
    assert_eq!(seen.entries(), ["f /a 644 0:0 1706933106 1"]);
    let revision = seen.config["config"]["Labels"]["org.opencontainers.image.revision"].as_str().unwrap();
    assert_eq!(revision.len(), 40);
    assert_ne!(revision, testkit::runner::SHA, "the commit in the context, not the run's");
}

#[test]
fn a_plain_shell_builds_below_a_folder_that_no_image_copies() {
    let runner = FakeRunner::plain_shell().file("Dockerfile", "FROM scratch\nCOPY . /\n");
    let build = |image: &str| {
        let output = runner.run(crate::support::BINARY, ["--image", image, "--tags", "1", "--source-date-epoch", "1"]);
        output.assert_code(0);
        output.stdout.clone()
    };
    let (first, second) = (build("one"), build("two"));
    assert!(runner.workspace().join(".slipway/one/index.json").is_file());
    let layer = |folder: &str| {
        let layout = oci_image::Layout::open(runner.workspace().join(".slipway").join(folder)).unwrap();
        layout.image(None, None).unwrap().layers()[0].digest().clone()
    };
    assert_eq!(layer("one"), layer("two"), "{first}{second}");
}
