//! What there is: the `AppSpec` file, the deployment group, a deployment that is under way.

use actions_core::Session;
use aws_client::{ApiError, ApiErrorKind};

use crate::codedeploy::answer::{Deployment, Group};
use crate::codedeploy::api::Api;
use crate::codedeploy::appspec::AppSpec;
use crate::codedeploy::error::CodeDeployError;
use crate::ecs::Ecs;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::names::ServiceName;
use crate::preflight::Wiring;

/// `CodeDeploy` takes 256 KiB.
const LARGEST_FILE: u64 = 1024 * 1024;

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    pub(super) appspec: AppSpec,
    /// `None` without the permission.
    pub(super) group: Option<Group>,
    /// The deployment of the group that has not ended.
    pub(super) under_way: Option<Deployment>,
    /// What could not be seen, for want of a permission that is not strictly needed.
    pub(super) notes: Vec<String>,
}

impl Seen {
    /// The same for a service that goes back: what it deploys is an `AppSpec` of before.
    pub(crate) async fn for_rollback(
        api: &Api<'_>,
        appspec: AppSpec,
        under_way: Option<Deployment>,
    ) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let group = group_of(api, &mut notes).await?;
        Ok(Self { appspec, group, under_way, notes })
    }

    /// What could not be seen.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The deployment of the group that has not ended.
    pub(crate) fn under_way(&self) -> Option<&Deployment> {
        self.under_way.as_ref()
    }

    /// The ARN of the revision that is on its way; `None` without one.
    pub(crate) fn on_its_way(&self) -> Option<String> {
        self.under_way.as_ref().map(Deployment::task_definition).filter(|arn| !arn.is_empty())
    }

    /// What the new tasks are connected to.
    pub(crate) fn wiring(&self) -> Wiring {
        Wiring::of_appspec(self.appspec.load_balancers())
    }
}

/// Observes everything the plan needs.
pub(crate) async fn seen(inputs: &Inputs, name: &ServiceName, ecs: &Ecs, session: &Session) -> Result<Seen, Error> {
    let appspec = file(inputs, session)?;
    let application = inputs.codedeploy.application(&inputs.cluster, name);
    let group = inputs.codedeploy.group(&inputs.cluster, name);
    let api = Api { ecs, application: &application, group: &group };
    let mut notes = Vec::new();
    let found = group_of(&api, &mut notes).await?;
    let under_way = match api.under_way().await.map_err(|error| of_group(error, &api))? {
        // Without it nobody could tell a deployment of this same step from a stranger's, which is stopped.
        Some(found) => Some(api.read(found).await?),
        None => None,
    };
    Ok(Seen { appspec, group: found, under_way, notes })
}

/// The deployment group, as far as it may be seen.
async fn group_of(api: &Api<'_>, notes: &mut Vec<String>) -> Result<Option<Group>, Error> {
    match api.group().await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ApiErrorKind::AccessDenied => {
            let action = error.iam_action();
            notes.push(format!("grant `{action}` to know how long the deployment group waits by itself"));
            Ok(None)
        }
        Err(error) => Err(of_group(error, api)),
    }
}

/// The deployment with what it deploys, as far as it may be read.
pub(crate) async fn read(api: &Api<'_>, found: Deployment, notes: &mut Vec<String>) -> Result<Deployment, ApiError> {
    match api.read(found.clone()).await {
        Err(error) if error.kind == ApiErrorKind::AccessDenied => {
            let action = error.iam_action();
            notes.push(format!("grant `{action}` to know which revision the deployment under way brings"));
            Ok(found)
        }
        read => read,
    }
}

/// Reads the `AppSpec` file.
fn file(inputs: &Inputs, session: &Session) -> Result<AppSpec, CodeDeployError> {
    let path = &inputs.codedeploy.appspec;
    let shown = session.annotation_path(path);
    let text = actions_core::read_text_limited(path, LARGEST_FILE)
        .map_err(|source| CodeDeployError::AppSpecUnreadable { path: shown.clone(), source })?;
    AppSpec::parse(&shown, path, &text)
}

/// `CodeDeploy` says of a group that is not there what is missing.
pub(crate) fn of_group(error: ApiError, api: &Api<'_>) -> Error {
    match error.code.as_deref() {
        Some("ApplicationDoesNotExistException" | "DeploymentGroupDoesNotExistException") => {
            CodeDeployError::GroupNotFound { application: api.application.to_owned(), group: api.group.to_owned() }
                .into()
        }
        _ => error.into(),
    }
}
