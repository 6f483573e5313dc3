//! A service that tells its version: the least that can be deployed and read back.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

const VERSION: &str = concat!("{\"version\":\"", env!("CARGO_PKG_VERSION"), "\"}\n");

fn main() {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let Ok(port) = port.parse::<u16>() else {
        eprintln!("shop: PORT is `{port}`, which is not a port");
        std::process::exit(78);
    };
    let listener = match TcpListener::bind(("0.0.0.0", port)) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("shop: cannot listen on port {port}: {error}");
            std::process::exit(1);
        }
    };
    for stream in listener.incoming().flatten() {
        if let Err(error) = answer(stream) {
            eprintln!("shop: {error}");
        }
    }
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let (status, body) = match line.split(' ').nth(1) {
        Some("/version") => ("200 OK", VERSION),
        Some("/") => ("200 OK", "shop\n"),
        _ => ("404 Not Found", "not found\n"),
    };
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}
