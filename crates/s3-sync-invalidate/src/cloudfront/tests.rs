use super::*;

const CONFIG: &str = r#"<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
<CallerReference>x</CallerReference><DefaultRootObject>index.html</DefaultRootObject>
<Origins><Quantity>2</Quantity><Items>
<Origin><Id>site</Id><DomainName>site.s3.eu-west-1.amazonaws.com</DomainName><OriginPath>/site</OriginPath></Origin>
<Origin><Id>api</Id><DomainName>api.example.com</DomainName></Origin></Items></Origins>
<DefaultCacheBehavior><TargetOriginId>site</TargetOriginId><CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId>
<FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation><FunctionARN>arn:x</FunctionARN>
<EventType>viewer-response</EventType></FunctionAssociation></Items></FunctionAssociations></DefaultCacheBehavior>
<CacheBehaviors><Quantity>2</Quantity><Items>
<CacheBehavior><PathPattern>/api/*</PathPattern><TargetOriginId>api</TargetOriginId>
<ForwardedValues><QueryString>true</QueryString></ForwardedValues></CacheBehavior>
<CacheBehavior><PathPattern>docs/*</PathPattern><TargetOriginId>site</TargetOriginId><CachePolicyId>own</CachePolicyId>
<LambdaFunctionAssociations><Quantity>1</Quantity><Items><LambdaFunctionAssociation><LambdaFunctionARN>arn:y</LambdaFunctionARN>
<EventType>origin-request</EventType></LambdaFunctionAssociation></Items></LambdaFunctionAssociations></CacheBehavior>
</Items></CacheBehaviors><CustomErrorResponses><Quantity>3</Quantity><Items>
<CustomErrorResponse><ErrorCode>404</ErrorCode><ErrorCachingMinTTL>30</ErrorCachingMinTTL></CustomErrorResponse>
<CustomErrorResponse><ErrorCode>403</ErrorCode><ResponsePagePath>/app.html</ResponsePagePath></CustomErrorResponse>
<CustomErrorResponse><ErrorCode>500</ErrorCode><ResponsePagePath>/sorry.html</ResponsePagePath><ErrorCachingMinTTL>300</ErrorCachingMinTTL></CustomErrorResponse>
</Items></CustomErrorResponses><Comment/><Enabled>true</Enabled></DistributionConfig>"#;

pub(crate) fn sample() -> Config {
    config(&Element::parse(CONFIG.as_bytes()).unwrap()).unwrap()
}

/// The same with another address of the first origin.
pub(crate) fn sample_of(domain: &str) -> Config {
    let mut config = sample();
    domain.clone_into(&mut config.origins[0].domain);
    config
}

#[test]
fn origins_and_behaviors_are_read() {
    let config = sample();
    assert_eq!((config.root_object.as_str(), config.errors_kept), ("index.html", 30));
    assert_eq!(config.error_pages, BTreeMap::from([("app.html".to_owned(), 10)]));
    let origins: Vec<(&str, &str)> = config.origins.iter().map(|one| (one.id.as_str(), one.path.as_str())).collect();
    assert_eq!(origins, [("site", "/site"), ("api", "")]);
    let behaviors: Vec<(&str, &str, bool, Query)> = config
        .behaviors
        .iter()
        .map(|one| (one.target.as_str(), one.behavior.pattern.as_str(), one.behavior.rewrites, one.behavior.query))
        .collect();
    let expect = [
        ("api", "/api/*", false, Query::Kept),
        ("site", "docs/*", true, Query::Unknown),
        ("site", "*", false, Query::Ignored),
    ];
    assert_eq!(behaviors, expect);
}

#[test]
fn a_configuration_that_lacks_something_is_odd() {
    for part in ["<Id>api</Id>", "<QueryString>true</QueryString>", "<EventType>viewer-response</EventType>"] {
        let element = Element::parse(CONFIG.replacen(part, "", 1).as_bytes()).unwrap();
        assert!(config(&element).is_err(), "{part}");
    }
}

#[test]
fn paths_are_escaped_in_the_batch() {
    let invalidation = Invalidation {
        distribution: DistributionId::parse("E2QWRUHAPOMQZL").unwrap(),
        paths: vec!["/a&b".to_owned(), "/c*".to_owned()],
        exact_paths: 2,
        innocents: 0,
        optimal: true,
        caller_reference: "slipway-1".to_owned(),
    };
    let batch = Element::parse(batch(&invalidation).as_bytes()).unwrap();
    let paths = batch.child("Paths").unwrap();
    assert_eq!(paths.child("Quantity").unwrap().value(), Ok(2));
    let items = paths.child("Items").unwrap().list("Path").unwrap();
    assert_eq!(items.iter().map(|path| path.text().unwrap()).collect::<Vec<_>>(), ["/a&b", "/c*"]);
}
