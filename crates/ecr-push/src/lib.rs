//! Pushes an image to a repository of ECR, private or public, under several tags, without Docker.
//!
//! 1. `connect` obtains credentials and opens the image: an OCI layout, a docker archive, a daemon's image, or one of another registry.
//! 2. `observe` asks ECR for the repository and its rules, and the registry for what each tag points at.
//! 3. `plan` decides for each tag: push, move, already done, or a conflict, which ends the run before anything is sent.
//! 4. `apply` creates the repository if told to, asks ECR once which blobs are missing, mounts or uploads them, then puts
//!    children by digest, stable tags, and moving tags last, and looks again at each tag that another run could have moved.
//!
//! Invariants: a tag that is not in `mutable-tags` is never moved, whatever the repository allows; a tag appears only when
//! everything it needs is there; the registry's password is masked and goes to ECR's host alone; running again converges.
//!
//! It deliberately builds nothing, deletes nothing, scans nothing itself, and changes no setting of a repository that exists.

mod apply;
mod args;
mod bundle;
mod clients;
mod create;
mod destination;
mod docker;
mod error;
mod gate;
mod inputs;
mod layers;
mod nearest;
mod new_repository;
mod newest;
mod observe;
mod origin;
mod outcome;
mod plan;
mod policy;
mod promote;
mod report;
mod repository;
mod source;

use actions_core::{Action, Command, InputErrors, OutputSpec, Report, SecretInput, Session};

pub use args::{Args, GateArgs, OriginArgs, PromoteArgs, TargetArgs};
pub use clients::Clients;
pub use destination::{Destination, RegistryType};
pub use ecr::{Mutability, Repository, Wildcard};
pub use error::{Error, SourceError};
pub use gate::{FailOn, Finding, Gate, Judgment, ScanRules, ScanVerdict, Scanned, Severity, SignatureVerdict};
pub use inputs::{Checks, ImageInputs, Inputs};
pub use new_repository::{KmsKey, NewRepository};
pub use newest::MovingTags;
pub use origin::{Origin, ReferrerRule};
pub use outcome::{ImageOutcome, Outcome, TagOutcome, TagResult, Transfer};
pub use plan::{ImageFacts, ImagePlan, ImageSnapshot, Plan, PlannedTag, ReferrerFacts, Snapshot, TagAction};
pub use promote::EcrPromote;
pub use source::Source;

/// The password of a registry that an image is taken from and that is none of ECR's.
const SOURCE_PASSWORD: SecretInput = SecretInput {
    name: origin::PASSWORD,
    help: "Password or token for the source's registry, where that is none of ECR's and wants `source-username`. On the command line it is \
           read from SOURCE_PASSWORD or --source-password-file.",
    default: "",
    variables: &["SOURCE_PASSWORD"],
};

/// What both actions tell.
const OUTPUTS: [OutputSpec; 10] = [
    OutputSpec {
        name: "image",
        help: "The image by the first tag that points at it, `registry/repository:tag`; by its digest where none does.",
    },
    OutputSpec {
        name: "image-uri",
        help: "The image by its digest, `registry/repository@sha256:...`. Deploy this one.",
    },
    OutputSpec { name: "digest", help: "The digest of the manifest, `sha256:...`." },
    OutputSpec {
        name: "registry",
        help: "The registry's host name. Empty on a dry run that would create the repository.",
    },
    OutputSpec { name: "repository", help: "The repository's name." },
    OutputSpec { name: "tags", help: "The tags that point at the image, one per line." },
    OutputSpec {
        name: "images-json",
        help: "Every image of the run as JSON: a list of objects with `repository`, `image`, `image-uri`, `digest`, `tags` and `pushed`. The other \
               outputs about an image are those of the first one.",
    },
    OutputSpec {
        name: "scan-status",
        help: "With `wait-for-scan`: `passed`, `vulnerable`, `not-scanned` or `timed-out`; else empty.",
    },
    OutputSpec {
        name: "findings-json",
        help: "What the scan found, the worst first, as JSON: a list of objects with `severity`, `id`, `package`, `version`, `fixed` (the version \
               with the fix, or null), `has_fix` (null where the scan does not tell) and `uri`; at most 96 KiB of it.",
    },
    OutputSpec { name: "pushed", help: "`true` when a tag was written, `false` when everything was already done." },
];

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EcrPush;

impl Action for EcrPush {
    const NAME: &'static str = "ecr-push";
    const TITLE: &'static str = "Slipway ECR push";
    const DESCRIPTION: &'static str = "Pushes an image (OCI layout, docker archive, daemon or another registry) to Amazon ECR under several \
         tags, without Docker. A stable tag is never overwritten: the same image is already done, another one is an error \
         before any upload.";
    const COMMANDS: &'static [Command] = &[Command::of::<EcrPromote>()];
    const OUTPUTS: &'static [OutputSpec] = &OUTPUTS;
    const SECRETS: &'static [SecretInput] = &[SOURCE_PASSWORD];
    const IAM_POLICY: Option<actions_core::IamPolicy<Inputs>> = Some(policy::policy);

    type Args = Args;
    type Inputs = Inputs;
    type Clients = Clients;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: Args, session: &Session) -> Result<Inputs, InputErrors> {
        inputs::parse(&args, session)
    }

    async fn connect(inputs: &Inputs, session: &Session) -> Result<Clients, Error> {
        Clients::connect(inputs, session).await
    }

    async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
        Box::pin(observe::observe(inputs, clients, session)).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(_: &Inputs, plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
        Box::pin(apply::apply(plan, clients, session)).await
    }

    fn report(_: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(plan, outcome)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::EcrPush>();
    }
}
