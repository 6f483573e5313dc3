//! What is typed. The doc comments are the help text and the text of action.yml.

use actions_core::InputErrors;

use crate::args::{ConnectionArgs, DefinitionArgs, EcsDeployArgs, TaskArgs, WatchArgs};
use crate::inputs::{self, Inputs};

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EcsRunTaskArgs {
    /// Name or ARN of the cluster.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub cluster: String,
    /// Name or ARN of the service whose network and capacity the task gets, and whose task definition unless one is named. It is not
    /// changed.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// What the task definition is made of.
    #[command(flatten)]
    pub definition: DefinitionArgs,
    /// Images to run, one `container=image` per line. A bare image will do when the task definition has one container.
    #[arg(long, value_name = "LINES")]
    pub images: Vec<String>,
    /// Image for `container-name`, or for the only container.
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// How the task is run.
    #[command(flatten)]
    pub task: TaskArgs,
    /// Whether ECS tags the task with the cluster's name. Empty: it does not.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_name = "BOOL")]
    pub enable_ecs_managed_tags: Option<bool>,
    /// How long to wait for the task's end from its start, for example `10m` or `1h30m`; then the task is stopped. Default: `30m`.
    #[arg(long, value_name = "DURATION")]
    pub wait_timeout: Option<String>,
    /// How AWS is reached.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// A deployment of no service, with a task.
pub(super) fn parse(args: EcsRunTaskArgs) -> Result<Inputs, InputErrors> {
    inputs::parse(&EcsDeployArgs {
        cluster: args.cluster,
        run_task: true,
        run_task_service: args.service,
        definition: args.definition,
        images: args.images,
        image: args.image,
        task: args.task,
        enable_ecs_managed_tags: args.enable_ecs_managed_tags,
        wait_for_service_stability: true,
        watch: WatchArgs { wait_timeout: args.wait_timeout, ..WatchArgs::default() },
        connection: args.connection,
        ..EcsDeployArgs::default()
    })
    .map_err(|bad| in_own_words(&bad))
}

/// The errors with the names that the inputs have here.
fn in_own_words(bad: &InputErrors) -> InputErrors {
    let mut own = InputErrors::new();
    for entry in bad.iter() {
        match entry.name.as_str() {
            "service" => own.add(
                "service",
                entry.problem.clone(),
                Some("name the service whose task definition is run, or a task definition".to_owned()),
            ),
            "run-task-service" => own.add("service", entry.problem.clone(), entry.help.clone()),
            name => own.add(name, entry.problem.clone(), entry.help.clone()),
        }
    }
    own
}
