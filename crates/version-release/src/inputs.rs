//! From what was typed to what it means.

use actions_core::{InputErrors, Session};

use crate::args::{Args, Choice, When};
use crate::dispatch::Target;
use crate::pending;

/// The most characters of a title that GitHub shows on one line.
const LONGEST_TITLE: usize = 256;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub(crate) version: String,
    pub(crate) tag: String,
    /// The message of an annotated tag; `None` for a lightweight one.
    pub(crate) tag_message: Option<String>,
    pub(crate) commit: String,
    /// Whether the commit is the run's, because none was named.
    pub(crate) is_of_run: bool,
    pub(crate) tag_prefix: String,
    /// The project's name; empty where there is one only.
    pub(crate) component: String,
    pub(crate) paths: Vec<String>,
    pub(crate) previous_tag: Option<String>,
    pub(crate) title: String,
    pub(crate) draft: bool,
    pub(crate) publish_draft: bool,
    pub(crate) prerelease: Choice,
    pub(crate) make_latest: Choice,
    pub(crate) dispatch: Vec<Target>,
    pub(crate) dispatch_when: When,
    /// The repository's web page.
    pub(crate) page: String,
}

/// Parses the inputs and notes every bad one.
pub(crate) fn parse(args: &Args, session: &Session) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let context = &session.context;
    let tag_prefix = bad.optional("tag-prefix", Some(&args.tag_prefix), git_repository::tag_prefix).unwrap_or_default();
    let pushed = context.git_ref.as_deref().and_then(|full| full.strip_prefix("refs/tags/"));
    let given = args.tag.as_deref().filter(|tag| !tag.is_empty());
    let typed = bad.optional("tag", given, tag);
    let version = bad.optional("version", args.version.as_deref(), version);
    let known = typed.clone().or_else(|| pushed.filter(|_| version.is_none() && given.is_none()).map(str::to_owned));
    let of_tag = known.as_deref().and_then(|tag| tag.strip_prefix(tag_prefix.as_str()));
    let version = version.or_else(|| of_tag.and_then(|text| self::version(text).ok()));
    if version.is_none() {
        let help = "set it to the output `version` of version-detect, or give a `tag` of `tag-prefix` and a version"
            .to_owned();
        bad.add("version", "is missing", Some(help));
    }
    let tag = known.or_else(|| version.as_ref().map(|version| format!("{tag_prefix}{version}")));
    if let (Some(tag), Some(version)) = (&tag, &version)
        && !is_of(tag, &tag_prefix, version)
    {
        let help =
            format!("name the tag `{tag_prefix}{version}`, or set `tag-prefix` to what stands before the version");
        bad.add("tag", format!("is `{tag}`, which is no tag of the version `{version}`"), Some(help));
    }
    let tag_message = bad.optional("tag-message", args.tag_message.as_deref(), git_repository::tag_message);
    let named = args.commit.as_deref().filter(|commit| !commit.is_empty());
    let is_of_run = named.is_none();
    let commit = named.or(context.sha.as_deref());
    let commit = bad.required("commit", commit, hash);
    let component =
        bad.optional("component", args.component.as_deref(), project_version::component_name).unwrap_or_default();
    let paths = bad.list("paths", &actions_core::lines(&args.paths), path);
    let previous_tag = bad.optional("previous-tag", args.previous_tag.as_deref(), self::tag);
    let title = bad.optional("title", args.title.as_deref(), title);
    let mut dispatch: Vec<Target> = Vec::new();
    for target in bad.list("dispatch", &actions_core::lines(&args.dispatch), Target::parse) {
        if !dispatch.contains(&target) {
            dispatch.push(target);
        }
    }
    if pending::with("", &dispatch).len() > pending::LONGEST {
        let problem = format!("has more than {} bytes, which a release's text has to hold", pending::LONGEST);
        bad.add("dispatch", problem, Some("start one workflow that starts the others".to_owned()));
    }
    let page = format!("{}/{}", context.server_url, context.repository.clone().unwrap_or_default());
    bad.finish(|| {
        let (version, tag) = (version?, tag?);
        let default = if component.is_empty() { tag.clone() } else { format!("{component} {version}") };
        Some(Inputs {
            version,
            tag,
            commit: commit?,
            is_of_run,
            tag_message,
            tag_prefix,
            component,
            paths,
            previous_tag,
            title: title.unwrap_or(default),
            draft: args.draft,
            publish_draft: args.publish_draft,
            prerelease: args.prerelease,
            make_latest: args.make_latest,
            dispatch,
            dispatch_when: args.dispatch_when,
            page,
        })
    })
}

/// Whether a tag is one of this version: `v11.0.0` is none of `1.0.0`, and neither is `v2.0.0-1.0.0`.
fn is_of(tag: &str, prefix: &str, version: &str) -> bool {
    let Some(before) = tag.strip_suffix(version) else { return false };
    let word = before.strip_suffix(['v', 'V']).unwrap_or(before);
    let is_apart = word.is_empty() || word.ends_with(['-', '_', '/', '@']);
    let is_version = before.trim_start_matches(['v', 'V']).starts_with(|first: char| first.is_ascii_digit());
    before == prefix || (is_apart && !is_version)
}

/// Any ecosystem's version in the characters that a tag may have.
fn version(text: &str) -> Result<String, &'static str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    if text.len() > 128 || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || !text.chars().all(is_part) {
        return Err("a version has up to 128 letters, digits and `.+-_`, and begins with a letter or digit");
    }
    Ok(text.to_owned())
}

fn tag(text: &str) -> Result<String, &'static str> {
    let name = git_repository::tag_prefix(text.strip_prefix("refs/tags/").unwrap_or(text))?;
    let is_whole = !name.is_empty() && !name.ends_with(['/', '.']) && name.len() <= 255;
    if is_whole { Ok(name) } else { Err("Git allows no such tag") }
}

fn hash(text: &str) -> Result<String, &'static str> {
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { Ok(text.to_ascii_lowercase()) } else { Err("not the full hash of a commit: 40 digits of 0-9 and a-f") }
}

fn path(text: &str) -> Result<String, &'static str> {
    let text = text.trim_end_matches('/');
    let is_inside = !text.is_empty() && text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !is_inside || text.chars().any(char::is_control) {
        return Err("write it relative to the repository's root, without `..` and patterns");
    }
    Ok(text.to_owned())
}

fn title(text: &str) -> Result<String, &'static str> {
    if text.chars().count() > LONGEST_TITLE || text.chars().any(char::is_control) {
        return Err("a title is one line of up to 256 characters");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn a_tag_is_of_one_version() {
        for (tag, version) in [
            ("v1.0.0", "1.0.0"),
            ("1.0.0", "1.0.0"),
            ("api-v1.0.0", "1.0.0"),
            ("web@1.0.0", "1.0.0"),
            ("services/api/1.0.0", "1.0.0"),
            ("release_1.0.0", "1.0.0"),
        ] {
            assert!(is_of(tag, "v", version), "{tag} {version}");
        }
        for (tag, version) in [
            ("v11.0.0", "1.0.0"),
            ("v2.1.0.0", "1.0.0"),
            ("v2.0.0-1.0.0", "1.0.0"),
            ("v1.0.0-rc.1", "1"),
            ("rc1.0.0", "1.0.0"),
            ("v1.0.1", "1.0.0"),
        ] {
            assert!(!is_of(tag, "v", version), "{tag} {version}");
        }
        assert!(is_of("2-v1.0.0", "2-v", "1.0.0") && is_of("rc1.0.0", "rc", "1.0.0"));
    }
}
