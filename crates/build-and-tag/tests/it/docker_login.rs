//! A builder of others gets ECR's password from a credential helper that is the binary itself.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::FakeOidc;
use testkit::http::{self, Reply};
use testkit::registry::FakeRegistry;
use testkit::runner::{FakeRunner, SHA};

use crate::buildx::{WITH_RUN, told, with_buildx};
use crate::ecr::{HOST, PASSWORD, ROLE, World, run, token};
use crate::published::push_into;
use crate::support::{BINARY, runner};

/// Wraps the `docker` of the tests of buildx: `build` asks for the password of each host in `hosts` as Docker does, and keeps what the
/// configuration folder looks like; `TROUBLE` says how it ends.
const DOCKER: &str = r#"#!/bin/sh
case "$1 $2" in "buildx build"|"build "*)
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

/// `me:mine`, as `docker login` writes it.
const OWN: &str = "bWU6bWluZQ==";

/// A step with that `docker`, in whose home somebody has logged in elsewhere.
fn step(world: &World, dockerfile: &str, hosts: &[&str]) -> FakeRunner {
    let step = with_buildx(dockerfile, "docker-container");
    let bin = step.workspace().join("bin");
    std::fs::rename(bin.join("docker"), bin.join("docker-itself")).unwrap();
    let config = json!({
        "auths": {"registry.example": {"auth": OWN}, "token.example": {"identitytoken": "a-token-of-mine"}},
        "credHelpers": {"gcr.io": "gcloud"},
        "currentContext": "default",
    });
    let step = step
        .file("bin/docker", DOCKER)
        .file("hosts", hosts.join("\n"))
        .file("hidden", [PASSWORD, OWN, "a-token-of-mine"].join("\n"))
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
    let hosts = [HOST, "210987654321.dkr.ecr.us-east-1.amazonaws.com", "registry.example", "token.example", "gcr.io"];
    let step = step(&world, &dockerfile, &hosts)
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
    let pair = |host: &str| {
        let answer: Value = serde_json::from_str(&seen(&step, host)).unwrap();
        format!("{} {}", answer["Username"].as_str().unwrap(), answer["Secret"].as_str().unwrap())
    };
    assert_eq!(
        (pair("registry.example").as_str(), pair("token.example").as_str()),
        ("me mine", "<token> a-token-of-mine")
    );
    assert_eq!(seen(&step, "gcr.io.code"), "1\n", "it knows what it was given and nothing else");
    assert!(seen(&step, "gcr.io").contains("credentials not found in native keychain"));
    assert_eq!(serde_json::from_str::<Value>(&seen(&step, "list")).unwrap()[HOST], "AWS");
    let config: Value = serde_json::from_str(&seen(&step, "config.json")).unwrap();
    assert_eq!(config["credHelpers"][HOST], "slipway");
    assert_eq!(config["credHelpers"]["gcr.io"], "gcloud");
    assert_eq!(config["credHelpers"]["registry.example"], "slipway");
    assert_eq!((&config["auths"]["registry.example"], &config["currentContext"]), (&json!({}), &json!("default")));
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
    let config = json!({"auths": {HOST: {"auth": OWN}}});
    let step =
        step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[HOST]).file("home/config.json", config.to_string());
    run(&step).assert_code(0);
    assert!(world.aws.requests().is_empty());
    assert_eq!(seen(&step, "folder"), step.workspace().join("home").display().to_string(), "nothing is changed");
}

#[test]
fn with_a_role_ecr_s_own_answer_counts_more_than_an_old_login() {
    let world = World::new();
    let config = json!({"auths": {HOST: {"auth": OWN}}});
    let oidc = FakeOidc::start().unwrap();
    let builder = step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[HOST]);
    let builder = world.with_role(&oidc, builder.file("home/config.json", config.to_string()));
    run(&builder).assert_code(0);
    assert_eq!(serde_json::from_str::<Value>(&seen(&builder, HOST)).unwrap()["Secret"], PASSWORD);
    assert_eq!(seen(&builder, "on-disk"), "");
    // The same for what the embedded builder pulls.
    let digest = push_into(&world.registry, "base", "1", SHA);
    let embedded = runner(&format!("FROM {HOST}/base@{digest}\n")).file("home/config.json", config.to_string());
    let home = embedded.workspace().join("home").display().to_string();
    let embedded = world.around(embedded).env("DOCKER_CONFIG", home);
    let old = run(&embedded);
    old.assert_code(1);
    assert!(old.stderr.contains("build-and-tag/pull"), "{}", old.stderr);
    run(&world.with_role(&oidc, embedded)).assert_code(0);
}

