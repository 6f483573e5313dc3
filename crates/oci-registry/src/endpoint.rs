//! Where a registry answers.

use std::fmt;
use std::net::Ipv4Addr;

use image_ref::RegistryHost;
use loopback::Pace;
use url::Url;

use crate::Error;

/// The address of a registry's API: `https://host[:port]`, or plain HTTP for a host of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    host: RegistryHost,
}

impl Endpoint {
    /// Parses `https://host[:port]`, or `http://` with a loopback host. Nothing may stand behind the host.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |problem: &str| Error::BadEndpoint { endpoint: text.to_owned(), problem: problem.to_owned() };
        let url = Url::parse(text).map_err(|problem| bad(&problem.to_string()))?;
        let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
        let host =
            RegistryHost::parse(after_scheme.trim_end_matches('/')).map_err(|problem| bad(&problem.to_string()))?;
        match url.scheme() {
            "https" => Ok(Self { url, host }),
            "http" if host.is_loopback() => Ok(Self { url, host }),
            "http" => Err(bad("plain HTTP is for hosts of this machine only")),
            _ => Err(bad("it is neither https nor http")),
        }
    }

    /// The endpoint of a registry named in an image reference: plain HTTP for a host of this machine, else HTTPS.
    /// `docker.io` answers at `registry-1.docker.io`.
    pub fn of(host: &RegistryHost) -> Result<Self, Error> {
        let name = if host.as_str() == "docker.io" { "registry-1.docker.io" } else { host.as_str() };
        let scheme = if host.is_loopback() { "http" } else { "https" };
        Self::parse(&format!("{scheme}://{name}"))
    }

    /// The host with its port.
    pub fn host(&self) -> &RegistryHost {
        &self.host
    }

    /// Whether it is reached over TLS.
    pub(crate) fn is_sealed(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The pace of this registry's client.
    pub(crate) fn pace(&self) -> Pace {
        Pace::towards(self.url.as_str())
    }

    /// The URL of `path` below `/v2/`.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("/v2/{path}"));
        url
    }

    /// The URL an upload's `Location` names: relative or absolute, its query kept. Only HTTPS, or this very endpoint.
    pub(crate) fn location(&self, asked: &Url, location: &str) -> Result<Url, Error> {
        let bad = || Error::BadAnswer {
            registry: self.to_string(),
            problem: "an upload's `Location` cannot be used".to_owned(),
        };
        let url = asked.join(location).map_err(|_| bad())?;
        if self.may_reach(&url) { Ok(url) } else { Err(bad()) }
    }

    /// Whether `url` is of this registry, so that credentials may go there.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
    }

    /// Whether a request may go to `url` at all: HTTPS; plain HTTP only from this machine to this machine. Nothing goes from
    /// elsewhere to an address that has a meaning of its own on each machine, such as the one where a cloud hands out credentials.
    pub(crate) fn may_reach(&self, url: &Url) -> bool {
        match (self.host.is_loopback(), is_loopback(url), url.scheme()) {
            (true, true, "http" | "https") => true,
            (_, false, "https") => !is_of_the_machine(url),
            _ => false,
        }
    }

    /// Whether a password for this registry may be shown to the token server at `url`: the registry itself, or a host of the same
    /// owner as far as names tell (`auth.docker.io` for `registry-1.docker.io`, `gitlab.com` for `registry.gitlab.com`).
    pub(crate) fn trusts(&self, url: &Url) -> bool {
        let (Some(own), Some(other)) = (self.url.host_str(), url.host_str()) else { return false };
        let is_below =
            |parent: &str| other.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let parent = own.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'));
        let is_name = matches!(self.url.host(), Some(url::Host::Domain(_)));
        own == other || (is_name && (is_below(own) || parent.is_some_and(is_below)))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().and_then(|host| RegistryHost::parse(host).ok());
    host.is_some_and(|host| host.is_loopback())
}

/// Whether an address is link-local, unspecified or one of a cloud's own (`fd00:ec2::/32`).
fn is_of_the_machine(url: &Url) -> bool {
    let v4 = |address: Ipv4Addr| address.is_link_local() || address.is_unspecified() || address.is_loopback();
    match url.host() {
        Some(url::Host::Ipv4(address)) => v4(address),
        Some(url::Host::Ipv6(address)) => {
            let [first, second, ..] = address.segments();
            let is_own = address.is_unspecified() || first & 0xffc0 == 0xfe80 || (first, second) == (0xfd00, 0x0ec2);
            is_own || address.to_ipv4_mapped().is_some_and(v4)
        }
        Some(url::Host::Domain(_)) => false,
        None => true,
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)
    }
}

#[cfg(test)]
mod tests;
