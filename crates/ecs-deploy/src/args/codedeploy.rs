//! Deployments by CodeDeploy, under the official action's names.

/// The inputs for services of the `CODE_DEPLOY` deployment controller.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CodeDeployArgs {
    /// For a service of the `CODE_DEPLOY` controller: the `AppSpec` file, JSON or YAML. The revision is put into each of its resources;
    /// nothing else of it is changed. Default: `appspec.yaml`.
    #[arg(long, value_name = "PATH")]
    pub codedeploy_appspec: Option<String>,
    /// Which group deploys the service, and how.
    #[command(flatten)]
    pub group: CodeDeployGroupArgs,
    /// A description of the deployment; what is longer than 512 characters is cut.
    #[arg(long, value_name = "TEXT")]
    pub codedeploy_deployment_description: Option<String>,
}

/// Which group deploys a service of the `CODE_DEPLOY` deployment controller, and how; all commands that deploy one have them.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CodeDeployGroupArgs {
    /// For a service of the `CODE_DEPLOY` controller: the CodeDeploy application. Default: `AppECS-CLUSTER-SERVICE`.
    #[arg(long, value_name = "NAME")]
    pub codedeploy_application: Option<String>,
    /// The CodeDeploy deployment group. Default: `DgpECS-CLUSTER-SERVICE`.
    #[arg(long, value_name = "NAME")]
    pub codedeploy_deployment_group: Option<String>,
    /// How the traffic moves, such as `CodeDeployDefault.ECSCanary10Percent5Minutes`. Empty: as the deployment group says.
    #[arg(long, value_name = "NAME")]
    pub codedeploy_deployment_config: Option<String>,
}
