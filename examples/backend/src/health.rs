//! The container's health check: an image without a shell has no `curl`, so the binary asks itself.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_STATUS_LINE: u64 = 64;

/// Why the service does not count as healthy.
#[derive(Debug)]
pub enum ProbeError {
    /// Nobody answered in time.
    Unreachable(io::Error),
    /// Somebody answered, but not with 200.
    Unhealthy(String),
}

/// Asks the service that listens on `address` for `/health`, over loopback when it listens everywhere.
pub fn probe(address: SocketAddr) -> Result<(), ProbeError> {
    let status_line = ask(loopback(address)).map_err(ProbeError::Unreachable)?;
    if status_line.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(ProbeError::Unhealthy(status_line)) }
}

fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(LONGEST_STATUS_LINE).read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn loopback(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl fmt::Display for ProbeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(formatter, "no answer from /health: {error}"),
            Self::Unhealthy(line) => write!(formatter, "/health answered {line:?}"),
        }
    }
}

impl std::error::Error for ProbeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_over_loopback_when_the_service_listens_everywhere() {
        let through = |text: &str| loopback(text.parse().unwrap()).to_string();
        assert_eq!(through("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(through("[::]:80"), "[::1]:80");
        assert_eq!(through("10.0.0.7:80"), "10.0.0.7:80");
    }
}
