//! A builder of others gets ECR's password from a credential helper that is the binary itself.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::http;
use testkit::runner::FakeRunner;

use crate::buildx::{WITH_RUN, told, with_buildx};
use crate::ecr::{HOST, PASSWORD, World, run};
use crate::support::BINARY;

/// Wraps the `docker` of the tests of buildx: `build` asks for the password of each host in `hosts` as Docker does, and keeps what the
/// configuration folder looks like; `TROUBLE` says how it ends.
const DOCKER: &str = r#"#!/bin/sh
case "$1 $2" in "buildx build"|build*)
    mkdir -p seen
    ls -lnd "$DOCKER_CONFIG" > seen/mode
    ls -1A "$DOCKER_CONFIG" > seen/entries
    cp "$DOCKER_CONFIG/config.json" seen/config.json
    printf '%s' "$BUILDX_CONFIG" > seen/buildx-config
    printf '%s' "$DOCKER_CONFIG" > seen/folder
    grep -rl "$(cat hidden)" "$DOCKER_CONFIG/" > seen/on-disk
    tr '\0' ' ' < "/proc/$PPID/cmdline" > seen/command-lines
    tr '\0' ' ' < /proc/$$/cmdline >> seen/command-lines
    for host in $(cat hosts); do
        printf '%s' "$host" | docker-credential-slipway get > "seen/$host" || echo "$?" > "seen/$host.code"
    done
    docker-credential-slipway list > seen/list
    if command -v skopeo > /dev/null; then skopeo login --get-login "$(head -1 hosts)" > seen/login 2>&1; fi
    case "$TROUBLE" in
    failing) exit 1 ;;
    waiting) echo waiting; sleep 600 ;;
    esac ;;
esac
exec bin/docker-itself "$@"
"#;

/// A step with that `docker`, in whose home somebody has logged in elsewhere.
fn step(world: &World, dockerfile: &str, hosts: &[&str]) -> FakeRunner {
    let step = with_buildx(dockerfile, "docker-container");
    let bin = step.workspace().join("bin");
    std::fs::rename(bin.join("docker"), bin.join("docker-itself")).unwrap();
    let config = json!({"auths": {"registry.example": {"auth": "bWU6bWluZQ=="}}, "credHelpers": {"gcr.io": "gcloud"}});
    let step = step
        .file("bin/docker", DOCKER)
        .file("hosts", hosts.join("\n"))
        .file("hidden", PASSWORD)
        .file("home/config.json", config.to_string())
        .file("home/cli-plugins/docker-buildx", "plugin");
    std::fs::set_permissions(bin.join("docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let home = step.workspace().join("home");
    world.around(step).env("DOCKER_CONFIG", home.display().to_string())
}

fn seen(step: &FakeRunner, name: &str) -> String {
    std::fs::read_to_string(step.workspace().join("seen").join(name)).unwrap_or_default()
}

/// The folder is gone, whatever became of the build.
#[track_caller]
fn is_removed(step: &FakeRunner) {
    let folder = PathBuf::from(seen(step, "folder"));
    assert!(folder.is_absolute() && !folder.exists(), "{}", folder.display());
}

#[test]
fn a_builder_gets_the_password_of_its_hosts_and_leaves_nothing() {
    let world = World::new();
    let dockerfile = format!("ARG BASE\nFROM ${{BASE}}/base:1\n{}", WITH_RUN.replace("FROM scratch\n", ""));
    let step = step(&world, &dockerfile, &[HOST, "210987654321.dkr.ecr.us-east-1.amazonaws.com", "registry.example"])
        .input("build-args", &format!("BASE={HOST}"))
        .input("cache", "registry:210987654321.dkr.ecr.us-east-1.amazonaws.com/shop/cache:main");
    let output = run(&step);
    output.assert_code(0);
    assert_eq!(output.outputs["builder"], "buildx");
    assert_eq!(world.aws.operations(), ["GetAuthorizationToken"; 2], "one for each region");
    for host in [HOST, "210987654321.dkr.ecr.us-east-1.amazonaws.com"] {
        let answer: Value = serde_json::from_str(&seen(&step, host)).unwrap();
        assert_eq!((answer["Username"].as_str(), answer["Secret"].as_str()), (Some("AWS"), Some(PASSWORD)));
        let url = format!("{}/v2/", world.registry.url());
        let basic = format!("Basic {}", STANDARD.encode(format!("AWS:{}", answer["Secret"].as_str().unwrap())));
        assert_eq!(http::send("GET", &url, &[("authorization", &basic)], b"").unwrap().status, 200);
        assert_eq!(http::get(&url).unwrap().status, 401);
    }
    assert_eq!(seen(&step, "registry.example.code"), "1\n", "it knows ECR's hosts and no others");
    assert!(seen(&step, "registry.example").contains("credentials not found in native keychain"));
    assert_eq!(serde_json::from_str::<Value>(&seen(&step, "list")).unwrap()[HOST], "AWS");
    let config: Value = serde_json::from_str(&seen(&step, "config.json")).unwrap();
    assert_eq!(config["credHelpers"][HOST], "slipway");
    assert_eq!(config["credHelpers"]["gcr.io"], "gcloud");
    assert_eq!(config["auths"]["registry.example"]["auth"], "bWU6bWluZQ==");
    assert!(seen(&step, "mode").starts_with("drwx------"), "{}", seen(&step, "mode"));
    assert!(seen(&step, "entries").contains("cli-plugins"), "plugins and builder instances are still found");
    assert_eq!(seen(&step, "buildx-config"), step.workspace().join("home/buildx").display().to_string());
    assert_eq!(seen(&step, "on-disk"), "");
    assert!(!seen(&step, "command-lines").contains(PASSWORD) && !told(&step).contains(PASSWORD));
    is_removed(&step);
    // Another program's code that reads such a configuration.
    match seen(&step, "login").trim() {
        "" => eprintln!("SKIPPED skopeo as a second client: it is not installed"),
        login => assert_eq!(login, "AWS"),
    }
}

#[test]
fn whoever_logged_in_before_keeps_the_own_credentials() {
    let world = World::new();
    let config = json!({"auths": {HOST: {"auth": "bWU6bWluZQ=="}}});
    let step =
        step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[HOST]).file("home/config.json", config.to_string());
    run(&step).assert_code(0);
    assert!(world.aws.requests().is_empty());
    assert_eq!(seen(&step, "folder"), step.workspace().join("home").display().to_string(), "nothing is changed");
}

#[test]
fn an_image_that_may_be_on_the_machine_is_no_reason_to_fail_and_a_cache_is() {
    let world = World::new();
    let without = |step: FakeRunner| step.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    let image = without(step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[]));
    let output = run(&image);
    output.assert_code(0);
    assert!(output.stdout.contains(&format!("the builder gets no password for `{HOST}`")), "{}", output.stdout);
    let cache = without(step(&world, WITH_RUN, &[]).input("cache", &format!("registry:{HOST}/shop/cache:main")));
    let output = run(&cache);
    output.assert_code(2);
    assert!(output.stdout.contains("::error title=aws/no-credentials::"), "{}", output.stdout);
    assert!(told(&cache).is_empty(), "nothing is built");
}

