//! Where the task definition comes from, and what is changed in it. The names are those of the official render action.

/// Inputs that make the task definition.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DefinitionArgs {
    /// JSON or YAML file with the task definition: bare, or as `aws ecs describe-task-definition` prints it; or the ARN of a revision,
    /// as the output of this name holds it. Empty, and without one of the next three: the task definition that the service runs now.
    #[arg(long, value_name = "FILE")]
    pub task_definition: Option<String>,
    /// Registered revision to start from, by its ARN or as `family:revision`. With no image and no edit it is deployed as it
    /// is, and nothing is registered.
    #[arg(long, value_name = "ARN")]
    pub task_definition_arn: Option<String>,
    /// Family whose newest revision to start from, for example one that Terraform registered. With no image and no edit that
    /// revision is deployed as it is, and nothing is registered.
    #[arg(long, value_name = "FAMILY")]
    pub task_definition_family: Option<String>,
    /// Revision of `task-definition-family`, in place of its newest.
    #[arg(long, value_name = "NUMBER")]
    pub task_definition_revision: Option<String>,
    /// Containers that get `image` and the edits below, separated by commas or lines. Empty: the only container.
    #[arg(long, value_name = "NAMES")]
    pub container_name: Vec<String>,
    /// Environment variables to set, one `NAME=value` per line. A name that is a secret so far becomes a variable.
    #[arg(long, value_name = "LINES")]
    pub environment_variables: Vec<String>,
    /// Names of environment variables to remove, one per line.
    #[arg(long, value_name = "NAMES")]
    pub remove_environment_variables: Vec<String>,
    /// Secrets to set, one `NAME=ARN` per line (of a secret in Secrets Manager or a parameter). A name that is an environment
    /// variable so far becomes a secret.
    #[arg(long, value_name = "LINES")]
    pub secrets: Vec<String>,
    /// Names of secrets to remove, one per line.
    #[arg(long, value_name = "NAMES")]
    pub remove_secrets: Vec<String>,
    /// ARNs of environment files in S3, one per line; they take the place of those that are there.
    #[arg(long, value_name = "ARNS")]
    pub env_files: Vec<String>,
    /// Docker labels to set, one `key=value` per line.
    #[arg(long, value_name = "LINES")]
    pub docker_labels: Vec<String>,
    /// Log driver to set, for example `awslogs`.
    #[arg(long, value_name = "DRIVER")]
    pub log_configuration_log_driver: Option<String>,
    /// Options of the log driver to set, one `key=value` per line; a value may hold further `=`.
    #[arg(long, value_name = "LINES")]
    pub log_configuration_options: Vec<String>,
    /// Command of the container: a JSON list of its words, or words quoted as in a shell (variables are not expanded). `[]`
    /// means the image's own.
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// CPU of the task, for example `256` or `.25 vCPU`.
    #[arg(long, value_name = "UNITS")]
    pub cpu: Option<String>,
    /// Memory of the task, for example `512` (MiB) or `1 GB`.
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// Role that the containers take on: its ARN, or its name.
    #[arg(long, value_name = "ROLE")]
    pub task_role_arn: Option<String>,
    /// Role that ECS takes on to pull images, read secrets and write logs: its ARN, or its name.
    #[arg(long, value_name = "ROLE")]
    pub execution_role_arn: Option<String>,
    /// What happens when a plain environment variable looks like a secret: it is told (`warn`), nothing is deployed (`fail`),
    /// or nothing (`off`).
    #[arg(long, value_enum, ignore_case = true, default_value = "warn", value_name = "LEVEL")]
    pub secret_lint: SecretLint,
    /// What to do when something that the task definition names is certainly not there or does not fit: an image, its processor,
    /// a secret, a role, a log group, a port. `fail` changes nothing, `warn` warns, `off` does not look.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "fail")]
    pub preflight: Preflight,
    /// Names of fields that are newer than this version, or whose value is, one per line, where it looks so much like a known
    /// one that it would be refused as a slip.
    #[arg(long, value_name = "NAMES")]
    pub new_fields: Vec<String>,
}

/// What happens when a plain environment variable looks like a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SecretLint {
    /// It is told.
    #[default]
    Warn,
    /// Nothing is deployed.
    Fail,
    /// Nothing.
    Off,
}

/// What to do when something that the task definition names is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Preflight {
    /// Nothing is changed.
    #[default]
    Fail,
    /// A warning.
    Warn,
    /// Nobody looks.
    Off,
}
