//! Registries and proxies whose answers promise less than they seem to, as the binary meets them.

use serde_json::json;
use testkit::fault::Fault;
use testkit::http::{Reply, send};
use testkit::registry::FakeRegistry;

use crate::world::{MANIFEST, World, repository, run, write_image};

#[test]
fn a_layer_that_is_sent_on_to_another_host_gets_there_without_the_password() {
    let (world, store) = (World::new(), FakeRegistry::builder().repository("shop").start().unwrap());
    let to = store.url();
    // The other host keeps the layer for the registry.
    let on = Fault::rewrite(move |request, _| {
        let begun = send("POST", &format!("{to}/v2/shop/blobs/uploads/"), &[], b"").unwrap();
        let digest = request.query_value("digest").unwrap_or_default();
        let location = format!("{to}{}?digest={digest}", begun.header("location").unwrap_or_default());
        Reply::new(307).with_header("location", location)
    });
    world.registry.faults().add(on.on("PUT", "*/blobs/uploads/*").always());
    let step = world.step("1.0.0");
    let digest = write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    assert_eq!(world.registry.tags("shop")["1.0.0"], digest);
    let puts: Vec<_> = store.requests().into_iter().filter(|request| request.method == "PUT").collect();
    assert_eq!(puts.len(), 2);
    assert!(puts.iter().all(|put| put.header("authorization").is_none()));
}

/// Nothing looks at a protected tag again: what the write answers has to be right.
#[test]
fn a_tag_whose_write_leads_to_a_page_is_no_success() {
    let world = World::with(FakeRegistry::builder().repository("shop").immutable_tags());
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "IMMUTABLE")]}));
    let page = Reply::text(200, "<html>please log in</html>");
    world.registry.faults().add(Fault::reply(page).on("PUT", "*/manifests/1.0.0").always());
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("oci-registry/bad-answer"), "{}", out.stderr);
    assert_eq!(out.outputs.get("pushed").map(String::as_str).unwrap_or_default(), "");
}

#[test]
fn a_digest_of_another_algorithm_is_no_conflict() {
    let world = World::new();
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    let long = format!("sha512:{}", "a".repeat(128));
    let head = Reply::new(200).with_header("docker-content-digest", long).with_header("content-type", MANIFEST);
    world.registry.faults().add(Fault::reply(head).on("HEAD", "*/manifests/1.0.0").always());
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(out.outputs["pushed"], "false");
}
