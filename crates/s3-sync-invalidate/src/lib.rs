//! Publishes a built site to S3 and tells CloudFront which paths became old.
//!
//! 1. `observe` reads every file of the source once (MD5), on all cores, while it lists the bucket below the prefix, in parts
//!    of the local names, and reads the manifest of the last publication; asks for headers where both do not settle whether an
//!    object differs; and reads how the distributions show the bucket.
//! 2. `plan` decides: what differs goes up, what is the site's own and not in the source goes away when `delete` says so, what
//!    a cache may hold is invalidated.
//! 3. `apply` leaves a note of what will be due, uploads hashed assets, makes sure that nobody else published, uploads other
//!    assets, then HTML and entry points, writes the manifest, deletes, invalidates, and removes the note. Each step is a barrier.
//!
//! Invariants: modification times decide nothing; no key outside of the prefix (with its slash) is written or deleted but those
//! of the manifest; only the publication that wrote the manifest deletes; nothing that looks like a secret goes up unasked; a
//! page never goes up before what it refers to; an unchanged site costs a listing and a look at the manifest.
//!
//! It deliberately creates no bucket and no distribution, sends no ACL and compresses nothing unasked, and changes no file's content.

mod apply;
mod args;
mod bucket;
mod choices;
mod clean_urls;
mod clients;
mod cloudfront;
mod compatible;
mod compress;
mod content_type;
mod digest;
mod encoding;
mod error;
mod etag;
mod gate;
mod globs;
mod hashed_name;
mod headers;
mod hints;
mod inputs;
mod invalidation;
mod journal;
mod listing;
mod manifest;
mod max_delete;
mod mode;
mod observe;
mod pairs;
mod phase;
mod plan;
mod policy;
mod prefixed;
mod reader;
mod recalled;
mod redirects;
mod remote;
mod report;
mod rollback;
mod rules;
mod s3;
mod sensitive;
mod source;
mod table;

use actions_core::{Action, Alias, Command, InputErrors, OutputSpec, Report, Session};

pub use apply::{Outcome, Sent, Took};
pub use args::{Args, CompatibleArgs};
pub use clients::Clients;
pub use error::Error;
pub use inputs::Inputs;
pub use manifest::{Found, ReleaseId};
pub use mode::{Adoption, Mode};
pub use plan::{Copied, Deletion, Plan, Snapshot};
pub use prefixed::{Change, Moved, Switch, SwitchError};
pub use rollback::{RollbackArgs, RollbackError, RollbackInputs, RollbackPlan, RollbackSnapshot, S3Rollback, To};
pub use source::SourceError;

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct S3SyncInvalidate;

impl Action for S3SyncInvalidate {
    const NAME: &'static str = "s3-sync-invalidate";
    const COMMANDS: &'static [Command] = &[Command::of::<S3Rollback>()];
    const TITLE: &'static str = "Slipway S3 sync and CloudFront invalidation";
    const DESCRIPTION: &'static str = "Publishes a built site to an S3 bucket: only what changed by content, assets before \
         HTML, deletes last, and exactly the changed paths are invalidated in CloudFront.";
    const OUTPUTS: &'static [OutputSpec] = &[
        OutputSpec { name: "uploaded", help: "Number of objects written; on a dry run, that would be." },
        OutputSpec { name: "deleted", help: "Number of objects deleted; on a dry run, that would be." },
        OutputSpec { name: "unchanged", help: "Number of files the bucket had already." },
        OutputSpec { name: "bytes-uploaded", help: "Bytes of the objects written; on a dry run, that would be." },
        OutputSpec {
            name: "changed-paths",
            help: "Keys of the objects written or deleted, relative to the prefix and sorted, one per line; on a dry run, that \
                 would be. Cut at 256 KiB; the last line is then `... and 17 more`.",
        },
        report::PATHS_INVALIDATED,
        report::INVALIDATION_IDS,
        report::ESTIMATED_COST,
        OutputSpec {
            name: "release-id",
            help: "Name of the release that the bucket holds, such as `20261121T161748Z-3f2a1b4c`; empty when no manifest is kept.",
        },
        OutputSpec { name: "changed", help: "`true` when an object was written or deleted, else `false`." },
    ];
    const ALIASES: &'static [Alias] = args::ALIASES;
    const IAM_POLICY: Option<actions_core::IamPolicy<Inputs>> = Some(policy::policy);

    type Args = Args;
    type Inputs = Inputs;
    type Clients = Clients;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: Args, session: &Session) -> Result<Inputs, InputErrors> {
        Inputs::parse(&args, session)
    }

    async fn connect(inputs: &Inputs, session: &Session) -> Result<Clients, Error> {
        Clients::connect(inputs, session).await
    }

    async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
        observe::observe(inputs, clients, session).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(inputs: &Inputs, plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
        apply::apply(inputs, plan, clients, session).await
    }

    fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::S3SyncInvalidate>();
    }
}
