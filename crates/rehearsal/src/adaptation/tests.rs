use serde_json::{Value, json};

use super::{Adaptation, Answer, Head, Network};

const IMAGE: &str = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:0a";

fn adaptation(network: Network) -> Adaptation {
    let adaptation = Adaptation::new("7".to_owned(), network);
    adaptation.registry_is_at("eu-west-1", "127.0.0.1:4566".to_owned());
    adaptation
}

fn created(network: Network, container: &Value) -> Value {
    let body = adaptation(network).container(container.to_string().as_bytes()).unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn head(text: &str) -> Head {
    Head::parse(format!("{text}\r\n\r\n").as_bytes()).unwrap()
}

#[test]
fn an_image_of_ecr_is_pulled_from_the_emulators_registry() {
    let mut pull = head(
        "POST /v1.41/images/create?fromImage=000000000000.dkr.ecr.eu-west-1.amazonaws.com%2Fshop&tag=sha256%3A0a HTTP/1.1\r\nHost: localhost",
    );
    assert_eq!(adaptation(Network::Bridge).head(&mut pull), Answer::Engine);
    let line = "POST /v1.41/images/create?fromImage=127.0.0.1:4566%2Fshop&tag=sha256%3A0a HTTP/1.1";
    assert_eq!(pull.to_string(), format!("{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
}

#[test]
fn a_container_is_labeled_and_keeps_the_bridge_of_a_usual_engine() {
    let asked = json!({ "Image": IMAGE, "Labels": { "ministack": "ecs" }, "HostConfig": { "ExtraHosts": ["a:b"] } });
    let expected = json!({
        "Image": "127.0.0.1:4566/shop@sha256:0a",
        "Labels": { "ministack": "ecs", "slipway.rehearsal": "7" },
        "HostConfig": { "ExtraHosts": ["a:b"] },
    });
    assert_eq!(created(Network::Bridge, &asked), expected);
}

#[test]
fn a_container_of_an_engine_without_a_bridge_has_its_own_loopback() {
    let asked = json!({
        "Image": "nginx", "Labels": null, "NetworkingConfig": { "web": {} },
        "HostConfig": { "NetworkMode": "default", "ExtraHosts": ["host.docker.internal:host-gateway"] },
    });
    let expected =
        json!({ "Image": "nginx", "Labels": { "slipway.rehearsal": "7" }, "HostConfig": { "NetworkMode": "none" } });
    assert_eq!(created(Network::Isolated, &asked), expected);
}

#[test]
fn the_emulator_sees_no_containers_before_it_made_one() {
    let adaptation = adaptation(Network::Bridge);
    let mut list = head("GET /v1.41/containers/json?all=1 HTTP/1.1");
    assert!(matches!(adaptation.head(&mut list), Answer::Own(reply) if reply.ends_with("\r\n\r\n[]\n")));
    let mut inspect = head("GET /v1.41/containers/0a/json HTTP/1.1");
    assert_eq!(adaptation.head(&mut inspect), Answer::Engine);
    adaptation.container(b"{}").unwrap();
    assert_eq!(adaptation.head(&mut list), Answer::Engine);
}

#[test]
fn an_upgraded_connection_stays_one() {
    let mut start = head("POST /exec/0a/start HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp");
    adaptation(Network::Bridge).head(&mut start);
    assert!(start.to_string().contains("Connection: Upgrade\r\n"), "{start}");
}

#[test]
fn a_container_is_described_by_an_object() {
    assert!(adaptation(Network::Bridge).container(b"[]").is_none());
    assert!(Head::parse(b"GET / HTTP/1.1\r\nno colon\r\n\r\n").is_none());
}
