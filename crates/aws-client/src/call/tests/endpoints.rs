use std::process::Command;

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use testkit::Tools;

use super::super::endpoint::{self, Variant};
use super::super::*;
use super::{Counted, config};

const REGIONS: [&str; 9] = [
    "eu-west-1",
    "us-east-1",
    "us-gov-west-1",
    "cn-north-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-isoe-west-1",
    "us-isof-south-1",
    "eusc-de-east-1",
];

/// botocore's own rules, for a service, a region and a variant on each line of its input.
const BOTOCORE: &str = r"
import sys, botocore.session
from botocore.config import Config
session = botocore.session.get_session()
for line in sys.argv[1].split(';'):
    service, region, fips, dual = line.split()
    config = Config(use_fips_endpoint=fips == 'true', use_dualstack_endpoint=dual == 'true')
    client = session.create_client(service, region_name=region, aws_access_key_id='a', aws_secret_access_key='b', config=config)
    print(client.meta.endpoint_url)
";

fn services() -> [Service; 11] {
    let json = [LOGS, CODEDEPLOY, EVENTS, SECRETS_MANAGER, SSM, ECR].map(|json| json.service);
    let [logs, codedeploy, events, secrets, ssm, ecr] = json;
    let query = [ELASTIC_LOAD_BALANCING, CLOUDFORMATION, IAM].map(|query| query.service);
    let [balancing, formation, iam] = query;
    let public = ECR_PUBLIC.service;
    [logs, codedeploy, events, secrets, ssm, ecr, public, SCHEDULER.service, balancing, formation, iam]
}

/// Whether AWS has such an endpoint at all: botocore makes one up for partitions without IPv6, and for ECR with FIPS where
/// there is none.
fn exists(service: &Service, region: &str, variant: Variant) -> bool {
    // IAM's other addresses lead to the same place.
    let has_other = variant.fips && !variant.dual_stack && (region == "eu-west-1" || region == "us-east-1");
    if service.host == Host::Iam && (variant.fips || variant.dual_stack) {
        return has_other;
    }
    if service.host == Host::EcrPublic {
        return region == "us-east-1" && !variant.fips;
    }
    let isolated = region.contains("-iso");
    let no_fips = isolated || region.starts_with("cn-") || region.starts_with("eusc-");
    let european = service.host == Host::Ecr && region == "eu-west-1" && variant.fips && variant.dual_stack;
    let no_dual = isolated || (service.host == Host::Ecr && region.starts_with("eusc-"));
    !(variant.fips && no_fips && service.host == Host::Ecr || variant.dual_stack && no_dual || european)
}

