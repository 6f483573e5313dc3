//! What ECR's API tells of the registry's content.

use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use super::FakeRegistry;
use super::store::Store;
use crate::aws::FakeAws;
use crate::http::Reply;

impl FakeRegistry {
    /// Lets ECR's API tell which layers the registry holds.
    pub fn tell_layers(&self, aws: &FakeAws) {
        self.tell(aws, "AmazonEC2ContainerRegistry_V20150921.BatchCheckLayerAvailability", "");
    }

    /// The same for ECR's public registry, whose API knows no alias: there the repository `ALIAS/NAME` is `NAME`.
    pub fn tell_public_layers(&self, aws: &FakeAws, alias: &str) {
        self.tell(aws, "SpencerFrontendService.BatchCheckLayerAvailability", &format!("{alias}/"));
    }

    fn tell(&self, aws: &FakeAws, operation: &str, before: &str) {
        let (store, before) = (Arc::clone(&self.store), before.to_owned());
        aws.on(operation).answer(move |call| {
            let name = before.clone() + call.body["repositoryName"].as_str().unwrap_or_default();
            layers(&store.lock().unwrap_or_else(PoisonError::into_inner), &name, &call.body)
        });
    }
}

fn layers(store: &Store, name: &str, body: &Value) -> Reply {
    let Some(repository) = store.find(name) else {
        let problem = json!({"__type": "RepositoryNotFoundException", "message": "no such repository"});
        return Reply::json(400, &problem).with_header("x-amzn-errortype", "RepositoryNotFoundException");
    };
    let asked = body["layerDigests"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let (there, missing): (Vec<_>, Vec<_>) = asked.partition(|digest| repository.blobs.contains_key(*digest));
    let layer = |digest: &str| {
        let size = repository.blobs.get(digest).map_or(0, bytes::Bytes::len);
        json!({"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size})
    };
    let failure =
        |digest: &str| json!({"layerDigest": digest, "failureCode": "MissingLayerDigest", "failureReason": "no"});
    Reply::json(
        200,
        &json!({
            "layers": there.into_iter().map(layer).collect::<Vec<_>>(),
            "failures": missing.into_iter().map(failure).collect::<Vec<_>>(),
        }),
    )
}
