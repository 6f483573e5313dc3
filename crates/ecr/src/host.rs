//! Which hosts are ECR's, and where they answer.

use aws_client::Aws;
use image_ref::{EcrRegistry, RegistryHost};
use oci_registry::{Auth, Endpoint, Registry};

/// The variable with the address where ECR's registries answer instead, on this machine, in a rehearsal.
pub const REGISTRY_OVERRIDE: &str = "SLIPWAY_REGISTRY_ENDPOINT";

/// The public registry: its usual host, and the one that answers over IPv6 too
/// (<https://docs.aws.amazon.com/AmazonECR/latest/public/public-ecr-requests.html>).
const PUBLIC: [&str; 2] = [PUBLIC_HOST, "ecr-public.aws.com"];

/// The region of the public registry's API, wherever the caller is.
pub(crate) const PUBLIC_REGION: &str = "us-east-1";

/// The public registry's usual host.
pub const PUBLIC_HOST: &str = "public.ecr.aws";

/// A registry of ECR.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// The registry of an account in a region, by any of its names.
    Private(EcrRegistry),
    /// The public one.
    Public,
}

impl Host {
    /// The registry that a host name means; `None` where it is none of ECR's.
    pub fn of(host: &str) -> Option<Self> {
        if PUBLIC.contains(&host) {
            return Some(Self::Public);
        }
        EcrRegistry::parse(host).ok().map(Self::Private)
    }

    /// The region that gives its password. Of the public registry it is the only one
    /// (<https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html>).
    pub fn region(&self) -> &str {
        match self {
            Self::Private(registry) => registry.region(),
            Self::Public => PUBLIC_REGION,
        }
    }
}

/// A client of the registry `host` that answers at `endpoint`; `None` is one that is none of ECR's. The public one refuses a password that
/// it is shown itself, for good: its token server alone takes it
/// (<https://github.com/kreuzwerker/terraform-provider-docker/pull/666>).
pub fn registry(host: Option<&Host>, endpoint: Endpoint, auth: Auth) -> Result<Registry, oci_registry::Error> {
    let registry = Registry::new(endpoint, auth)?;
    Ok(if host == Some(&Host::Public) { registry.with_tokens_only() } else { registry })
}

/// Where the registry answers, for the endpoints that the configuration asks for (FIPS, IPv6). ECR's API and people tell the usual name;
/// one that is special already stays as it is.
pub fn endpoint(registry: &EcrRegistry, aws: &Aws) -> Result<Endpoint, oci_registry::Error> {
    let is_on = |setting: Option<bool>| setting.unwrap_or_default();
    let config = aws.config();
    let registry = spoken_to(registry, is_on(config.use_fips()), is_on(config.use_dual_stack()));
    Endpoint::parse(&format!("https://{}", registry.host()))
}

fn spoken_to(registry: &EcrRegistry, fips: bool, dual_stack: bool) -> EcrRegistry {
    let is_usual = registry.variant(false, false).host() == registry.host();
    if is_usual { registry.variant(fips, dual_stack) } else { registry.clone() }
}

/// An address on this machine, with or without `http://`: the password of a real registry must not be sent elsewhere by an
/// environment variable.
pub fn loopback(text: &str) -> Result<Endpoint, String> {
    let endpoint = if text.contains("://") {
        Endpoint::parse(text).map_err(|problem| problem.to_string())?
    } else {
        let host = RegistryHost::parse(text).map_err(|problem| problem.to_string())?;
        Endpoint::of(&host).map_err(|problem| problem.to_string())?
    };
    if endpoint.host().is_loopback() {
        Ok(endpoint)
    } else {
        Err("not an address of this machine; it is for rehearsals, unset it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_ecr_are_told_from_others() {
        let private = |host: &str| matches!(Host::of(host), Some(Host::Private(_)));
        for host in [
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
            "123456789012.dkr-ecr.eu-west-1.on.aws",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
        ] {
            assert!(private(host), "{host}");
        }
        assert_eq!(Host::of("public.ecr.aws"), Some(Host::Public));
        assert_eq!(Host::of("ecr-public.aws.com"), Some(Host::Public));
        for host in ["docker.io", "public.ecr.aws.example", "123456789012.dkr.ecr.eu-west-1.amazonaws.com.example", ""]
        {
            assert_eq!(Host::of(host), None, "{host}");
        }
    }

    #[test]
    fn the_configuration_chooses_the_name_unless_it_was_chosen_already() {
        let host = |host: &str, fips, dual| spoken_to(&EcrRegistry::parse(host).unwrap(), fips, dual).host().to_owned();
        let usual = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
        assert_eq!(host(usual, false, false), usual);
        assert_eq!(host(usual, true, false), "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com");
        assert_eq!(host(usual, false, true), "123456789012.dkr-ecr.us-east-1.on.aws");
        assert_eq!(host(usual, true, true), "123456789012.dkr-ecr-fips.us-east-1.on.aws");
        let chosen = "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com";
        assert_eq!(host(chosen, false, false), chosen);
        let chinese = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn";
        assert_eq!(host(chinese, false, true), "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn");
    }

    #[test]
    fn only_this_machine_may_stand_for_a_registry() {
        for good in ["http://127.0.0.1:4566", "127.0.0.1:4566", "localhost:5000", "https://[::1]:1"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in ["https://evil.example", "evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1", "x y"] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}