#[test]
fn addresses_are_those_of_botocore() {
    let variants = [(false, false), (false, true), (true, false), (true, true)];
    let mut asked = Vec::new();
    let mut ours = Vec::new();
    for service in services() {
        for region in REGIONS {
            for (fips, dual_stack) in variants {
                let variant = Variant { fips, dual_stack };
                if exists(&service, region, variant) {
                    // botocore has the older load balancers under the name of both.
                    let name = if service.name == "elasticloadbalancing" { "elbv2" } else { service.name };
                    asked.push(format!("{name} {region} {fips} {dual_stack}"));
                    ours.push(endpoint::default(&service, region, variant).unwrap());
                }
            }
        }
    }
    let python = Tools::locate().unwrap().python();
    let output = Command::new(python).args(["-c", BOTOCORE, &asked.join(";")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    for ((asked, ours), theirs) in asked.iter().zip(&ours).zip(theirs.lines()) {
        assert_eq!(ours, theirs, "{asked}");
    }
    assert!(ours.len() > 150 && theirs.lines().count() == ours.len(), "{}", ours.len());
}

/// botocore's own rules for CloudFront, which its older table of endpoints does not know: addresses, and the region of signatures.
const CLOUDFRONT_RULES: &str = r"
import sys, botocore.session
from botocore.config import Config
session = botocore.session.get_session()
for line in sys.argv[1].split(';'):
    region, fips, dual = line.split()
    config = Config(use_fips_endpoint=fips == 'true', use_dualstack_endpoint=dual == 'true')
    client = session.create_client('cloudfront', region_name=region, aws_access_key_id='a', aws_secret_access_key='b', config=config)
    operation = client.meta.service_model.operation_model('GetDistribution')
    endpoint = client._ruleset_resolver.construct_endpoint(operation, {}, {'client_region': region})
    print(endpoint.url, endpoint.properties['authSchemes'][0]['signingRegion'])
";

#[test]
fn cloudfront_is_where_botocore_says() {
    let variants = [(false, false), (false, true), (true, false), (true, true)];
    let (mut asked, mut ours) = (Vec::new(), Vec::new());
    for region in REGIONS {
        for (fips, dual_stack) in variants {
            // In the isolated partitions nothing but the plain addresses is known here.
            if dual_stack && region.contains("-iso") {
                continue;
            }
            asked.push(format!("{region} {fips} {dual_stack}"));
            let address = endpoint::default(&CLOUDFRONT.service, region, Variant { fips, dual_stack }).unwrap();
            ours.push(format!("{address} {}", endpoint::signing_region(&CLOUDFRONT.service, region)));
        }
    }
    let python = Tools::locate().unwrap().python();
    let output = Command::new(python).args(["-c", CLOUDFRONT_RULES, &asked.join(";")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    assert_eq!(theirs.lines().map(str::to_owned).collect::<Vec<_>>(), ours);
}

/// botocore's own rules for the buckets of S3.
const S3_RULES: &str = r"
import functools, sys, botocore.session
from botocore.config import Config
session = botocore.session.get_session()
@functools.cache
def connect(region, fips, dual, url):
    s3 = {'us_east_1_regional_endpoint': 'regional'}
    config = Config(use_fips_endpoint=fips == 'true', use_dualstack_endpoint=dual == 'true', s3=s3)
    url = None if url == '-' else url
    return session.create_client('s3', region_name=region, aws_access_key_id='a', aws_secret_access_key='b', config=config, endpoint_url=url)
for line in sys.argv[1].split(';'):
    bucket, region, *rest = line.split()
    client = connect(region, *rest)
    operation = client.meta.service_model.operation_model('GetObject')
    context = {'client_region': region}
    endpoint = client._ruleset_resolver.construct_endpoint(operation, {'Bucket': bucket, 'Key': 'k'}, context)
    print(endpoint.url, endpoint.properties['authSchemes'][0]['signingRegion'])
";

#[test]
fn buckets_are_where_botocore_says() {
    let variants = [(false, false), (false, true), (true, false), (true, true)];
    let (mut asked, mut ours) = (Vec::new(), Vec::new());
    for region in REGIONS {
        for bucket in ["shop", "www.example.com", "a-b-3", "192.168.5.4"] {
            for (fips, dual_stack) in variants {
                // botocore's older table of endpoints, which it asks too, knows none of these.
                if dual_stack && region.contains("-iso") {
                    continue;
                }
                let Ok(address) = endpoint::of_bucket(bucket, region, None, Variant { fips, dual_stack }) else {
                    assert!(fips && region == "cn-north-1");
                    continue;
                };
                asked.push(format!("{bucket} {region} {fips} {dual_stack} -"));
                ours.push(format!("{address} {region}"));
            }
            for url in ["http://127.0.0.1:9000", "https://minio.example:1/", "https://minio.example/a/b"] {
                asked.push(format!("{bucket} {region} false false {url}"));
                let address = endpoint::of_bucket(bucket, region, Some(url), Variant::default());
                ours.push(format!("{} {region}", address.unwrap()));
            }
        }
    }
    let python = Tools::locate().unwrap().python();
    let output = Command::new(python).args(["-c", S3_RULES, &asked.join(";")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    for ((asked, ours), theirs) in asked.iter().zip(&ours).zip(theirs.lines()) {
        assert_eq!(ours, theirs, "{asked}");
    }
    assert!(ours.len() > 200 && theirs.lines().count() == ours.len(), "{}", ours.len());
}

#[test]
fn objects_are_where_the_sdk_looks_for_them() {
    let plain = Variant::default();
    let dual_stack = Variant { dual_stack: true, ..plain };
    let fips = Variant { fips: true, ..plain };
    for (bucket, region, replaced, variant, expect) in [
        ("shop", "eu-west-1", None, plain, "https://shop.s3.eu-west-1.amazonaws.com"),
        // The certificate is for one label before `s3`.
        ("www.example.com", "eu-west-1", None, plain, "https://s3.eu-west-1.amazonaws.com/www.example.com"),
        ("shop", "eu-west-1", None, dual_stack, "https://shop.s3.dualstack.eu-west-1.amazonaws.com"),
        ("shop", "us-east-1", None, fips, "https://shop.s3-fips.us-east-1.amazonaws.com"),
        ("shop", "cn-north-1", None, plain, "https://shop.s3.cn-north-1.amazonaws.com.cn"),
        ("shop", "eu-west-1", Some("http://127.0.0.1:9000"), plain, "http://127.0.0.1:9000/shop"),
    ] {
        assert_eq!(endpoint::of_bucket(bucket, region, replaced, variant).as_deref(), Ok(expect));
    }
    for region in ["", "eu-west-1.evil.example/", "a b", "eu_west_1", "é"] {
        let refused = endpoint::of_bucket("shop", region, None, plain);
        assert_eq!(refused, Err(format!("`{region}` is no region")));
    }
    let refused = endpoint::of_bucket("shop", "cn-north-1", None, fips);
    assert_eq!(refused.unwrap_err(), "S3 has no endpoint of FIPS in the partition `aws-cn`");
}

#[test]
fn what_is_no_region_becomes_no_host() {
    for region in ["", "eu-west-1.evil.example/", "a b", "eu_west_1", "é"] {
        assert_eq!(endpoint::default(&LOGS.service, region, Variant::default()), None, "{region}");
    }
}

/// Settings as the environment has them.
#[derive(Debug)]
struct Settings(&'static str, &'static str);

impl LoadServiceConfig for Settings {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let name = format!("{}_{}", key.env(), key.service_id().to_uppercase().replace(' ', "_"));
        (name == self.0).then(|| self.1.to_owned())
    }
}

#[test]
fn the_environment_may_name_the_address_of_all_services_or_of_one() {
    let all = config("http://127.0.0.1:1", Counted::default());
    assert_eq!(endpoint::of(&all, &LOGS.service).as_deref(), Some("http://127.0.0.1:1"));
    let own = Settings("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://127.0.0.1:2");
    let one = all.to_builder().service_config(own).build();
    assert_eq!(endpoint::of(&one, &LOGS.service).as_deref(), Some("http://127.0.0.1:2"));
    assert_eq!(endpoint::of(&one, &SSM.service).as_deref(), Some("http://127.0.0.1:1"));
    let own = Settings("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3/");
    let one = all.to_builder().service_config(own).build();
    assert_eq!(endpoint::bucket_address(&one, "shop").as_deref(), Ok("http://127.0.0.1:3/shop"));
    assert_eq!(endpoint::bucket_address(&all, "shop").as_deref(), Ok("http://127.0.0.1:1/shop"));
    let mut none = all.to_builder();
    none.set_endpoint_url(None);
    none.set_use_fips(Some(true));
    let fips = none.build();
    assert_eq!(endpoint::of(&fips, &SSM.service).as_deref(), Some("https://ssm-fips.eu-west-1.amazonaws.com"));
}
