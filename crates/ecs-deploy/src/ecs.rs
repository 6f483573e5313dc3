//! ECS's API with answers as raw JSON: the SDK signs, retries and maps errors; an interceptor keeps what its types drop.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use actions_core::Session;
use aws_client::policy::Place;
use aws_client::{ApiError, ApiErrorKind, Aws, api_error};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecs::types::{DesiredStatus, PropagateTags, TaskDefinitionField};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use loopback::Pace;
use serde_json::Value;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::names::{ClusterName, ServiceName};
use crate::plan::ServiceUpdate;
use crate::policy::{revisions_arn, service_arn};
use crate::service::{list, owned};

/// How many stopped tasks are looked at, at most: one page of `ListTasks`, one call of `DescribeTasks`.
const STOPPED_TASKS: i32 = 100;

/// The client.
#[derive(Debug, Clone)]
pub struct Ecs {
    client: Client,
    place: Place,
    /// How fast this service's clock goes.
    pub(crate) pace: Pace,
    /// The region, for messages.
    pub(crate) region: String,
    /// Whether AWS itself answers, so that its console has something to show.
    pub(crate) is_aws: bool,
}

impl Ecs {
    /// Connects with the inputs' region, role and accounts. A file that is of no use is told before AWS is asked anything.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        if let Some(path) = &inputs.task_definition {
            crate::observe::read(path, session)?;
        }
        let aws = Aws::connect(&inputs.aws, session).await?;
        let mut config = aws_sdk_ecs::config::Builder::from(aws.config());
        if let Some(attempts) = inputs.max_attempts {
            config.set_retry_config(Some(aws.retries(attempts)));
        }
        Ok(Self {
            client: Client::from_conf(config.build()),
            place: aws.place().clone(),
            pace: aws.pace(),
            region: aws.region().to_owned(),
            is_aws: aws.endpoint().is_none(),
        })
    }

    /// `DescribeServices` for one service: its entry, or `None` when it is missing.
    pub(crate) async fn service(&self, cluster: &str, service: &str) -> Result<Option<Value>, ApiError> {
        let raw = RawJson::default();
        let call = self.client.describe_services().cluster(cluster).services(service);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw
            .answer("DescribeServices", Some(service), sent)
            .map_err(|error| self.of_service(error, cluster, service))?;
        Ok(list(&answer, "services").next().cloned())
    }

    fn of_service(&self, error: ApiError, cluster: &str, service: &str) -> ApiError {
        let names = ClusterName::parse(cluster).ok().zip(ServiceName::parse(service).ok());
        with_arn(error, names.and_then(|(cluster, service)| service_arn(&self.place, &cluster, &service)))
    }

    /// The names of some of the cluster's services; for a message.
    pub(crate) async fn service_names(&self, cluster: &str) -> Result<Vec<String>, ApiError> {
        let raw = RawJson::default();
        let call = self.client.list_services().cluster(cluster).max_results(100);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        Ok(names(&raw.answer("ListServices", Some(cluster), sent)?, "serviceArns"))
    }

    /// The names of some of the region's clusters; for a message.
    pub(crate) async fn cluster_names(&self) -> Result<Vec<String>, ApiError> {
        let raw = RawJson::default();
        let sent = self.client.list_clusters().customize().interceptor(raw.clone()).send().await;
        Ok(names(&raw.answer("ListClusters", None, sent)?, "clusterArns"))
    }

    /// `DescribeTaskDefinition` of an ARN, or of a family's newest revision.
    pub(crate) async fn task_definition(&self, name: &str) -> Result<Value, ApiError> {
        let raw = RawJson::default();
        let call = self.client.describe_task_definition().task_definition(name).include(TaskDefinitionField::Tags);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        raw.answer("DescribeTaskDefinition", Some(name), sent)
    }

    /// `RegisterTaskDefinition` with `body` as it is.
    pub(crate) async fn register(&self, family: &str, body: &Value) -> Result<Value, ApiError> {
        let raw = RawJson::sending(body);
        let call = self.client.register_task_definition().family(family);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        raw.answer("RegisterTaskDefinition", Some(family), sent)
            .map_err(|error| with_arn(error, revisions_arn(&self.place, family)))
    }

    /// `UpdateService` with the fields of `update` and no others.
    pub(crate) async fn update(
        &self,
        cluster: &str,
        service: &str,
        update: &ServiceUpdate,
        task_definition: Option<&str>,
    ) -> Result<Value, ApiError> {
        let raw = RawJson::default();
        let call = self
            .client
            .update_service()
            .cluster(cluster)
            .service(service)
            .set_task_definition(task_definition.map(str::to_owned))
            .set_desired_count(update.desired_count)
            .set_force_new_deployment(update.force_new_deployment)
            .set_propagate_tags(update.propagate_tags.map(|tags| PropagateTags::from(tags.as_str())))
            .set_enable_ecs_managed_tags(update.enable_ecs_managed_tags);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw
            .answer("UpdateService", Some(service), sent)
            .map_err(|error| self.of_service(error, cluster, service))?;
        Ok(answer["service"].clone())
    }

    /// The service's tasks that stopped lately.
    pub(crate) async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<Value>, ApiError> {
        let raw = RawJson::default();
        let call = self
            .client
            .list_tasks()
            .cluster(cluster)
            .service_name(service)
            .desired_status(DesiredStatus::Stopped)
            .max_results(STOPPED_TASKS);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let listed = raw.answer("ListTasks", Some(service), sent)?;
        let arns: Vec<String> = list(&listed, "taskArns").filter_map(Value::as_str).map(str::to_owned).collect();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let raw = RawJson::default();
        let call = self.client.describe_tasks().cluster(cluster).set_tasks(Some(arns));
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let described = raw.answer("DescribeTasks", Some(cluster), sent)?;
        Ok(list(&described, "tasks").cloned().collect())
    }
}

/// What is denied is named by its ARN, for the statement to paste.
fn with_arn(error: ApiError, arn: Option<String>) -> ApiError {
    match (error.kind, arn) {
        (ApiErrorKind::AccessDenied, Some(arn)) => ApiError { resource: Some(arn), ..error },
        _ => error,
    }
}

/// The last parts of the ARNs in `member`, sorted.
fn names(answer: &Value, member: &str) -> Vec<String> {
    let arns = list(answer, member).filter_map(Value::as_str);
    let mut names: Vec<String> = arns.map(|arn| crate::names::last(arn).to_owned()).collect();
    names.sort();
    names
}

/// Replaces a request's body, and keeps the answer's bytes as JSON.
#[derive(Clone, Default)]
struct RawJson {
    body: Option<Arc<str>>,
    answer: Arc<Mutex<Option<Value>>>,
}

impl RawJson {
    fn sending(body: &Value) -> Self {
        Self { body: Some(Arc::from(body.to_string())), answer: Arc::default() }
    }

    /// The answer of a call that went well.
    fn answer<T, E>(
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

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response().body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
        Ok(())
    }
}

/// The ARN and the revision in an answer that holds a task definition.
pub(crate) fn registered_arn(answer: &Value) -> Option<(String, i64)> {
    let definition = &answer["taskDefinition"];
    let arn = owned(definition, "taskDefinitionArn");
    (!arn.is_empty()).then(|| (arn, definition["revision"].as_i64().unwrap_or_default()))
}
