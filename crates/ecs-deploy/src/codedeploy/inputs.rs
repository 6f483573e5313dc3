//! What was asked for of `CodeDeploy`.

use std::path::PathBuf;

use actions_core::InputErrors;

use crate::args::CodeDeployArgs;
use crate::names::{ClusterName, ServiceName};

/// The official action's default.
const APPSPEC: &str = "appspec.yaml";
/// `CreateDeployment` takes no longer description; the official action cuts it there.
const LONGEST_DESCRIPTION: usize = 512;

/// What was asked for of `CodeDeploy`; of no meaning for a service that ECS deploys itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeDeployInputs {
    /// The `AppSpec` file.
    pub appspec: PathBuf,
    /// The application, when it is not the service's usual one.
    pub application: Option<String>,
    /// The deployment group, when it is not the service's usual one.
    pub group: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// How the traffic moves, when not as the group says.
    pub config: Option<String>,
    /// Whether any of it was given.
    pub is_given: bool,
}

impl CodeDeployInputs {
    /// The application: that of the inputs, or the one that the ECS console makes for a service.
    pub(crate) fn application(&self, cluster: &ClusterName, service: &ServiceName) -> String {
        self.application.clone().unwrap_or_else(|| format!("AppECS-{}-{}", cluster.name(), service.name()))
    }

    /// The deployment group, likewise.
    pub(crate) fn group(&self, cluster: &ClusterName, service: &ServiceName) -> String {
        self.group.clone().unwrap_or_else(|| format!("DgpECS-{}-{}", cluster.name(), service.name()))
    }
}

/// Parses the inputs.
pub(crate) fn parse(args: &CodeDeployArgs, bad: &mut InputErrors) -> CodeDeployInputs {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let appspec = given(&args.codedeploy_appspec);
    let description = given(&args.codedeploy_deployment_description);
    let application = bad.optional("codedeploy-application", args.group.codedeploy_application.as_deref(), name);
    let group = bad.optional("codedeploy-deployment-group", args.group.codedeploy_deployment_group.as_deref(), name);
    let config = bad.optional("codedeploy-deployment-config", args.group.codedeploy_deployment_config.as_deref(), name);
    let is_given = [&application, &group, &config, &appspec, &description].into_iter().any(Option::is_some);
    CodeDeployInputs {
        appspec: appspec.unwrap_or_else(|| APPSPEC.to_owned()).into(),
        application,
        group,
        description: description.map(|text| text.chars().take(LONGEST_DESCRIPTION).collect()),
        config,
        is_given,
    }
}

/// `CodeDeploy` allows up to 100 characters
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
fn name(text: &str) -> Result<String, String> {
    let fits = text.chars().count() <= 100 && !text.chars().any(|c| c.is_control() || c == '/');
    if fits { Ok(text.to_owned()) } else { Err("not a name of at most 100 characters".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CodeDeployGroupArgs;

    #[test]
    fn the_defaults_are_those_of_the_console() {
        let inputs = parse(&CodeDeployArgs::default(), &mut InputErrors::new());
        let cluster = ClusterName::parse("arn:aws:ecs:eu-west-1:123456789012:cluster/prod").unwrap();
        let service = ServiceName::parse("web").unwrap();
        assert_eq!(inputs.application(&cluster, &service), "AppECS-prod-web");
        assert_eq!(inputs.group(&cluster, &service), "DgpECS-prod-web");
        assert_eq!(inputs.appspec, PathBuf::from("appspec.yaml"));
        assert!(!inputs.is_given);
    }

    #[test]
    fn a_long_description_is_cut_and_a_bad_name_refused() {
        let args = CodeDeployArgs {
            codedeploy_deployment_description: Some("ä".repeat(600)),
            group: CodeDeployGroupArgs {
                codedeploy_application: Some("a/b".to_owned()),
                ..CodeDeployGroupArgs::default()
            },
            ..CodeDeployArgs::default()
        };
        let mut bad = InputErrors::new();
        let inputs = parse(&args, &mut bad);
        assert_eq!(inputs.description.map(|text| text.chars().count()), Some(512));
        assert_eq!(bad.iter().count(), 1);
    }
}
