//! ECS's API with answers as raw JSON: the SDK signs, retries and maps errors; an interceptor keeps what its types drop.

mod codedeploy;
mod definitions;
mod images;
mod logs;
mod raw;
mod run;
mod service_deployments;
mod services;
mod tasks;

pub(crate) use definitions::registered_arn;
pub(crate) use images::{Found, Repository};
pub(crate) use run::NotRun;
pub(crate) use service_deployments::DESCRIBED_AT_ONCE;
pub(crate) use tasks::Tasks;

use std::time::Duration;

use actions_core::{InputErrors, Session};
use aws_client::policy::Place;
use aws_client::{ApiError, ApiErrorKind, Aws, AwsInputs};
use aws_sdk_ecs::Client;
use aws_smithy_types::timeout::TimeoutConfig;
use loopback::Pace;
use serde_json::Value;

use crate::args::ConnectionArgs;
use crate::error::Error;
use crate::service::list;

/// How long the first byte of a look may take: verdicts are told soon after they are known.
const LOOK: Duration = Duration::from_secs(8);
/// No answer is given up sooner.
const SHORTEST: Duration = Duration::from_millis(300);

/// What a connection is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Region, role, accounts.
    pub(crate) aws: AwsInputs,
    /// How often one call is tried; `None`: as often as is usual.
    pub(crate) max_attempts: Option<u32>,
}

impl Connection {
    /// Parses the inputs that all commands have; `None` where one is bad.
    pub(crate) fn parse(args: &ConnectionArgs, bad: &mut InputErrors) -> Option<Self> {
        let aws = AwsInputs::parse(&args.aws, bad);
        let max_attempts = bad.optional("max-retries", args.max_retries.as_deref(), parse_attempts);
        Some(Self { aws: aws?, max_attempts })
    }
}

fn parse_attempts(text: &str) -> Result<u32, String> {
    // The official action's README has 0 for no retries.
    let count = text.parse::<u32>().ok().filter(|count| *count <= 20).map(|count| count.max(1));
    count.ok_or_else(|| "not a number from 0 to 20".to_owned())
}

/// The client.
#[derive(Debug, Clone)]
pub struct Ecs {
    client: Client,
    /// For calls to other services.
    aws: Aws,
    place: Place,
    /// What it was made of.
    connection: Connection,
    /// How fast this service's clock goes.
    pub(crate) pace: Pace,
    /// The region, for messages.
    pub(crate) region: String,
    /// Whether AWS itself answers, so that its console has something to show.
    pub(crate) is_aws: bool,
}

impl Ecs {
    /// Connects with a region, a role and accounts.
    pub(crate) async fn connect(connection: &Connection, session: &Session) -> Result<Self, Error> {
        let aws = Aws::connect(&connection.aws, session).await?;
        let mut config = aws_sdk_ecs::config::Builder::from(aws.config());
        if let Some(attempts) = connection.max_attempts {
            config.set_retry_config(Some(aws.retries(attempts)));
        }
        Ok(Self {
            client: Client::from_conf(config.build()),
            place: aws.place().clone(),
            pace: aws.pace(),
            region: aws.region().to_owned(),
            is_aws: aws.endpoint().is_none(),
            aws,
            connection: connection.clone(),
        })
    }

    /// The same for looking again and again: a look that is not answered is soon made anew.
    pub(crate) fn polling(&self) -> Self {
        let settings = self.client.config();
        let time_outs = settings.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let time_outs = time_outs.read_timeout(self.at_least(LOOK)).build();
        Self { client: Client::from_conf(settings.to_builder().timeout_config(time_outs).build()), ..self.clone() }
    }

    /// The time that is really taken for `time`: the network is as slow where clocks go faster.
    pub(crate) fn at_least(&self, time: Duration) -> Duration {
        self.pace.of(time).max(SHORTEST)
    }

    /// The same with new credentials.
    pub(crate) async fn anew(&self, session: &Session) -> Result<Self, Error> {
        Self::connect(&self.connection, session).await
    }
}

impl Ecs {
    /// For calls to other services.
    pub(crate) fn aws(&self) -> &Aws {
        &self.aws
    }

    /// For calls to other services in a region; `None` is the service's.
    pub(crate) fn aws_in(&self, region: Option<&str>) -> Aws {
        region.map_or_else(|| self.aws.clone(), |region| self.aws.in_region(region))
    }

    /// The ARN of a family's revisions, without a number, where the inputs told the account.
    pub(crate) fn revision_arn(&self, family: &str) -> Option<String> {
        self.place.arn("ecs", &format!("task-definition/{family}"))
    }

    /// The account, where the inputs told it.
    pub(crate) fn account(&self) -> Option<&str> {
        self.place.account.as_deref()
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
