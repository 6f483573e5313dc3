use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::adaptation::{Adaptation, Network};
use crate::relay::{Relay, Upstream};

/// An engine that takes one connection, answers it with `answer` and returns what it was asked, as far as `until`.
fn engine(socket: &Path, until: &'static str, answer: &'static str) -> JoinHandle<String> {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut asked, mut byte) = (Vec::new(), [0]);
        while !asked.ends_with(until.as_bytes()) {
            stream.read_exact(&mut byte).unwrap();
            asked.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(asked).unwrap()
    })
}

fn adaptation() -> Arc<Adaptation> {
    let adaptation = Adaptation::new("7".to_owned(), Network::Isolated);
    adaptation.registry_is_at("eu-west-1", "127.0.0.1:4566".to_owned());
    Arc::new(adaptation)
}

fn connect(relay: &Relay) -> UnixStream {
    UnixStream::connect(relay.address().strip_prefix("unix://").unwrap()).unwrap()
}

fn answer_of(mut stream: UnixStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_container_that_comes_in_pieces_is_passed_on_whole() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine");
    let engine = engine(&socket, "}}", "HTTP/1.1 201 Created\r\n\r\n");
    let relay = Relay::start(Upstream::Unix(socket), adaptation()).unwrap();
    let mut client = connect(&relay);
    for piece in ["POST /containers/create HTTP/1.1\r\nContent-Len", "gth: 15\r\n\r\n{\"Image\"", ":\"web\"}"] {
        client.write_all(piece.as_bytes()).unwrap();
    }
    assert_eq!(answer_of(client), "HTTP/1.1 201 Created\r\n\r\n");
    let asked = engine.join().unwrap();
    let body = asked.split_once("\r\n\r\n").unwrap().1;
    assert!(body.contains("\"slipway.rehearsal\":\"7\"") && body.contains("\"NetworkMode\":\"none\""), "{asked}");
    assert!(asked.contains(&format!("Content-Length: {}\r\n", body.len())), "{asked}");
}

#[test]
fn other_bodies_and_answers_pass_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine");
    let engine = engine(&socket, "0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nline 1\nline 2\n");
    let relay = Relay::start(Upstream::Unix(socket), adaptation()).unwrap();
    let mut client = connect(&relay);
    let body = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n";
    client.write_all(format!("POST /build HTTP/1.1\r\n{body}").as_bytes()).unwrap();
    assert_eq!(answer_of(client), "HTTP/1.1 200 OK\r\n\r\nline 1\nline 2\n");
    assert_eq!(engine.join().unwrap(), format!("POST /build HTTP/1.1\r\n{body}"));
}

#[test]
fn only_this_user_reaches_the_engine_and_nobody_after_the_end() {
    use std::os::unix::fs::PermissionsExt as _;
    let relay = Relay::start(Upstream::Unix("/nowhere".into()), adaptation()).unwrap();
    let socket = relay.address().strip_prefix("unix://").unwrap().to_owned();
    let folder = Path::new(&socket).parent().unwrap().to_owned();
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0);
    let mut client = connect(&relay);
    client.write_all(b"GET /version HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(answer_of(client), "", "there is no engine, so there is no answer");
    drop(relay);
    assert!(!folder.exists());
}

#[test]
fn an_engine_on_a_port_of_the_loopback_is_reached_as_well() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let engine = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4];
        stream.read_exact(&mut asked).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nOK").unwrap();
        asked
    });
    let relay = Relay::start(Upstream::Tcp(address), adaptation()).unwrap();
    let mut client = connect(&relay);
    client.write_all(b"GET /_ping HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(answer_of(client), "HTTP/1.1 200 OK\r\n\r\nOK");
    assert_eq!(&engine.join().unwrap(), b"GET ");
}
