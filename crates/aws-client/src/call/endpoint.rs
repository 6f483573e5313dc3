//! Where a service is: the address that the environment names, or AWS's own for the region.

mod s3;

use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use super::{Host, Service};
use crate::policy::Place;
pub(crate) use s3::bucket_address;
#[cfg(test)]
pub(super) use s3::of_bucket;

/// What is special about an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) fips: bool,
    pub(super) dual_stack: bool,
}

impl Variant {
    fn of(config: &SdkConfig) -> Self {
        Self { fips: config.use_fips().unwrap_or_default(), dual_stack: config.use_dual_stack().unwrap_or_default() }
    }
}

/// The address that the environment or the profile name for a service, or for all.
pub(crate) fn replaced(config: &SdkConfig, id: &str) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    let own = config.service_config().and_then(|settings| settings.load_config(key));
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// The address of `service` for this configuration; `None` without a region that can be part of a host.
pub(super) fn of(config: &SdkConfig, service: &Service) -> Option<String> {
    if let Some(address) = replaced(config, service.id) {
        return Some(address);
    }
    default(service, config.region()?.as_ref(), Variant::of(config))
}

/// AWS's own address.
pub(super) fn default(service: &Service, region: &str, variant: Variant) -> Option<String> {
    if !is_label(region) {
        return None;
    }
    let partition = Place::new(region, None).partition;
    let (suffix, dual_stack) = suffixes(partition);
    if service.host == Host::Iam {
        return Some(iam(partition, suffix, variant));
    }
    // A partition without addresses of both kinds has the plain ones.
    let both = dual_stack.filter(|_| variant.dual_stack);
    if service.host == Host::CloudFront {
        return Some(cloudfront(partition, both.unwrap_or(suffix), Variant { dual_stack: both.is_some(), ..variant }));
    }
    let host = host(service.host, partition, Variant { dual_stack: both.is_some(), ..variant });
    Some(format!("https://{host}.{region}.{}", both.unwrap_or(suffix)))
}

/// Whether a region can be part of a host.
fn is_label(region: &str) -> bool {
    !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The region that a request is signed for.
pub(super) fn signing_region<'a>(service: &Service, region: &'a str) -> &'a str {
    match service.host {
        Host::Iam => home(Place::new(region, None).partition),
        Host::CloudFront => cloudfront_home(Place::new(region, None).partition),
        Host::Regular(_) | Host::FipsInGov(_) | Host::Ecr | Host::EcrPublic => region,
    }
}

/// The region in which IAM of a partition is
/// (<https://docs.aws.amazon.com/general/latest/gr/iam-service.html>).
fn home(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}

fn iam(partition: &str, suffix: &str, variant: Variant) -> String {
    let host = match partition {
        "aws" if variant.fips => "iam-fips".to_owned(),
        "aws" => "iam".to_owned(),
        "aws-us-gov" => "iam.us-gov".to_owned(),
        _ => format!("iam.{}", home(partition)),
    };
    format!("https://{host}.{suffix}")
}

/// The region in which CloudFront of a partition is
/// (<https://github.com/boto/botocore/blob/develop/botocore/data/cloudfront/2020-05-31/endpoint-rule-set-1.json.gz>).
fn cloudfront_home(partition: &str) -> &'static str {
    if partition == "aws-cn" { "cn-northwest-1" } else { home(partition) }
}

fn cloudfront(partition: &str, suffix: &str, variant: Variant) -> String {
    let fips = if variant.fips { "-fips" } else { "" };
    let place = match (partition, variant.dual_stack) {
        ("aws", true) => "global.",
        ("aws-cn", false) => "cn-northwest-1.",
        _ => "",
    };
    format!("https://cloudfront{fips}.{place}{suffix}")
}

fn host(host: Host, partition: &str, variant: Variant) -> String {
    let fips = |name: &str| if variant.fips { format!("{name}-fips") } else { name.to_owned() };
    match host {
        Host::FipsInGov(name) if partition == "aws-us-gov" && !variant.dual_stack => name.to_owned(),
        Host::Regular(name) | Host::FipsInGov(name) => fips(name),
        Host::Ecr if variant.fips || variant.dual_stack => fips("ecr"),
        Host::Ecr => "api.ecr".to_owned(),
        Host::EcrPublic if variant.dual_stack && !variant.fips => "ecr-public".to_owned(),
        Host::EcrPublic => fips("api.ecr-public"),
        Host::Iam => "iam".to_owned(),
        Host::CloudFront => "cloudfront".to_owned(),
    }
}

/// The ends of a partition's hosts: the usual one, and the one for IPv6 beside IPv4
/// (<https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json>).
fn suffixes(partition: &str) -> (&'static str, Option<&'static str>) {
    match partition {
        "aws-cn" => ("amazonaws.com.cn", Some("api.amazonwebservices.com.cn")),
        "aws-iso" => ("c2s.ic.gov", None),
        "aws-iso-b" => ("sc2s.sgov.gov", None),
        "aws-iso-e" => ("cloud.adc-e.uk", None),
        "aws-iso-f" => ("csp.hci.ic.gov", None),
        "aws-eusc" => ("amazonaws.eu", Some("api.amazonwebservices.eu")),
        _ => ("amazonaws.com", Some("api.aws")),
    }
}
