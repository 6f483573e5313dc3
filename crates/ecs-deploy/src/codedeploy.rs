//! Services of the `CODE_DEPLOY` deployment controller: `CodeDeploy` makes a task set of the new revision and moves the traffic to it
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html>).
//!
//! The revision gets into the service through a deployment whose `AppSpec` names it, never through `UpdateService`. What is followed is
//! that deployment, by its id, in a pure step function ([`course`]); its end becomes the same outcome as that of any other service.

/// The word of ECS for the deployment controller.
pub(crate) const CONTROLLER: &str = "CODE_DEPLOY";

mod answer;
mod api;
mod apply;
mod appspec;
mod conflict;
mod course;
mod create;
mod ended;
mod error;
mod follow;
mod inputs;
mod observe;
mod past;
mod plan;
mod policy;
mod stop;
mod undo;

pub(crate) use answer::{Deployment, Status};
pub(crate) use api::Api;
pub(crate) use apply::{Deploying, place};
pub(crate) use appspec::AppSpec;
pub(crate) use conflict::wait_for_other;
pub(crate) use course::{Course, Until};
pub(crate) use ended::ended;
pub use error::CodeDeployError;
pub(crate) use follow::Watch;
pub use inputs::CodeDeployInputs;
pub(crate) use inputs::parse;
pub(crate) use observe::{Seen, of_group, read, seen};
pub(crate) use past::Memory;
pub(crate) use plan::{Begin, CodeDeployPlan, can_be_deployed};
pub(crate) use policy::{of_rollback, statements};