#[test]
fn the_public_registry_has_a_password_of_its_own() {
    let world = World::new();
    let token = STANDARD.encode(format!("AWS:{PASSWORD}"));
    world.aws.on("GetAuthorizationToken").reply(json!({"authorizationData": {"authorizationToken": token}}));
    let dockerfile = format!("FROM public.ecr.aws/docker/library/alpine:3\n{}", WITH_RUN.replace("FROM scratch\n", ""));
    let reads = step(&world, &dockerfile, &["public.ecr.aws"]);
    run(&reads).assert_code(0);
    assert!(world.aws.requests().is_empty(), "what is public is read by anybody");
    let writes = reads.input("cache-to", "type=registry,ref=public.ecr.aws/a1b2c3/cache:main");
    run(&writes).assert_code(0);
    let answer: Value = serde_json::from_str(&seen(&writes, "public.ecr.aws")).unwrap();
    assert_eq!(answer["Secret"], PASSWORD);
    let scope = world.aws.requests()[0].header("authorization").unwrap_or_default().to_owned();
    assert!(scope.contains("/us-east-1/ecr-public/"), "{scope}");
}

#[test]
fn the_folder_goes_when_the_builder_fails_and_when_the_run_is_cancelled() {
    let world = World::new();
    let dockerfile = format!("FROM {HOST}/base:1\nRUN true\n");
    let failing = step(&world, &dockerfile, &[HOST]).env("TROUBLE", "failing");
    run(&failing).assert_code(1);
    is_removed(&failing);
    let waiting = step(&world, &dockerfile, &[HOST]).env("TROUBLE", "waiting");
    let mut running = waiting.spawn(BINARY, [] as [&str; 0]);
    running.wait_for_output("waiting");
    running.terminate();
    running.finish().assert_code(130);
    is_removed(&waiting);
}

#[test]
fn the_helper_answers_nothing_without_passwords_and_bounds_what_it_reads() {
    let folder = tempfile_folder();
    let helper = folder.join("docker-credential-slipway");
    std::os::unix::fs::symlink(BINARY, &helper).unwrap();
    let ask = |word: &str, input: &[u8]| {
        let mut child =
            Command::new(&helper).arg(word).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input);
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let nothing = (Some(1), "credentials not found in native keychain".to_owned());
    assert_eq!(ask("get", HOST.as_bytes()), nothing);
    assert_eq!(ask("get", &vec![b'a'; 1 << 20]), nothing);
    assert_eq!(ask("get", b"\xff"), nothing);
    assert_eq!(ask("unknown", b""), nothing);
    assert_eq!(ask("list", b""), (Some(0), "{}".to_owned()));
    assert_eq!(ask("store", b"{}"), (Some(0), String::new()));
    std::fs::remove_dir_all(folder).unwrap();
}

fn tempfile_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("slipway-helper-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
