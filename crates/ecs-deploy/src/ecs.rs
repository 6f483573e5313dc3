//! ECS's API with answers as raw JSON: the SDK signs, retries and maps errors; an interceptor keeps what its types drop.

mod definitions;
mod logs;
mod raw;
mod service_deployments;
mod services;
mod tasks;

pub(crate) use definitions::registered_arn;
pub(crate) use tasks::Tasks;

use actions_core::Session;
use aws_client::policy::Place;
use aws_client::{ApiError, ApiErrorKind, Aws};
use aws_sdk_ecs::Client;
use loopback::Pace;
use serde_json::Value;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::service::list;

/// The client.
#[derive(Debug, Clone)]
pub struct Ecs {
    client: Client,
    /// For calls to other services.
    aws: Aws,
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
        crate::observe::file(inputs, session)?;
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
            aws,
        })
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
