//! `cargo xtask bench`: figures, and a failure where a goal is missed. No test takes them: they need a quiet machine.

mod comparison;
mod contender;
mod detect;
mod ecs;
mod plan;
mod push;
mod s3;
mod sample;
pub(crate) mod script;
mod stand_in;
mod startup;
mod statistics;

use clap::Subcommand;

use crate::program::root;
use crate::report::line;

/// What can be measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Time and memory of a deployment, beside the official action for Node.js.
    Startup(startup::Options),
    /// Verdicts on scripted deployments, and the cost of one that is waited for, beside the official action for Node.js.
    Ecs(ecs::Options),
    /// What it costs to tell the versions of one project and of a thousand, beside the start of Node.js.
    Detect(detect::Options),
    /// What it costs to render a plan, beside `terraform show`.
    Plan(plan::Options),
    /// What it costs to push images to a registry, beside skopeo, buildah, docker, crane and regctl.
    Push(push::Options),
    /// What it costs to publish a site to S3, beside the AWS CLI, s5cmd, rclone and s3sync.
    S3(s3::Options),
    /// What `scripts/run-action.sh` costs with a filled cache, after `cargo xtask release --dry-run`.
    Script,
}

/// Measures.
pub(crate) fn run(bench: &Bench) -> Result<(), String> {
    match bench {
        Bench::Startup(options) => startup::run(options),
        Bench::Ecs(options) => ecs::run(options),
        Bench::Detect(options) => detect::run(options),
        Bench::Plan(options) => plan::run(options),
        Bench::Push(options) => push::run(options),
        Bench::S3(options) => s3::run(options),
        Bench::Script => {
            let folder = root().join("target/release-dry-run");
            script::check(&folder.join("tarball"), &crate::release::cache(&folder), &line)
        }
    }
}
