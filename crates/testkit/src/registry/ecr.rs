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
        let store = Arc::clone(&self.store);
        aws.on("BatchCheckLayerAvailability")
            .answer(move |call| layers(&store.lock().unwrap_or_else(PoisonError::into_inner), &call.body));
    }
}

fn layers(store: &Store, body: &Value) -> Reply {
    let Some(repository) = store.find(body["repositoryName"].as_str().unwrap_or_default()) else {
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
