//! A project's version: its text, what it means, and what to write instead of a wrong one.

use semver::{BuildMetadata, Prerelease, Version};

mod pep440;

pub use pep440::is_dev;

/// What a snapshot's version ends in.
const SNAPSHOT: &str = "-SNAPSHOT";

/// Whether Maven takes a version for a snapshot: it ends in `SNAPSHOT`, in whatever case, or in the time and number of one build
/// (`ArtifactUtils.isSnapshot` of maven-artifact).
pub fn is_maven_snapshot(version: &str) -> bool {
    let tail = version.len().checked_sub(SNAPSHOT.len() - 1).and_then(|start| version.get(start..));
    if tail.is_some_and(|tail| tail.eq_ignore_ascii_case(&SNAPSHOT[1..])) {
        return true;
    }
    let mut parts = version.rsplitn(3, '-');
    let (build, time, core) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time =
        |(date, time): (&str, &str)| date.len() == 8 && time.len() == 6 && are_digits(date) && are_digits(time);
    core.is_some() && are_digits(build) && time.split_once('.').is_some_and(is_time)
}

/// The longest version: an image tag has room for no more.
const LONGEST: usize = 128;

/// A version as a manifest has it. Its text holds letters, digits and `.+-_` only, so it can be part of tags and paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectVersion {
    text: String,
    semantic: Option<Version>,
    spelling: Spelling,
}

/// Who writes a version, as far as that changes what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// An ecosystem that marks a snapshot by what the version ends in.
    Marked,
    /// Python.
    Python,
    /// It is not known who.
    Either,
}

/// How an ecosystem marks a version as work in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spelling {
    /// By one of these endings, the first of which is written: `1.1.0-SNAPSHOT`
    Endings(Vec<String>),
    /// `1.1.0.dev0`, as Python has it (<https://packaging.python.org/en/latest/specifications/version-specifiers/>).
    Dev,
}

/// The form a branch asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `1.0.0`
    Stable,
    /// `1.1.0-SNAPSHOT`
    Snapshot,
    /// `1.1.0-rc.1`
    Prerelease,
}

/// How high a version has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Height {
    /// Above every release.
    AboveAll,
    /// Anywhere: it corrects an older release.
    OwnLine,
}

/// The next version behind one, which is another number the higher the lower ones are full; `None` behind the last of all.
fn raised(version: &Version, form: Form) -> Option<Version> {
    let Version { major, minor, patch, .. } = *version;
    let next_patch = if form == Form::Stable { patch.checked_add(1) } else { None };
    next_patch
        .map(|patch| Version::new(major, minor, patch))
        .or_else(|| Some(Version::new(major, minor.checked_add(1)?, 0)))
        .or_else(|| Some(Version::new(major.checked_add(1)?, 0, 0)))
}

impl Form {
    /// The form's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Snapshot => "snapshot",
            Self::Prerelease => "prerelease",
        }
    }
}