#[test]
fn a_host_that_is_only_written_does_not_end_the_run() {
    let other = "111111111111.dkr.ecr.us-east-1.amazonaws.com";
    let world = World::new();
    let answer = token();
    world.aws.on("GetAuthorizationToken").answer(move |call| match call.request.header("authorization") {
        Some(scope) if scope.contains("/us-east-1/") => {
            Reply::json(400, &json!({"__type": "AccessDeniedException", "message": "denied by an SCP"}))
        }
        _ => Reply::json(200, &answer),
    });
    let oidc = FakeOidc::start().unwrap();
    let dockerfile =
        format!("ARG REGISTRY={other}\nFROM ${{REGISTRY}}/base:1\nRUN echo 222222222222{}\n", &other[12..]);
    let mentioned = step(&world, &dockerfile, &[HOST]).input("build-args", &format!("REGISTRY={HOST}"));
    let output = run(&world.with_role(&oidc, mentioned));
    output.assert_code(0);
    assert_eq!(output.stdout.matches("the builder gets no password for").count(), 1, "{}", output.stdout);
    assert!(output.stdout.contains(&format!("`{other}`, `222222222222{}`", &other[12..])), "{}", output.stdout);
    assert_eq!(world.aws.calls_to("GetAuthorizationToken").len(), 2, "a region that refused is not asked again");
    // What is read must be there.
    let needed = world.with_role(&oidc, step(&world, &dockerfile, &[]));
    let output = run(&needed);
    output.assert_code(1);
    assert!(output.stdout.contains("::error title=aws/access-denied::"), "{}", output.stdout);
    assert!(told(&needed).is_empty(), "nothing is built");
}

#[test]
fn who_is_not_let_in_is_not_asked_for_each_host_again() {
    let world = World::new();
    world.aws.on("AssumeRoleWithWebIdentity").error(403, "AccessDenied", "Not authorized");
    let oidc = FakeOidc::start().unwrap();
    let hosts: Vec<String> = (1..5).map(|n| format!("{n:012}.dkr.ecr.eu-west-{n}.amazonaws.com")).collect();
    let several = step(&world, &format!("FROM scratch\nRUN echo {}\n", hosts.join(" ")), &[]);
    let several = several.envs(oidc.env()).input("role-to-assume", ROLE).input("aws-region", "eu-west-1");
    let output = run(&several);
    output.assert_code(0);
    assert_eq!(world.aws.operations(), ["AssumeRoleWithWebIdentity"]);
    let warning = format!("the builder gets no password for `{}`", hosts.join("`, `"));
    assert!(output.stdout.contains(&warning), "{}", output.stdout);
}

