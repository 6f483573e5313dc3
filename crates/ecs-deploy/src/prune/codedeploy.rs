//! The revisions that deployments of `CodeDeploy` brought, for it goes back to them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::codedeploy::{Api, CodeDeployInputs};
use crate::ecs::Ecs;
use crate::inputs::Inputs;
use crate::names::{ClusterName, ServiceName};
use crate::prune::Unknown;

/// As far back as ECS remembers its own service deployments.
const REMEMBERED: Duration = Duration::from_hours(90 * 24);

/// The ARNs of the revisions of all deployments of a service.
pub(super) async fn revisions(ecs: &Ecs, inputs: &Inputs, cluster: &str, service: &str) -> Result<Vec<Value>, Unknown> {
    let words = |problem: String| Unknown::Words(format!("service {service}: {problem}"));
    let cluster = ClusterName::parse(cluster).map_err(words)?;
    let service = ServiceName::parse(service).map_err(words)?;
    let usual = CodeDeployInputs::default();
    let is_same = |own: &ServiceName| own.name() == service.name() && inputs.cluster.name() == cluster.name();
    // The names of what deploys another service are not told; most have the usual ones.
    let names = if inputs.services.iter().any(is_same) { &inputs.codedeploy } else { &usual };
    let (application, group) = (names.application(&cluster, &service), names.group(&cluster, &service));
    let api = Api { ecs, application: &application, group: &group };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = json!({"start": now.saturating_sub(REMEMBERED).as_secs()});
    let mut revisions = Vec::new();
    for id in api.list(&[("createTimeRange", since)]).await? {
        let deployment = api.read(api.deployment(&id).await?).await?;
        let unread = || Unknown::Words(format!("what the deployment {id} of CodeDeploy brought cannot be read"));
        let revision = deployment.appspec.and_then(|appspec| appspec.revision());
        revisions.push(Value::from(revision.ok_or_else(unread)?));
    }
    Ok(revisions)
}
