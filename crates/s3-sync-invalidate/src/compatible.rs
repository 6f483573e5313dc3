//! What inputs of other actions mean here, see [`crate::args::CompatibleArgs`].

mod flags;

use actions_core::{InputErrors, boolean};

use crate::args::Args;
use crate::phase::Phase;

/// What `no-cache: true` stands for.
const NO_CACHE: &str = "no-cache, no-store, must-revalidate";

/// How long what never changes is kept, in seconds: a year.
const YEAR: u32 = 31_536_000;

/// Whether objects that are not in the source are deleted: `delete`, or `delete-removed`.
pub(crate) fn delete(args: &Args, bad: &mut InputErrors) -> bool {
    let Some(text) = args.compatible.delete_removed.as_deref().filter(|text| !text.is_empty()) else {
        return args.delete.unwrap_or(false);
    };
    let Ok(other) = boolean(text) else {
        let help = "write `delete: true`, and name what stays in `exclude`";
        bad.add("delete-removed", "is no boolean, and a glob of what is deleted is not taken", Some(help.to_owned()));
        return false;
    };
    if args.delete.is_some_and(|delete| delete != other) {
        let help = "they are two names of one input; leave `delete-removed` out";
        bad.add("delete", "and `delete-removed` are not the same", Some(help.to_owned()));
    }
    other
}

/// Notes what is asked for and cannot be done.
pub(crate) fn refuse(args: &Args, bad: &mut InputErrors) {
    if args.compatible.private == Some(false) {
        let help = "write `acl: public-read` where the bucket takes ACLs; a bucket policy or CloudFront needs none";
        bad.add("private", "is `false`, which means that everybody may read the objects", Some(help.to_owned()));
    }
    if let Some(text) = args.compatible.args.as_deref().filter(|text| !text.is_empty()) {
        bad.add("args", "has flags of `aws s3 sync`, which is not what runs here", Some(flags::translated(text)));
    }
}

/// The Cache-Control of files without a rule, where it is not ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fallback {
    entry_points: Option<String>,
    assets: Option<String>,
}

impl Fallback {
    /// What `no-cache`, `cache` and `immutable` stand for.
    pub(crate) fn parse(args: &Args, bad: &mut InputErrors) -> Self {
        let args = &args.compatible;
        let seconds = bad.optional("cache", args.cache.as_deref(), |text| {
            text.parse::<u32>().map_err(|_| "not a number of seconds")
        });
        let (no_cache, immutable) = (args.no_cache == Some(true), args.immutable == Some(true));
        if no_cache && (seconds.is_some() || immutable) {
            let other = if immutable { "immutable" } else { "cache" };
            let help =
                format!("leave one of them out; `cache-control` has rules by glob, such as `*.html: {NO_CACHE}`");
            bad.add("no-cache", format!("and `{other}` contradict each other"), Some(help));
        }
        match (no_cache, seconds, immutable) {
            (true, ..) => Self { entry_points: Some(NO_CACHE.to_owned()), assets: Some(NO_CACHE.to_owned()) },
            (false, None, false) => Self::default(),
            (false, seconds, immutable) => {
                let immutable = if immutable { ", immutable" } else { "" };
                let assets = format!("public, max-age={}{immutable}", seconds.unwrap_or(YEAR));
                Self { entry_points: None, assets: Some(assets) }
            }
        }
    }

    /// The Cache-Control of a file that goes in `phase`.
    pub(crate) fn cache_control(&self, phase: Phase) -> &str {
        let own = match phase {
            Phase::EntryPoints => &self.entry_points,
            Phase::HashedAssets | Phase::OtherAssets => &self.assets,
        };
        own.as_deref().unwrap_or_else(|| phase.cache_control())
    }
}
