//! Where a bucket is, by the rules of S3's own clients
//! (<https://github.com/boto/botocore/blob/develop/botocore/data/s3/2006-03-01/endpoint-rule-set-1.json.gz>).

use aws_types::SdkConfig;

use super::{Variant, is_label, replaced, suffixes};
use crate::policy::Place;

/// The address before the path of a key, without a slash at its end; or why there is none.
pub(crate) fn bucket_address(config: &SdkConfig, bucket: &str) -> Result<String, String> {
    let region = config.region().map(AsRef::as_ref).unwrap_or_default();
    of_bucket(bucket, region, replaced(config, "S3").as_deref(), Variant::of(config))
}

/// An address that replaces AWS's own has the bucket in its path: few know a host for each. AWS's have it in the host, but for a name
/// with dots: the certificate is for one label
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>).
pub(in crate::call) fn of_bucket(
    bucket: &str,
    region: &str,
    replaced: Option<&str>,
    variant: Variant,
) -> Result<String, String> {
    if let Some(address) = replaced {
        return Ok(format!("{}/{bucket}", address.trim_end_matches('/')));
    }
    if !is_label(region) {
        return Err(format!("`{region}` is no region"));
    }
    let partition = Place::new(region, None).partition;
    if variant.fips && partition == "aws-cn" {
        return Err(format!("S3 has no endpoint of FIPS in the partition `{partition}`"));
    }
    let fips = if variant.fips { "-fips" } else { "" };
    let dual_stack = if variant.dual_stack { ".dualstack" } else { "" };
    let (suffix, _) = suffixes(partition);
    let host = format!("s3{fips}{dual_stack}.{region}.{suffix}");
    Ok(if bucket.contains('.') { format!("https://{host}/{bucket}") } else { format!("https://{bucket}.{host}") })
}
