//! What to do after a deployment that did not end well, or waits for somebody: words and commands to paste.

use actions_core::markdown::{code, escape, fence};

use crate::codedeploy::CodeDeployPlan;
use crate::names::revision_name;
use crate::outcome::{Back, ServiceOutcome, Verdict};
use crate::rollout::Hook;

/// A service as a command line names it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    options: String,
    /// Those of CodeDeploy; empty where ECS itself deploys.
    group: String,
}

impl Place {
    /// The service of a cluster; the region is that of `arn`, where it has one.
    pub(crate) fn new(cluster: &str, service: &str, arn: &str) -> Self {
        let region = arn.split(':').nth(3).filter(|region| is_plain(region));
        let region = region.map_or_else(String::new, |region| format!(" --aws-region={region}"));
        Self { options: format!("--cluster={cluster} --service={service}{region}"), group: String::new() }
    }

    /// The same, deployed by CodeDeploy where `plan` says so.
    pub(crate) fn deployed_by(self, plan: Option<&CodeDeployPlan>) -> Self {
        let plan = plan.filter(|plan| is_plain(&plan.application) && is_plain(&plan.group));
        let of = |plan: &CodeDeployPlan| {
            format!(" --codedeploy-application={} --codedeploy-deployment-group={}", plan.application, plan.group)
        };
        Self { group: plan.map_or_else(String::new, of), ..self }
    }

    /// Takes the service back.
    pub(crate) fn back(&self) -> String {
        format!("ecs-deploy rollback {}{}", self.options, self.group)
    }

    /// Goes on at the hook, or back; `None` where its id is nothing to paste.
    pub(crate) fn at_hook(&self, hook: &str, action: &str) -> Option<String> {
        is_plain(hook).then(|| format!("ecs-deploy continue {} --hook-id={hook} --action={action}", self.options))
    }
}

/// Nothing in it means anything to a shell.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_:/.".contains(c))
}

/// Which command's run it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// A deployment.
    Deployment {
        /// Whether it begins one although nothing is new, and would again.
        forced: bool,
    },
    /// A rollback that was asked for.
    Rollback,
    /// An action on a paused deployment.
    Continuation,
}

/// What to do after `own` ended as it did.
pub(crate) fn after(own: &ServiceOutcome, place: &Place, run: Run) -> String {
    if let Some(help) = own.error.as_ref().and_then(|error| error.help.clone()) {
        return help;
    }
    let again = match run {
        Run::Deployment { .. } => "deploy again",
        Run::Rollback => "name another revision in `to`",
        Run::Continuation => "deploy a new version",
    };
    match own.verdict {
        _ if own.back == Back::Unknown && matches!(run, Run::Deployment { .. }) => format!(
            "running this step again would deploy anew, even where the service goes back. To see whether it does, without changing \
             anything:\n{} --mode=plan",
            place.back()
        ),
        Verdict::TimedOut | Verdict::Cancelled if own.back == Back::Begun && matches!(run, Run::Deployment { .. }) => {
            going_back(place)
        }
        Verdict::TimedOut | Verdict::Cancelled if !own.hooks.is_empty() => waiting(own, place),
        Verdict::RolledBack if own.good.is_some() => {
            let good = own.good.as_deref().map_or("", revision_name);
            let back = place.back();
            format!(
                "{}, and that is not what was successful last; to go to {good}, which was:\n{back} --to={good}",
                runs(own)
            )
        }
        Verdict::RolledBack => format!("correct the cause, then {again}; {}", runs(own)),
        Verdict::Failed if own.restored.is_some() => format!("correct the cause, then {again}; {}", runs(own)),
        Verdict::Failed if run == Run::Rollback => format!(
            "correct the cause, then run the step again, or {again}. To see what the service runs, and what it would go back to, \
             without changing anything:\n{} --mode=plan",
            place.back()
        ),
        Verdict::Failed => format!(
            "correct the cause, then {again}. To see what the service runs, and what it would go back to, without changing \
             anything:\n{} --mode=plan",
            place.back()
        ),
        Verdict::Superseded => "let only one workflow at a time deploy this service (`concurrency:`)".to_owned(),
        Verdict::TimedOut => format!(
            "the deployment goes on; run the step again{} to wait for the same one, or raise `wait-timeout`; or go back:\n{}",
            run.unforced(),
            place.back()
        ),
        _ if own.deployment.is_empty() => "run the step again".to_owned(),
        Verdict::Cancelled if matches!(run, Run::Deployment { .. }) => format!(
            "nothing was taken back. Run the step again{} to go on with the same deployment; or go back:\n{}",
            run.unforced(),
            place.back()
        ),
        _ => "run the step again: it waits for what is under way and changes nothing twice".to_owned(),
    }
}

impl Run {
    /// How it is to be run again to begin nothing.
    pub(crate) const fn unforced(self) -> &'static str {
        match self {
            Self::Deployment { forced: true } => " without `force-new-deployment`",
            Self::Deployment { forced: false } | Self::Rollback | Self::Continuation => "",
        }
    }
}

/// What to do once what keeps the deployment from being seen is gone.
pub(crate) fn unseen(run: Run) -> String {
    let again = run.unforced();
    format!(
        "correct what is named above, then run the step again{again}: it waits for the same deployment and changes nothing else"
    )
}

/// What to do while the service goes back.
pub(crate) fn going_back(place: &Place) -> String {
    format!(
        "the service is going back; running this step again would deploy anew what it goes back from. To see how it ends, \
         without changing anything:\n{} --mode=plan",
        place.back()
    )
}

/// What it runs after it went back.
fn runs(own: &ServiceOutcome) -> String {
    match own.restored.as_deref().map(revision_name) {
        Some(restored) if !restored.is_empty() => format!("the service runs {restored} again"),
        _ => "the service runs what it ran before".to_owned(),
    }
}

/// What to do about the hooks that wait.
pub(crate) fn waiting(own: &ServiceOutcome, place: &Place) -> String {
    let mut lines = vec!["it waits for somebody, and no longer wait ends that; go on, or back:".to_owned()];
    lines.extend(commands(own, place));
    lines.join("\n")
}

/// The commands that end each pause, the way forward first.
pub(crate) fn commands(own: &ServiceOutcome, place: &Place) -> Vec<String> {
    let of = |id: &str| ["continue", "rollback"].map(|action| place.at_hook(id, action));
    own.hooks.iter().flat_map(|hook| of(&hook.id)).flatten().collect()
}

/// The same for the step summary; empty when nothing waits.
pub(crate) fn section(services: &[ServiceOutcome], cluster: &str, arn: &str) -> String {
    let of = |own: &ServiceOutcome| {
        let commands = commands(own, &Place::new(cluster, &own.service, arn));
        let then: String = own.hooks.iter().map(Hook::then).collect();
        let title = format!("{} waits for somebody{}. To go on, or back:", code(&own.service), escape(&then));
        (!commands.is_empty()).then(|| format!("{title}\n\n{}\n", fence("sh", &commands.join("\n"))))
    };
    services.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests;
