//! Bad input: all of it at once, before anything is called.

use testkit::registry::FakeRegistry;

use super::*;
use crate::world::run;

#[test]
fn every_bad_field_is_named_at_once() {
    let world = World::with(FakeRegistry::builder());
    let step = world
        .step("1.0.0\n$(touch pwned)\n::error::x")
        .input("repository", "../Shop")
        .input("source", "docker-daemon:--output=x")
        .input("mutable-tags", "a b")
        .input("registry-id", "12")
        .env("SLIPWAY_REGISTRY_ENDPOINT", "https://evil.example");
    let out = run(&step);
    out.assert_code(2);
    for name in ["`tags`", "`repository`", "`source`", "`mutable-tags`", "`registry-id`", "`SLIPWAY_REGISTRY_ENDPOINT`"]
    {
        assert!(out.stderr.contains(name), "{name}: {}", out.stderr);
    }
    assert!(!out.stderr.lines().chain(out.stdout.lines()).any(|line| line.starts_with("::error::x")), "{}", out.stdout);
    assert!(!step.workspace().join("pwned").exists());
    assert!(world.aws.calls().is_empty() && world.registry.requests().is_empty());
}

#[test]
fn missing_inputs_are_named_at_once() {
    let out = run(&testkit::runner::FakeRunner::new());
    out.assert_code(2);
    for name in ["`source`", "`repository`", "`tags`"] {
        assert!(out.stderr.contains(name), "{name}: {}", out.stderr);
    }
}
