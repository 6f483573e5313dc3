//! The operations of ECR's API that a push asks for. Every repository is there.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::store::Store;

/// The account that owns everything.
const ACCOUNT: &str = "123456789012";

/// The registry's host, as ECR names it.
const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// `AWS:password`, encoded.
const TOKEN: &str = "QVdTOnBhc3N3b3Jk";

pub(crate) fn answer(store: &Store, operation: &str, body: &Value) -> Answer {
    let strings = |name: &str| {
        let values = body[name].as_array().into_iter().flatten();
        values.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let answer = match operation {
        "DescribeRepositories" => {
            json!({"repositories": strings("repositoryNames").iter().map(|name| repository(name)).collect::<Vec<_>>()})
        }
        "GetAuthorizationToken" => json!({"authorizationData": [
            {"authorizationToken": TOKEN, "expiresAt": 4_102_444_800_u64, "proxyEndpoint": format!("https://{HOST}")}
        ]}),
        "BatchCheckLayerAvailability" => {
            let name = body["repositoryName"].as_str().unwrap_or_default();
            layers(store, name, &strings("layerDigests"))
        }
        _ => return Answer::json(400, &json!({"__type": "UnknownOperationException"})),
    };
    Answer::json(200, &answer)
}

fn repository(name: &str) -> Value {
    json!({
        "repositoryName": name,
        "repositoryArn": format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{name}"),
        "repositoryUri": format!("{HOST}/{name}"),
        "registryId": ACCOUNT,
        "imageTagMutability": "IMMUTABLE",
    })
}

fn layers(store: &Store, repository: &str, digests: &[String]) -> Value {
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in digests {
        match store.has_blob(repository, digest) {
            Some(size) => {
                layers.push(json!({"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size}));
            }
            None => failures.push(json!({"layerDigest": digest, "failureCode": "MissingLayerDigest"})),
        }
    }
    json!({"layers": layers, "failures": failures})
}
