//! The bounds on size, time and concurrency.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use slipway_backend::{Build, Limits, ProbeError, Server, probe};

use crate::support::{exchange, get};

fn serve(limits: Limits) -> SocketAddr {
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), limits, Build::current()).unwrap();
    let address = server.address().unwrap();
    thread::spawn(move || server.serve());
    address
}

#[test]
fn answers_a_slow_client_with_408_and_frees_the_worker() {
    let limits = Limits { workers: 1, patience: Duration::from_millis(50), ..Limits::default() };
    let address = serve(limits);
    let answer = exchange(address, b"GET /health HTTP/1.1\r\n");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(get(address, "/health").0, "HTTP/1.1 200 OK");
}

#[test]
fn accepts_a_head_of_exactly_the_limit_and_refuses_one_more_byte() {
    let address = serve(Limits { head_bytes: 64, ..Limits::default() });
    let head = |length: usize| {
        let start = "GET /health HTTP/1.1\r\nX: ";
        format!("{start}{}\r\n\r\n", "a".repeat(length - start.len() - 4))
    };
    assert!(exchange(address, head(64).as_bytes()).starts_with("HTTP/1.1 200 "));
    assert!(exchange(address, head(65).as_bytes()).starts_with("HTTP/1.1 431 "));
}

#[test]
fn refuses_a_head_that_never_ends_without_reading_it_all() {
    let address = serve(Limits { head_bytes: 1024, ..Limits::default() });
    let answer = exchange(address, format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(20_000)).as_bytes());
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[test]
fn serves_while_other_connections_idle() {
    let address = serve(Limits { workers: 3, ..Limits::default() });
    let idle: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(get(address, "/health").0, "HTTP/1.1 200 OK");
    drop(idle);
}

#[test]
fn answers_many_clients_at_once() {
    let address = serve(Limits { workers: 2, ..Limits::default() });
    let clients: Vec<_> = (0..32).map(|_| thread::spawn(move || get(address, "/version").0)).collect();
    for client in clients {
        assert_eq!(client.join().unwrap(), "HTTP/1.1 200 OK");
    }
}

#[test]
fn probe_calls_another_status_unhealthy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 512]).unwrap();
        stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap();
    });
    let error = probe(address).unwrap_err();
    peer.join().unwrap();
    assert!(matches!(&error, ProbeError::Unhealthy(line) if line == "HTTP/1.1 503 Service Unavailable"), "{error}");
}