impl ProjectVersion {
    /// Parses a version of any ecosystem; only what could never be one is refused.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
        if text.len() > LONGEST {
            return Err("it has more than 128 characters");
        }
        if text.contains('!') {
            return Err("an epoch, the part before `!`, can be in no image tag and in no file name; leave it out");
        }
        if !text.chars().all(is_part) {
            return Err("a version holds letters, digits and `.+-_` only");
        }
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || text.contains("..") {
            return Err("a version begins with a letter or a digit and has no empty parts");
        }
        Ok(Self { text: text.to_owned(), semantic: Version::parse(text).ok(), spelling: Spelling::default() })
    }

    /// Parses a version as `family` writes it. A development release of Python stands for a snapshot, and a candidate for one, so
    /// that they have the tags of those; where it is not known who wrote it, what is no semantic version is read as Python's. `endings` are what others mark a snapshot by; none is `-SNAPSHOT`.
    pub fn parse_in(family: Family, text: &str, endings: &[String]) -> Result<Self, &'static str> {
        let version = Self::parse(text)?;
        match family {
            Family::Python => {}
            Family::Either if version.semantic.is_none() && pep440::is_pythons(text) => {}
            Family::Marked | Family::Either if endings.is_empty() => return Ok(version),
            Family::Marked | Family::Either => return Ok(version.with_endings(endings)),
        }
        Ok(Self { semantic: pep440::semantic(text), spelling: Spelling::Dev, ..version })
    }

    /// The same, where a snapshot is marked by `endings`. It stands for `-SNAPSHOT` wherever others have to understand it.
    fn with_endings(self, endings: &[String]) -> Self {
        let (core, build) = self.text.split_once('+').unwrap_or((&self.text, ""));
        let ending = endings.iter().find_map(|ending| core.strip_suffix(ending.as_str()));
        let semantic = match ending {
            Some(core) if build.is_empty() => Version::parse(&format!("{core}{SNAPSHOT}")).ok(),
            Some(core) => Version::parse(&format!("{core}{SNAPSHOT}+{build}")).ok(),
            None => self.semantic,
        };
        Self { semantic, spelling: Spelling::Endings(endings.to_vec()), text: self.text }
    }

    /// The text, as it is in the manifest.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The semantic version, if it is one.
    pub fn semantic(&self) -> Option<&Version> {
        self.semantic.as_ref()
    }

    /// The version, if it is of the form `x.y.z`.
    pub fn stable(&self) -> Option<&Version> {
        self.semantic().filter(|version| version.pre.is_empty() && version.build.is_empty())
    }

    /// Whether the version marks work in progress.
    pub fn is_snapshot(&self) -> bool {
        match &self.spelling {
            Spelling::Endings(endings) => {
                let core = self.text.split('+').next().unwrap_or_default();
                endings.iter().any(|ending| core.ends_with(ending.as_str()))
            }
            Spelling::Dev => pep440::is_dev(&self.text),
        }
    }

    /// Why the version is not of `form`; `None` when it is.
    pub fn misfit(&self, form: Form) -> Option<String> {
        let Some(version) = self.semantic() else {
            return Some("it is not a semantic version: three numbers without leading zeros, such as 1.0.0".to_owned());
        };
        if !version.build.is_empty() {
            return Some(format!("`+{}` is build metadata, which no tag can tell apart", version.build));
        }
        match form {
            Form::Stable if version.pre.is_empty() => None,
            Form::Stable if self.is_snapshot() => Some(format!("`{}` marks work in progress", self.spelling.mark())),
            Form::Stable => Some(self.prerelease(version)),
            Form::Prerelease if version.pre.is_empty() => {
                Some("without a prerelease such as `-rc.1` it is a release".to_owned())
            }
            Form::Prerelease if self.is_snapshot() => {
                Some(format!("`{}` marks work in progress", self.spelling.mark()))
            }
            Form::Prerelease => None,
            Form::Snapshot if version.pre.as_str() == &SNAPSHOT[1..] && self.is_snapshot() => None,
            Form::Snapshot if version.pre.is_empty() => {
                Some(format!("without `{}` it is a release", self.spelling.mark()))
            }
            Form::Snapshot => Some(format!("{} rather than `{}`", self.prerelease(version), self.spelling.mark())),
        }
    }

    fn prerelease(&self, version: &Version) -> String {
        match self.spelling {
            Spelling::Endings(_) => format!("`-{}` marks a prerelease", version.pre),
            Spelling::Dev => format!("`{}` is a prerelease", self.text),
        }
    }

    /// The name of the version's tag. A version that is written with a `v` needs no second one.
    pub fn tag(&self, prefix: &str) -> String {
        let is_v = |c: char| c == 'v' || c == 'V';
        let numbers = self.text.strip_prefix(is_v).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        match numbers {
            Some(numbers) if prefix.ends_with(is_v) => format!("{prefix}{numbers}"),
            _ => format!("{prefix}{}", self.text),
        }
    }

    /// What to write to be of `form`: the nearest version that is not among `released`, and that the branch takes.
    pub fn suggestion(&self, form: Form, released: &[Version], height: Height) -> String {
        let core = self.core();
        let raised = |version: &Version| raised(version, form).unwrap_or_else(|| version.clone());
        let mut next = if form != Form::Stable && self.stable().is_some() { raised(&core) } else { core };
        match height {
            Height::AboveAll => {
                if let Some(highest) = released.iter().max().filter(|highest| **highest >= next) {
                    next = raised(highest);
                }
            }
            // Each step leaves one release behind.
            Height::OwnLine => {
                for _ in released {
                    if released.contains(&next) {
                        next = raised(&next);
                    }
                }
            }
        }
        match form {
            Form::Stable => next.to_string(),
            Form::Snapshot => format!("{next}{}", self.spelling.ending()),
            Form::Prerelease => format!("{next}{}", self.spelling.candidate()),
        }
    }

    /// The numbers of the version: the semantic ones, else the first three of what comes before `-` and `+`.
    pub fn core(&self) -> Version {
        if let Some(version) = self.semantic() {
            return Version { pre: Prerelease::EMPTY, build: BuildMetadata::EMPTY, ..version.clone() };
        }
        let numbers = self.text.trim_start_matches(['v', 'V']).split(['-', '+']).next().unwrap_or_default();
        let mut numbers = numbers.split('.').map_while(|number| number.parse().ok());
        let mut next = || numbers.next().unwrap_or(0);
        Version::new(next(), next(), next())
    }
}

impl Default for Spelling {
    fn default() -> Self {
        Self::Endings(vec![SNAPSHOT.to_owned()])
    }
}

impl Spelling {
    /// What a version of work in progress ends in, as it is talked of.
    fn mark(&self) -> &str {
        match self {
            Self::Endings(endings) => endings.first().map_or(SNAPSHOT, String::as_str),
            Self::Dev => ".dev",
        }
    }

    /// The same, as it is written.
    fn ending(&self) -> &str {
        match self {
            Self::Endings(_) => self.mark(),
            Self::Dev => ".dev0",
        }
    }

    /// What the first candidate of a release ends in.
    fn candidate(&self) -> &'static str {
        match self {
            Self::Endings(_) => "-rc.1",
            Self::Dev => "rc1",
        }
    }
}

#[cfg(test)]
mod tests;
