//! The one rule of what counts as this machine, for everything that is allowed towards it only: plain HTTP, a registry
//! that replaces ECR, a refusal that is explained, and waits that are cut short in tests.

mod pace;

use std::net::IpAddr;

pub use pace::Pace;

/// The header in which an emulator of STS says why it refuses a token, as JSON with `reason` and, where the token's audience is what is
/// wrong, the `audiences` that are taken. AWS says no more than that it refuses.
pub const REFUSAL_HEADER: &str = "x-slipway-refusal";

/// Whether a host, with or without a port, is this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
pub fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') && !name.is_empty() && !is_bare_ipv6(host) => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an `http` or `https` address leads to this machine. An address that names a user does not: what stands before
/// the `@` is easily taken for the host.
pub fn is_loopback_url(url: &str) -> bool {
    let after_scheme = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    after_scheme.is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        !authority.contains('@') && is_loopback_host(authority)
    })
}

fn is_bare_ipv6(host: &str) -> bool {
    host.parse::<std::net::Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{is_loopback_host, is_loopback_url};

    #[test]
    fn only_this_machine_is_loopback() {
        for local in ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:5000", "::1"] {
            assert!(is_loopback_host(local), "{local}");
        }
        for other in ["localhost.example", "127.0.0.1.example", "10.0.0.1", "[::2]:1", "", ":80", "0.0.0.0", "1::1:1"] {
            assert!(!is_loopback_host(other), "{other}");
        }
    }

    #[test]
    fn an_address_is_judged_by_its_host() {
        for local in ["http://127.0.0.1:4566", "https://localhost/api/v3", "http://[::1]:1?x"] {
            assert!(is_loopback_url(local), "{local}");
        }
        for other in [
            "https://api.github.com",
            "http://127.0.0.1@evil.example/",
            "http://evil.example/127.0.0.1",
            "http://evil.example#localhost",
            "ftp://localhost",
            "localhost",
        ] {
            assert!(!is_loopback_url(other), "{other}");
        }
    }
}
