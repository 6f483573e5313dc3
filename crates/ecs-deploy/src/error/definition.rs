//! Everything that keeps a task definition from being registered or deployed.

mod told;

use actions_core::Location;
use aws_client::ApiError;

use super::quoted;
use crate::task_definition::{Misspelling, PlainSecret};

/// An error of the task definition or of the inputs that make it.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DefinitionError {
    /// The task definition file cannot be read. Exit code 2.
    ///
    /// The path in `task-definition` leads nowhere: no checkout, another working directory, or a file that an earlier
    /// step did not write.
    #[error("task definition file `{path}` cannot be read")]
    #[diagnostic(
        code("ecs-deploy/task-definition-unreadable"),
        help(
            "check `task-definition`; a relative path starts at the folder the step runs in, and the file must be checked out"
        )
    )]
    FileUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The task definition file is not JSON. Exit code 2.
    ///
    /// The file has a comment or a trailing comma, holds a template variable that was not filled in, or is YAML with the extension
    /// of JSON.
    #[error("task definition file `{location}` is not JSON")]
    #[diagnostic(
        code("ecs-deploy/task-definition-not-json"),
        help("correct the file there; JSON has no comments, and YAML belongs into a file named `.yaml`")
    )]
    NotJson {
        /// The place.
        location: Location,
        /// The reason.
        why: String,
    },
    /// The task definition file is not YAML. Exit code 2.
    ///
    /// The file is not well-formed, or uses what YAML 1.2 has no meaning for: merge keys (`<<`), tags of other tools such as
    /// `!Ref`, a second document.
    #[error("task definition file `{location}` is not YAML")]
    #[diagnostic(code("ecs-deploy/task-definition-not-yaml"), help("correct the file there"))]
    NotYaml {
        /// The place.
        location: Location,
        /// The reason.
        why: String,
    },
    /// A name is there twice in one object of the task definition file. Exit code 2.
    ///
    /// Of two members with one name each reader keeps another one, so what would be deployed is not what one of the two says.
    #[error("`{name}` is there twice in task definition file `{location}`")]
    #[diagnostic(code("ecs-deploy/duplicate-key"), help("remove one of the two"))]
    DuplicateKey {
        /// The place of the second.
        location: Location,
        /// The name.
        name: String,
    },
    /// The task definition file holds something else. Exit code 2.
    ///
    /// The file lacks what makes a task definition: a `family` and a list of `containerDefinitions` with names and images. Or it has a
    /// value that ECS refuses: an object where ECS takes a list (`environment` is a list of `name` and `value`), a text for a number, a
    /// slip for a word that ECS knows (`awsvcp`), or a number that cannot be kept as it is.
    ///
    /// Correct the value at the printed line. If a word is a new one of ECS, write the name of its field into `new-fields`.
    #[error("file `{location}` is no task definition")]
    #[diagnostic(
        code("ecs-deploy/not-a-task-definition"),
        help(
            "write what `aws ecs register-task-definition --cli-input-json` takes, or what `aws ecs describe-task-definition` prints"
        )
    )]
    NotATaskDefinition {
        /// The file, and the place in it where there is one.
        location: Location,
        /// What is wrong.
        why: String,
    },
    /// The task definition file has a field that looks like a slip for another one. Exit code 2.
    ///
    /// ECS leaves out what it does not know without a word, so a slip in a name deploys a container without what was meant:
    /// `enviroment` is no `environment`. A name that resembles none of ECS's fields is sent, because it may be newer than
    /// this program.
    ///
    /// Correct the name at the printed line. If it is a new field of ECS, write it into `new-fields`.
    #[error("`{}` is no field of a task definition; did you mean `{}`?", first(found), meant(found))]
    #[diagnostic(
        code("ecs-deploy/misspelled-field"),
        help("correct the name; if it is a new field of ECS, name it in `new-fields`")
    )]
    Misspelled {
        /// The names, in the order of the file.
        found: Vec<Misspelling>,
    },
    /// ECS registered the task definition without one of its fields. Exit code 2.
    ///
    /// The answer to the registration lacks a field that was sent and that AWS's model does not know: it is misspelled, at the
    /// wrong place, or not known to ECS in this region yet. Nothing was deployed, and the revision was deregistered, if the
    /// role may do that.
    ///
    /// Correct or remove the fields that are named.
    #[error("ECS registered `{revision}` without {}", quoted(paths))]
    #[diagnostic(
        code("ecs-deploy/field-not-kept"),
        help("check the spelling and the place, or remove it; nothing was deployed")
    )]
    NotKept {
        /// The revision as `family:number`.
        revision: String,
        /// The fields.
        paths: Vec<String>,
        /// The first of them in the file.
        location: Option<Location>,
        /// What became of the revision.
        cleanup: String,
    },
    /// ECS refuses the task definition. Exit code 2.
    ///
    /// ECS read the task definition and does not accept it: an unknown field, a bad combination of CPU and memory, or a
    /// role that does not exist. ECS's own words are printed under `why`.
    #[error("ECS refuses the task definition `{family}`")]
    #[diagnostic(code("ecs-deploy/task-definition-refused"), help("correct what ECS names; nothing was changed"))]
    Refused {
        /// The family.
        family: String,
        /// Where in the file to look.
        location: Option<Location>,
        /// What is of another type than ECS takes.
        mistyped: Vec<String>,
        /// What ECS answered.
        answer: ApiError,
    },
    /// The family or revision to start from does not exist. Exit code 2.
    ///
    /// ECS has no such family or revision in this region of this account, or it was deleted.
    #[error("task definition `{name}` is not in {region}")]
    #[diagnostic(
        code("ecs-deploy/task-definition-not-found"),
        help(
            "check `task-definition-arn` or `task-definition-family` and `task-definition-revision`, `aws-region` and the account of the credentials"
        )
    )]
    NotFound {
        /// What was asked for.
        name: String,
        /// The region.
        region: String,
    },
    /// The revision to deploy was deregistered. Exit code 2.
    ///
    /// Somebody retired the revision: ECS starts no tasks from it, and updates no service to it.
    #[error("revision `{name}` is {status}")]
    #[diagnostic(
        code("ecs-deploy/revision-inactive"),
        help("name an ACTIVE revision, or register its content again from a file")
    )]
    Inactive {
        /// The revision.
        name: String,
        /// Its status.
        status: String,
    },
    /// The services run task definitions of different families, and none was named to deploy. Exit code 2.
    ///
    /// Without a file, an ARN or a family the deployment starts from what the service runs. Several services get one revision, so
    /// all must run the same family.
    ///
    /// Name the task definition, or deploy the services in steps of their own.
    #[error("the services run different task definitions: {}", quoted(families))]
    #[diagnostic(
        code("ecs-deploy/several-families"),
        help(
            "name one in `task-definition` or `task-definition-family`, or deploy the services in steps of their own"
        )
    )]
    SeveralFamilies {
        /// The families.
        families: Vec<String>,
    },
    /// An input names a container that the task definition does not have. Exit code 2.
    ///
    /// The name in `images` or `container-name` is none of the task definition's containers: mostly the service's name was
    /// written.
    ///
    /// Write the container's name as the task definition has it; the printed help lists the names.
    #[error("the task definition has no container `{container}`")]
    #[diagnostic(code("ecs-deploy/unknown-container"), help("name one of its containers: {}", quoted(found)))]
    UnknownContainer {
        /// The container.
        container: String,
        /// The containers there are.
        found: Vec<String>,
    },
    /// A bare image was given, and the task definition has several containers. Exit code 2.
    ///
    /// With several containers an image without a name could belong to any of them.
    ///
    /// Write `images: container=image`; the printed help lists the containers.
    #[error("image `{image}` names no container, and the task definition has {}", found.len())]
    #[diagnostic(
        code("ecs-deploy/ambiguous-image"),
        help("write `container={image}`; the containers are {}", quoted(found))
    )]
    AmbiguousImage {
        /// The image.
        image: String,
        /// The containers there are.
        found: Vec<String>,
    },
    /// An edit names no container, and the task definition has several. Exit code 2.
    ///
    /// With several containers a variable, a secret or a command could belong to any of them.
    ///
    /// Name the containers in `container-name`; the printed help lists them.
    #[error("`{input}` is given without `container-name`, and the task definition has {} containers", found.len())]
    #[diagnostic(
        code("ecs-deploy/ambiguous-container"),
        help("name in `container-name` whom it is for; the containers are {}", quoted(found))
    )]
    AmbiguousContainer {
        /// The input.
        input: &'static str,
        /// The containers there are.
        found: Vec<String>,
    },
    /// Log options are given for a container that has no log driver. Exit code 2.
    ///
    /// Options belong to a driver, and neither the task definition nor the inputs name one for the container.
    #[error("container `{container}` has no log driver for the options")]
    #[diagnostic(
        code("ecs-deploy/no-log-driver"),
        help("set `log-configuration-log-driver`, for example to `awslogs`")
    )]
    NoLogDriver {
        /// The container.
        container: String,
    },
    /// What an edit changes is of another type than ECS takes. Exit code 2.
    ///
    /// The task definition has something else where the edit expects a list or an object, so nothing can be put into it.
    #[error("`{path}` of the task definition is not {wanted}, so it cannot be edited")]
    #[diagnostic(code("ecs-deploy/not-editable"), help("correct it in the task definition"))]
    NotEditable {
        /// The field.
        path: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A plain environment variable looks like a secret, and `secret-lint` is `fail`. Exit code 2.
    ///
    /// Everybody who may describe the task definition reads its `environment`. The name of the variable or the shape of its
    /// value looks like a password, a token or a key; the value itself is never printed.
    ///
    /// Store it in Secrets Manager or the Parameter Store and name it under `secrets`; or set `secret-lint` to `warn` or `off`.
    #[error("{}", found.first().map(PlainSecret::problem).unwrap_or_default())]
    #[diagnostic(
        code("ecs-deploy/plain-secret"),
        help("{}", found.first().map(PlainSecret::remedy).unwrap_or_default())
    )]
    PlainSecrets {
        /// The variables.
        found: Vec<PlainSecret>,
        /// The first of them in the file.
        location: Option<Location>,
    },
}

fn first(found: &[Misspelling]) -> &str {
    found.first().map_or("", |slip| slip.path.as_str())
}

fn meant(found: &[Misspelling]) -> &'static str {
    found.first().map_or("", |slip| slip.meant)
}
