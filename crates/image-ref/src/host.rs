//! Registry hosts.

use std::fmt;
use std::net::Ipv6Addr;

use crate::ParseError;
use crate::text::checked_text;

/// A registry's host with an optional port: `ghcr.io`, `127.0.0.1:5000`, `[::1]:5000`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryHost(String);

impl RegistryHost {
    /// Parses a host without scheme and path.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (name, port) = split_port(text);
        let port_fits = port.is_none_or(|port| {
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        });
        if port_fits && (is_ipv6(name) || name.split('.').all(is_label)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError::Registry)
        }
    }

    /// A host that is known to be one.
    pub(crate) fn known(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The host's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port; an IPv6 address keeps its brackets.
    pub fn name(&self) -> &str {
        split_port(&self.0).0
    }

    /// Whether the host is this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        loopback::is_loopback_host(&self.0)
    }
}

/// The host and what stands behind its last colon; a colon inside brackets belongs to the address.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    }
}

fn is_ipv6(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for RegistryHost {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

checked_text!(RegistryHost);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_addresses_and_ports() {
        for good in ["ghcr.io", "localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "[::1]", "a-b.example"] {
            assert_eq!(RegistryHost::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["", ":", "a:", "a:b", "a:65536", "a:+1", "a b", "http://a", "a/b", "-a", "a..b", "[::1", "user@a", "[x]"]
        {
            assert_eq!(RegistryHost::parse(bad), Err(ParseError::Registry), "{bad:?}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for local in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]:5000"] {
            assert!(RegistryHost::parse(local).unwrap().is_loopback(), "{local}");
        }
        for other in ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "[::2]", "0.0.0.0"] {
            assert!(!RegistryHost::parse(other).unwrap().is_loopback(), "{other}");
        }
    }
}
