//! A client that sends what a test says, byte for byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }

    /// The texts of every element of one name.
    pub(crate) fn all(&self, element: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body));
        let named = document.descendants().filter(|node| node.tag_name().name() == element);
        named.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    }
}

/// Starts a stand-in that lives as long as the test.
pub(crate) fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || s3_stand_in::serve(listener));
    address
}

/// A connection that is kept.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).unwrap()))
    }

    /// Sends bytes as they are.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Sends a request: its line, its further headers, its body.
    pub(crate) fn send(&mut self, line: &str, headers: &[&str], body: &str) -> Answer {
        let length = format!("content-length: {}", body.len());
        let first = format!("{line} HTTP/1.1\r\nhost: x");
        let head = [first.as_str(), &length].into_iter().chain(headers.iter().copied());
        self.write([&head.collect::<Vec<_>>().join("\r\n"), "\r\n\r\n", body].concat().as_bytes());
        self.read(line.starts_with("HEAD"))
    }

    /// Reads one answer.
    pub(crate) fn read(&mut self, is_head: bool) -> Answer {
        let mut headers = String::new();
        let mut first = String::new();
        self.0.read_line(&mut first).unwrap();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            headers.push_str(&line.replace('\r', ""));
        }
        let mut answer =
            Answer { status: first.split(' ').nth(1).unwrap().parse().unwrap(), headers, body: String::new() };
        let length = if is_head { 0 } else { answer.header("content-length").parse().unwrap_or(0) };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// What was counted under a name.
    pub(crate) fn count(&mut self, name: &str) -> u64 {
        let state = self.send("GET /-/state", &[], "").body;
        let found = state.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        found.unwrap_or(0)
    }
}
