//! Publishes a built site to S3 and tells CloudFront which paths became old.
//!
//! 1. `observe` reads every file of the source once (MD5), on all cores, while it lists the bucket below the prefix, in parts
//!    of the local names; asks for headers where the listing does not settle whether an object differs; and reads how the
//!    distributions show the bucket.
//! 2. `plan` decides: what differs goes up, what is not in the source goes away when `delete` says so, what a cache may
//!    hold is invalidated.
//! 3. `apply` leaves a note of what will be due, uploads hashed assets, then other assets, then HTML and entry points,
//!    deletes, invalidates, and removes the note. Each step is a barrier.
//!
//! Invariants: modification times decide nothing; no key outside of the prefix (with its slash) is written or deleted;
//! nothing that looks like a secret goes up unasked; a page never goes up before what it refers to; an unchanged site costs
//! a listing and nothing else.
//!
//! It deliberately creates no bucket and no distribution, sends no ACL, compresses nothing and rewrites no file.

mod apply;
mod args;
mod bucket;
mod clients;
mod cloudfront;
mod content_type;
mod digest;
mod error;
mod globs;
mod hashed_name;
mod hints;
mod inputs;
mod invalidation;
mod journal;
mod listing;
mod observe;
mod phase;
mod plan;
mod policy;
mod remote;
mod report;
mod sensitive;
mod source;

use actions_core::{Action, InputErrors, OutputSpec, Report, Session};

pub use apply::{Outcome, Sent};
pub use args::Args;
pub use clients::Clients;
pub use error::Error;
pub use inputs::Inputs;
pub use plan::{Plan, Snapshot};

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct S3SyncInvalidate;

impl Action for S3SyncInvalidate {
    const NAME: &'static str = "s3-sync-invalidate";
    const TITLE: &'static str = "Slipway S3 sync and CloudFront invalidation";
    const DESCRIPTION: &'static str = "Publishes a built site to an S3 bucket: only what changed by content, assets before \
         HTML, deletes last, and exactly the changed paths are invalidated in CloudFront.";
    const OUTPUTS: &'static [OutputSpec] = &[
        OutputSpec { name: "uploaded", help: "Number of objects written; on a dry run, that would be." },
        OutputSpec { name: "deleted", help: "Number of objects deleted; on a dry run, that would be." },
        OutputSpec { name: "unchanged", help: "Number of files the bucket had already." },
        OutputSpec {
            name: "paths-invalidated",
            help: "The invalidated paths of all distributions, one per line; empty when nothing was invalidated.",
        },
        OutputSpec {
            name: "invalidation-ids",
            help: "Ids of the invalidations, one per line, in the order of the distributions' ids; empty when there were none.",
        },
        OutputSpec {
            name: "estimated-cost",
            help: "What the invalidated paths cost at most, in USD, such as `0.025`. The account's first 1,000 paths of a month \
                 are free; how many of them are left cannot be seen.",
        },
        OutputSpec { name: "changed", help: "`true` when an object was written or deleted, else `false`." },
    ];
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
