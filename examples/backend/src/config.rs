//! The settings the service takes from its environment.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const DEFAULT_PORT: u16 = 8080;

/// Where the service listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// The address of the listening socket; port 0 lets the system choose.
    pub address: SocketAddr,
}

/// A setting that cannot be used; the service refuses to start with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// `PORT` is not a number from 0 to 65535.
    Port(String),
    /// `HOST` is not an IP address.
    Host(String),
}

impl Config {
    /// Reads `HOST` (default `0.0.0.0`) and `PORT` (default `8080`); an empty value counts as unset.
    pub fn parse(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let host = match set("HOST") {
            Some(text) => text.parse().map_err(|_| ConfigError::Host(text))?,
            None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        let port = match set("PORT") {
            Some(text) => text.parse().map_err(|_| ConfigError::Port(text))?,
            None => DEFAULT_PORT,
        };
        Ok(Self { address: SocketAddr::new(host, port) })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(text) => write!(formatter, "PORT must be a number from 0 to 65535, not {text:?}"),
            Self::Host(text) => write!(formatter, "HOST must be an IP address, not {text:?}"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<String, ConfigError> {
        Config::parse(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
        .map(|config| config.address.to_string())
    }

    #[test]
    fn listens_on_every_address_and_8080_by_default() {
        assert_eq!(parse(&[]), Ok("0.0.0.0:8080".to_owned()));
    }

    #[test]
    fn treats_an_empty_value_as_unset() {
        assert_eq!(parse(&[("PORT", ""), ("HOST", "")]), Ok("0.0.0.0:8080".to_owned()));
    }

    #[test]
    fn takes_host_and_port() {
        assert_eq!(parse(&[("PORT", "9"), ("HOST", "::1")]), Ok("[::1]:9".to_owned()));
    }

    #[test]
    fn refuses_a_port_that_is_no_port() {
        for text in ["eighty", "-1", "65536", "80 "] {
            assert_eq!(parse(&[("PORT", text)]), Err(ConfigError::Port(text.to_owned())));
        }
    }

    #[test]
    fn refuses_a_host_name() {
        assert_eq!(parse(&[("HOST", "localhost")]), Err(ConfigError::Host("localhost".to_owned())));
    }

    #[test]
    fn quotes_the_value_so_that_it_cannot_forge_a_log_line() {
        let message = ConfigError::Port("1\nall is well".to_owned()).to_string();
        assert_eq!(message, "PORT must be a number from 0 to 65535, not \"1\\nall is well\"");
    }
}
