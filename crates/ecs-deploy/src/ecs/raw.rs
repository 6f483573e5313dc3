//! The interceptor that keeps what the SDK's types drop.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_client::{ApiError, ApiErrorKind, api_error};
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

/// Replaces a request's body, and keeps the answer's bytes as JSON.
#[derive(Clone, Default)]
pub(super) struct RawJson {
    body: Option<Arc<str>>,
    answer: Arc<Mutex<Option<Value>>>,
    /// The attempts that were sent and that nothing usable answered.
    open: Arc<AtomicUsize>,
}

impl RawJson {
    pub(super) fn sending(body: &Value) -> Self {
        Self { body: Some(Arc::from(body.to_string())), ..Self::default() }
    }

    /// Whether the service may have done what was asked for without having said so: an attempt has no answer, or one that says
    /// nothing about it.
    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }

    /// The answer of a call that went well.
    pub(super) fn answer<T, E>(
        &self,
        operation: &str,
        resource: Option<&str>,
        sent: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<Value, ApiError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        sent.map_err(|error| api_error("ecs", operation, resource.map(str::to_owned), &error))?;
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.ok_or_else(|| ApiError {
            service: "ecs".to_owned(),
            operation: operation.to_owned(),
            code: None,
            message: "the answer is not JSON".to_owned(),
            resource: resource.map(str::to_owned),
            kind: ApiErrorKind::Service,
            request_id: None,
        })
    }
}

/// The bodies hold what may be secret, so they are not shown.
impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawJson").finish_non_exhaustive()
    }
}

impl Intercept for RawJson {
    fn name(&self) -> &'static str {
        "RawJson"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(body) = &self.body {
            let request = context.request_mut();
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body.as_ref());
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let answer: Option<Value> = response.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        if response.status().is_client_error() || (response.status().is_success() && answer.is_some()) {
            self.open.fetch_sub(1, Ordering::Relaxed);
        }
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
        Ok(())
    }
}
