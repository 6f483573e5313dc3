use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(host: &str, region: &str, partition: &str) {
    let registry = EcrRegistry::parse(host).unwrap();
    assert_eq!((registry.account(), registry.region(), registry.partition()), ("123456789012", region, partition));
    assert_eq!(registry.to_string(), host);
}

#[test]
fn knows_the_partitions_fips_and_dual_stack() {
    check("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1", "aws");
    check("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn");
    check("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov");
    check("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1", "aws");
    check("123456789012.dkr-ecr-fips.us-east-1.on.aws", "us-east-1", "aws");
    check("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn");
    check("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "aws-eusc");
}

#[test]
fn refuses_hosts_that_only_look_like_ecr() {
    for bad in [
        "public.ecr.aws",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
        "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr.EU-WEST-1.amazonaws.com",
        "123456789012.dkr.ecr..amazonaws.com",
        "123456789012.dkr.ecr.eu-west-1.evil.amazonaws.com",
        "123456789012.ecr.eu-west-1.amazonaws.com",
    ] {
        assert_eq!(EcrRegistry::parse(bad), Err(ParseError::Ecr), "{bad}");
    }
}

#[test]
fn a_repository_uri_is_an_image_reference_too() {
    let text = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/slipway/backend";
    let uri = EcrUri::parse(text).unwrap();
    assert_eq!(uri.repository.as_str(), "slipway/backend");
    assert_eq!(uri.reference(), ImageReference::parse(text).unwrap());
    assert!(EcrUri::parse("123456789012.dkr.ecr.eu-west-1.amazonaws.com").is_err());
    assert!(EcrUri::parse(&format!("{text}:1")).is_err());
}

proptest! {
    #[test]
    fn parsing_and_printing_round_trip(account in "[0-9]{12}", region in "[a-z]{2}-(gov-)?[a-z]{4,9}-[1-9]", repository in "[a-z0-9]{1,9}(/[a-z0-9]{1,9})?") {
        let text = format!("{account}.dkr.ecr.{region}.amazonaws.com/{repository}");
        let uri = EcrUri::parse(&text).unwrap();
        prop_assert_eq!(uri.to_string(), text);
        prop_assert_eq!(uri.registry.region(), region);
    }
}

#[test]
fn a_registry_answers_under_other_names_too() {
    let variant =
        |host: &str, fips, dual_stack| EcrRegistry::parse(host).unwrap().variant(fips, dual_stack).to_string();
    let usual = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    assert_eq!(variant(usual, false, false), usual);
    assert_eq!(variant(usual, true, false), "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com");
    assert_eq!(variant(usual, false, true), "123456789012.dkr-ecr.us-east-1.on.aws");
    assert_eq!(variant(usual, true, true), "123456789012.dkr-ecr-fips.us-east-1.on.aws");
    let china = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn";
    assert_eq!(variant(china, false, true), "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn");
    let sovereign = "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu";
    assert_eq!(variant(sovereign, false, true), "123456789012.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu");
    let government = "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com";
    assert_eq!(variant(government, true, true), "123456789012.dkr-ecr-fips.us-gov-west-1.on.aws");
    // No such name is known there.
    let secret = "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov";
    assert_eq!(variant(secret, false, true), secret);
    for host in [usual, china, sovereign, government, secret] {
        for (fips, dual_stack) in [(true, false), (false, true), (true, true)] {
            assert!(EcrRegistry::parse(&variant(host, fips, dual_stack)).is_ok());
        }
    }
}
