//! No credential is left anywhere, whatever AWS and the registry say; and no value of an input does harm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use testkit::canary::{Canaries, Recorder};
use testkit::http::Reply;
use testkit::runner::FakeRunner;
use testkit::{FakeOidc, Fault};

use crate::world::{PASSWORD, World, write_image};

const BINARY: &str = env!("CARGO_BIN_EXE_ecr-push");
const SECRET_KEY: &str = "aws/c4nary+Secret&Key\"<0123456789";
const SESSION: &str = "IQoJb3JpZ2luX2VjEcanary+session/token==";

fn canaries() -> Canaries {
    Canaries::new().with("the password", PASSWORD).with("the secret key", SECRET_KEY).with("the session token", SESSION)
}

fn step(world: &World) -> FakeRunner {
    let step = world.step("1.0.0").env("AWS_SECRET_ACCESS_KEY", SECRET_KEY).env("AWS_SESSION_TOKEN", SESSION);
    write_image(step.workspace(), "a layer");
    step
}

#[test]
fn a_push_leaves_no_credential() {
    let world = World::new();
    let output = canaries().check_all_ways(step(&world), BINARY, &[], &[]);
    output.assert_code(0);
    assert!(world.registry.tags("shop").contains_key("1.0.0"));
    let is_told = |request: &testkit::http::Request| request.header("x-amz-security-token") == Some(SESSION);
    assert!(world.aws.requests().iter().all(is_told), "the credentials were really used");
    let is_logged_in = |request: &testkit::http::Request| request.header("authorization").is_some();
    assert!(world.registry.requests().iter().any(is_logged_in), "the password was really used");
    for request in world.registry.requests().iter().chain(&world.aws.requests()) {
        canaries().check("a request's line", request.line());
        canaries().check("a request's body", &request.body);
    }
}

#[test]
fn what_the_servers_say_about_a_credential_is_not_repeated() {
    let words = format!("the password {PASSWORD} of {SECRET_KEY} with {SESSION} is wrong");
    for status in [401, 403] {
        let world = World::new();
        let body = json!({ "errors": [{ "code": "DENIED", "message": words }] });
        world.registry.faults().add(Fault::reply(Reply::json(status, &body)).on("*", "*").always());
        let output = canaries().check_all_ways(step(&world), BINARY, &[], &[]);
        assert_ne!(output.code, 0, "{status}");
    }
    let world = World::new();
    // Nobody can hide a password that was never told to us.
    let words = format!("{SECRET_KEY} with {SESSION} is wrong");
    world.aws.on("GetAuthorizationToken").error(400, "AccessDeniedException", &words);
    let output = canaries().check_all_ways(step(&world), BINARY, &[], &[]);
    assert_ne!(output.code, 0);
}

#[test]
fn a_role_taken_with_the_jobs_token_leaves_nothing_of_it() {
    let world = World::new();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = json!({"sub": "repo:acme/shop:ref:refs/heads/main", "aud": "sts.amazonaws.com", "jti": "c4nary"});
    let parts =
        [part("{\"alg\":\"RS256\",\"kid\":\"c4nary\"}"), part(&claims.to_string()), part("the c4nary's signature")];
    let oidc = FakeOidc::builder().token(parts.join(".")).start().unwrap();
    let role = "role-c4nary/secret+key";
    world.aws.on("AssumeRoleWithWebIdentity").raw(Reply::xml(
        200,
        format!(
            "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAROLE00000000EXAMPLE</AccessKeyId>\
         <SecretAccessKey>{role}</SecretAccessKey><SessionToken>{SESSION}</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
         </AssumeRoleWithWebIdentityResponse>"
        ),
    ));
    let step = step(&world)
        .without("AWS_SESSION_TOKEN")
        .envs(oidc.env())
        .input("role-to-assume", "arn:aws:iam::123456789012:role/deploy")
        .input("aws-region", "eu-west-1");
    let canaries = canaries().with("the role's key", role).with("the request token", oidc.request_token());
    // The signature alone is worth something to whoever has the rest, so each part counts.
    let canaries = parts.iter().fold(canaries, |canaries, part| canaries.with("a part of the job's token", part));
    let output = canaries.check_all_ways(step, BINARY, &[], &[]);
    output.assert_code(0);
    assert_eq!(oidc.issued(), vec![parts.join("."); 5], "each run asked for the job's token");
    let exchanged = world.aws.calls_to("AssumeRoleWithWebIdentity");
    assert!(exchanged.iter().all(|call| call.body["WebIdentityToken"] == parts.join(".")), "it was really used");
}

#[test]
fn docker_gets_no_credential_in_its_arguments() {
    let world = World::new();
    let recorder = Recorder::new().program("docker", "echo \"$AWS_SECRET_ACCESS_KEY\" >&2; exit 1");
    let step = step(&world).env("PATH", recorder.path()).input("source", "docker-daemon:shop:1");
    canaries().check_all_ways(step, BINARY, &[], &[]);
    canaries().check("docker's arguments", recorder.arguments());
    assert!(recorder.arguments().contains("docker"), "it was called");
}

#[test]
fn a_killed_push_leaves_no_credential() {
    let world = World::new();
    world.registry.faults().add(Fault::delay(std::time::Duration::from_secs(20)).on("PUT", "*").always());
    canaries().check_killed(&step(&world), BINARY, &[], &[], || world.uploads());
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let world = World::new();
    testkit::hostile::check(BINARY, || step(&world));
}
