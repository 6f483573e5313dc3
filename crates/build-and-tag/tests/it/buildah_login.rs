//! buildah keeps the logins that it had, beside the passwords of ECR.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::http::Request;
use testkit::registry::FakeRegistry;
use testkit::runner::{FakeRunner, SHA};

use crate::ecr::{HOST, PASSWORD, World, run};
use crate::published::push_into;
use crate::support::{out, read, runner};

const OWN: &str = "a-password-of-mine";

/// A `buildah` that keeps what it was started with, and asks the helper as buildah does; then it fails.
const BUILDAH: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo 'buildah version 1.28.2'; exit 0; }
mkdir -p seen
printf '%s' "$DOCKER_CONFIG" > seen/docker-config
printf '%s' "$REGISTRY_AUTH_FILE" > seen/file
ls -lnd "${REGISTRY_AUTH_FILE%/*}" > seen/mode
cp "$REGISTRY_AUTH_FILE" seen/auth.json
for name in $(cat names); do printf '%s' "$name" | docker-credential-slipway get > "seen/$name"; done
if command -v skopeo > /dev/null; then
    for name in $(cat names); do skopeo login --get-login "$name" >> seen/users 2>&1; done
fi
exit 1
"#;

fn auth(password: &str) -> Value {
    json!({ "auth": STANDARD.encode(format!("me:{password}")) })
}

/// The surroundings of somebody who logged in with buildah and with Docker.
fn logged_in(step: FakeRunner, registry: &str) -> FakeRunner {
    let own = json!({"auths": {registry: auth(OWN), "divided.example/team": auth("of-a-team")}});
    let docker = json!({"auths": {registry: auth("an-old-one"), "docker.example": auth("of-docker")}});
    let step =
        step.file("run/containers/auth.json", own.to_string()).file("home/.docker/config.json", docker.to_string());
    let folder = |name: &str| step.workspace().join(name).display().to_string();
    let (run, home) = (folder("run"), folder("home"));
    step.env("XDG_RUNTIME_DIR", run).env("HOME", home)
}

fn seen(step: &FakeRunner, name: &str) -> String {
    std::fs::read_to_string(step.workspace().join("seen").join(name)).unwrap_or_default()
}

#[test]
fn buildah_is_handed_one_file_for_all_that_it_searches() {
    let world = World::new();
    let step = runner(&format!("FROM {HOST}/base:1\nRUN true\n"))
        .input("builder", "buildah")
        .file("bin/buildah", BUILDAH)
        .file("names", format!("{HOST}\nregistry.example\ndocker.example"));
    let step = logged_in(world.around(step), "registry.example");
    let bin = step.workspace().join("bin");
    std::fs::set_permissions(bin.join("buildah"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let step = step.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    run(&step).assert_code(1);
    assert_eq!(seen(&step, "docker-config"), "", "buildah would search nothing else");
    let secret = |name: &str| serde_json::from_str::<Value>(&seen(&step, name)).unwrap()["Secret"].clone();
    assert_eq!(
        (secret(HOST), secret("registry.example"), secret("docker.example")),
        (json!(PASSWORD), json!(OWN), json!("of-docker"))
    );
    let file: Value = serde_json::from_str(&seen(&step, "auth.json")).unwrap();
    assert_eq!(
        file["auths"],
        json!({"divided.example/team": auth("of-a-team")}),
        "no helper is asked about a part of a registry"
    );
    assert_eq!(file["credHelpers"][HOST], "slipway");
    assert!(seen(&step, "mode").starts_with("drwx------"), "{}", seen(&step, "mode"));
    let file = std::path::PathBuf::from(seen(&step, "file"));
    assert!(file.is_absolute() && !file.exists(), "{}", file.display());
    // Another program's code that reads such a file.
    match seen(&step, "users").trim() {
        "" => eprintln!("SKIPPED skopeo as a second client: it is not installed"),
        users => assert_eq!(users, "AWS\nme\nme"),
    }
}

#[test]
fn buildah_itself_pulls_from_ecr_and_from_where_it_was_logged_in() {
    let answers = Command::new("buildah").args(["--storage-driver", "vfs", "images"]).output();
    if !answers.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED buildah builds: buildah is not installed or cannot work here");
        return;
    }
    let world = World::new();
    push_into(&world.registry, "base", "1", SHA);
    let registry = FakeRegistry::builder().repository("base").basic_auth("me", OWN).start().unwrap();
    push_into(&registry, "base", "1", SHA);
    let insecure =
        [HOST, &registry.host()].map(|host| format!("[[registry]]\nlocation = \"{host}\"\ninsecure = true\n"));
    let dockerfile = format!("FROM {HOST}/base:1\nCOPY a /a\nFROM {}/base:1\nCOPY --from=0 /a /b\n", registry.host());
    let step = runner(&dockerfile)
        .file("a", "1")
        .file("registries.conf", insecure.concat())
        .input("builder", "buildah")
        // Nobody finds ECR's host by its name here.
        .env("NO_PROXY", "127.0.0.1")
        .env("HTTP_PROXY", world.registry.url())
        .env("HTTPS_PROXY", world.registry.url());
    let step = logged_in(world.around(step), &registry.host());
    let workspace = step.workspace().to_owned();
    let file = |name: &str| workspace.join(name).display().to_string();
    let (configuration, chosen) = (file("registries.conf"), file("run/containers/auth.json"));
    // Images of its own: one that is there already would not be pulled.
    let storage =
        format!("[storage]\ndriver = \"vfs\"\ngraphroot = {:?}\nrunroot = {:?}\n", file("graph"), file("state"));
    let step = step.file("storage.conf", storage).file(".dockerignore", "*\n!a\n").input("pull", "true");
    let storage = file("storage.conf");
    let step = step.env("CONTAINERS_REGISTRIES_CONF", configuration).env("CONTAINERS_STORAGE_CONF", storage);
    let pulls = |step: &FakeRunner| {
        run(step).assert_code(0);
        for registry in [&world.registry, &registry] {
            let with_password = |request: &Request| request.header("authorization").is_some();
            assert!(registry.requests().iter().any(with_password), "it was really asked");
            registry.clear_requests();
        }
        assert!(read(&out(step)).is_none_or(|image| image.layers.len() == 1));
    };
    pulls(&step);
    pulls(&step.env("REGISTRY_AUTH_FILE", chosen));
    assert_eq!(world.aws.operations(), ["GetAuthorizationToken"; 2]);
}