#[test]
fn logins_that_cannot_be_read_are_not_left_out_silently() {
    let world = World::new();
    for (text, why) in [("{\"auths\": ", "line 1, column 10 is no JSON"), ("[]", "it is no JSON object")] {
        let builder = step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[]).file("home/config.json", text);
        let output = run(&builder);
        output.assert_code(2);
        assert!(output.stdout.contains("::error title=build-and-tag/auth-file::"), "{}", output.stdout);
        assert!(output.stderr.contains(why) && output.stderr.contains("home/config.json"), "{}", output.stderr);
        assert!(told(&builder).is_empty(), "nothing is built");
    }
    // Where the builder is handed nothing it is the builder's own to judge.
    run(&step(&world, WITH_RUN, &[]).file("home/config.json", "[]")).assert_code(0);
    let many: serde_json::Map<String, Value> = (0..200)
        .map(|n| (format!("{n}.example"), json!({"auth": STANDARD.encode(format!("me:{n}{}", "x".repeat(700)))})))
        .collect();
    let config = json!({ "auths": many }).to_string();
    let output = run(&step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[]).file("home/config.json", config));
    output.assert_code(2);
    assert!(output.stderr.contains("build-and-tag/auth-file") && output.stderr.contains("128000"), "{}", output.stderr);
    let broken = json!({"auths": {"broken.example": {"auth": "%%%"}}}).to_string();
    let output =
        run(&step(&world, &format!("FROM {HOST}/base:1\nRUN true\n"), &[HOST]).file("home/config.json", broken));
    output.assert_code(0);
    assert!(output.stdout.contains("the login for `broken.example` is not Base64"), "{}", output.stdout);
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
    world.aws.on("GetAuthorizationToken").reply(json!({"authorizationData": {"authorizationToken": &token}}));
    let dockerfile = format!("FROM public.ecr.aws/docker/library/alpine:3\n{}", WITH_RUN.replace("FROM scratch\n", ""));
    let reads = step(&world, &dockerfile, &["public.ecr.aws"]);
    run(&reads).assert_code(0);
    assert!(world.aws.requests().is_empty(), "what is public is read by anybody");
    // Whoever has a role reads with a password where that is allowed, and as anybody where not.
    let oidc = FakeOidc::start().unwrap();
    let with_role = world.with_role(&oidc, step(&world, &dockerfile, &["public.ecr.aws"]));
    run(&with_role).assert_code(0);
    assert_eq!(serde_json::from_str::<Value>(&seen(&with_role, "public.ecr.aws")).unwrap()["Secret"], PASSWORD);
    let denied = World::new();
    denied.aws.on("GetAuthorizationToken").error(400, "AccessDeniedException", "not authorized");
    let output = run(&denied.with_role(&oidc, step(&denied, &dockerfile, &[])));
    output.assert_code(0);
    assert!(!output.stdout.contains("::warning"), "{}", output.stdout);
    assert!(output.stderr.contains("`public.ecr.aws` is read without a password"), "{}", output.stderr);
    // So does the embedded builder; the registry refuses a password that is shown to itself instead of to its token server.
    let registry = FakeRegistry::builder().repository("base").public_ecr_auth("AWS", PASSWORD).start().unwrap();
    let digest = push_into(&registry, "base", "1", SHA);
    let dockerfile = format!("FROM public.ecr.aws/base@{digest}\n");
    let embedded = || world.around(runner(&dockerfile)).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url());
    let anybody = run(&embedded());
    anybody.assert_code(1);
    assert!(anybody.stderr.contains("oci-registry/unauthorized"), "{}", anybody.stderr);
    run(&world.with_role(&oidc, embedded())).assert_code(0);
    let asked = embedded().input("repository-uri", "public.ecr.aws/base").input("tags", "1");
    assert_eq!(run(&world.with_role(&oidc, asked)).outputs["skipped"], "true");
    let config = json!({"auths": {"public.ecr.aws": {"auth": token}}}).to_string();
    let logged_in = embedded().file("home/config.json", config);
    let home = logged_in.workspace().join("home").display().to_string();
    run(&logged_in.env("DOCKER_CONFIG", home)).assert_code(0);
    world.aws.clear_requests();
    let writes = reads.input("cache-to", "type=registry,ref=public.ecr.aws/a1b2c3/cache:main");
    run(&writes).assert_code(0);
    let answer: Value = serde_json::from_str(&seen(&writes, "public.ecr.aws")).unwrap();
    assert_eq!(answer["Secret"], PASSWORD);
    let scope = world.aws.requests()[0].header("authorization").unwrap_or_default().to_owned();
    assert!(scope.contains("/us-east-1/ecr-public/"), "{scope}");
}

#[test]
fn a_role_without_the_public_password_is_asked_for_it_once() {
    let world = World::new();
    world.aws.on("GetAuthorizationToken").error(400, "AccessDeniedException", "not authorized");
    let registry = FakeRegistry::builder().repository("base").repository("other").start().unwrap();
    let pinned = ["base", "other"].map(|name| format!("{name}@{}", push_into(&registry, name, "1", SHA)));
    let from = |name: &str| format!("FROM public.ecr.aws/{name}");
    let dockerfile = format!("{} AS first\n{}\nCOPY --from=first . /\n", from(&pinned[0]), from(&pinned[1]));
    let step = world.around(runner(&dockerfile)).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url());
    let output = run(&world.with_role(&FakeOidc::start().unwrap(), step));
    output.assert_code(0);
    assert_eq!(world.aws.operations(), ["AssumeRoleWithWebIdentity", "GetAuthorizationToken"]);
    assert_eq!(output.stderr.matches("is read without a password").count(), 1, "{}", output.stderr);
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
