//! Which inputs have a meaning where each release has a folder of its own.

use actions_core::InputErrors;

use crate::args::Args;
use crate::bucket::{DistributionId, Prefix};
use crate::mode::{Mode, unfit};

/// What decides.
pub(super) struct Given<'a> {
    pub(super) mode: Mode,
    pub(super) prefix: Option<&'a Prefix>,
    pub(super) distributions: &'a [DistributionId],
    pub(super) delete: bool,
}

/// Notes what does not go together.
pub(super) fn refuse(args: &Args, given: &Given<'_>, bad: &mut InputErrors) {
    let Given { mode, prefix, distributions, delete } = *given;
    if !mode.has_folders() {
        if args.adopt_origin_path {
            bad.add("adopt-origin-path", "is for `mode: release-prefix` only", None);
        }
        return;
    }
    let problems = [
        (
            distributions.is_empty(),
            "distribution-id",
            "is needed with `mode: release-prefix`: nobody would see the release",
        ),
        (
            delete,
            "delete",
            "is not used with `mode: release-prefix`: a release holds nothing but the source, and `keep-releases` says how many stay",
        ),
        (
            args.trust_manifest,
            "trust-manifest",
            "is not possible with `mode: release-prefix`, which copies what is really there from the last release",
        ),
        (
            args.manifest.as_deref() == Some("none"),
            "manifest",
            "cannot be `none` with `mode: release-prefix`: it says which releases are the site's own",
        ),
        (
            args.invalidation.iter().any(|text| text.trim() == "tags"),
            "invalidation",
            "is not possible by `tags` with `mode: release-prefix`, which invalidates paths",
        ),
    ];
    for (applies, input, problem) in problems {
        if applies {
            bad.add(input, problem, None);
        }
    }
    if let Some(problem) = unfit(prefix.unwrap_or(&Prefix::default())) {
        bad.add("prefix", problem, None);
    }
}
