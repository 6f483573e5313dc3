//! The binary as a container runs it.

use crate::support::{Service, command, exchange, get, output};

#[test]
fn serves_health_and_version() {
    let service = Service::start();
    assert_eq!(get(service.address, "/health"), ("HTTP/1.1 200 OK".to_owned(), r#"{"status":"ok"}"#.to_owned()));
    let (status, body) = get(service.address, "/version");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(body.starts_with(&format!(r#"{{"version":"{}","commit":"#, env!("CARGO_PKG_VERSION"))), "{body}");
}

#[test]
fn answers_unknown_paths_and_methods_with_json() {
    let service = Service::start();
    let (status, body) = get(service.address, "/nowhere");
    assert_eq!((status.as_str(), body.as_str()), ("HTTP/1.1 404 Not Found", r#"{"error":"not found"}"#));
    let answer = exchange(service.address, b"POST /health HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.contains("\r\nAllow: GET, HEAD\r\n"), "{answer}");
}

#[test]
fn survives_garbage_and_keeps_serving() {
    let service = Service::start();
    let answer = exchange(service.address, b"\x16\x03\x01\x00\xa5 hello\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(get(service.address, "/health").0, "HTTP/1.1 200 OK");
}

#[test]
fn health_check_succeeds_against_a_running_service() {
    let service = Service::start();
    let port = service.address.port().to_string();
    let mut probe = command(&["--health-check"]);
    assert_eq!(output(probe.env("PORT", port)), (Some(0), String::new()));
}

#[test]
fn health_check_fails_when_nothing_listens() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, stderr) = output(command(&["--health-check"]).env("PORT", port.to_string()));
    assert_eq!(code, Some(1));
    assert!(stderr.starts_with("backend: no answer from /health: "), "{stderr}");
}

#[test]
fn refuses_to_start_with_a_port_that_is_no_port() {
    let expected = "backend: PORT must be a number from 0 to 65535, not \"eighty\"\n";
    assert_eq!(output(command(&[]).env("PORT", "eighty")), (Some(78), expected.to_owned()));
}

#[test]
fn fails_when_the_port_is_taken() {
    let service = Service::start();
    let port = service.address.port().to_string();
    let (code, stderr) = output(command(&[]).env("HOST", "127.0.0.1").env("PORT", port));
    assert_eq!(code, Some(1));
    assert!(stderr.starts_with("backend: cannot listen on 127.0.0.1:"), "{stderr}");
}

#[test]
fn names_its_arguments_when_it_does_not_know_one() {
    let (code, stderr) = output(&mut command(&["--help-me"]));
    assert_eq!((code, stderr.as_str()), (Some(2), "backend: usage: backend [--health-check | --version]\n"));
}
