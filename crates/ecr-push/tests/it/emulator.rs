//! The same binary against ministack: ECR's API and its registry on one port.

use testkit::aws::ContractProxy;
use testkit::ministack::Ministack;
use testkit::runner::FakeRunner;
use testkit::tools::Tools;

use super::*;
use crate::world::run;

fn step(ministack: &Ministack, proxy: &ContractProxy, repository: &str, tags: &str) -> FakeRunner {
    FakeRunner::new()
        .envs(ministack.env())
        .env("AWS_ENDPOINT_URL", proxy.url())
        .env("SLIPWAY_REGISTRY_ENDPOINT", ministack.endpoint())
        .input("source", "oci:image")
        .input("repository", repository)
        .input("tags", tags)
}

#[test]
fn pushes_again_moves_and_refuses_against_the_emulator() {
    let ministack = Tools::locate()
        .map_err(|error| error.to_string())
        .and_then(|tools| Ministack::start(&tools).map_err(|error| error.to_string()));
    let ministack = match ministack {
        Ok(ministack) => ministack,
        Err(reason) => {
            eprintln!("SKIPPED ecr-push against ministack: {reason}");
            return;
        }
    };
    let proxy = ContractProxy::start(&ministack.endpoint()).unwrap();
    let missing = step(&ministack, &proxy, "team/shop", "1.0.0");
    write_image(missing.workspace(), "layer");
    run(&missing).assert_code(2);

    let release = step(&ministack, &proxy, "team/shop", "1.0.0\nlatest").input("create-repository", "true");
    let digest = write_image(release.workspace(), "layer");
    let first = run(&release);
    first.assert_code(0);
    assert_eq!(first.outputs["pushed"], "true");
    for reference in ["1.0.0", "latest", &digest] {
        let url = format!("{}/v2/team/shop/manifests/{reference}", ministack.endpoint());
        let read = testkit::http::get(&url).unwrap();
        assert_eq!((read.status, testkit::registry::digest(&read.body)), (200, digest.clone()), "{reference}");
    }
    let second = run(&release);
    second.assert_code(0);
    assert_eq!(second.outputs["pushed"], "false");

    let other = write_image(release.workspace(), "another layer");
    run(&release).assert_code(1);
    let snapshot = step(&ministack, &proxy, "team/shop", "1.1.0-SNAPSHOT\nlatest");
    write_image(snapshot.workspace(), "another layer");
    run(&snapshot).assert_code(0);
    let url = format!("{}/v2/team/shop/manifests/latest", ministack.endpoint());
    assert_eq!(testkit::registry::digest(&testkit::http::get(&url).unwrap().body), other);
}
