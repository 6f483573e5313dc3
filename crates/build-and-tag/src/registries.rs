//! Which repositories and hosts of ECR a build reads and writes besides its destination: what its caches, its Dockerfile and its
//! attestations name. The policy that is printed and the passwords that a builder gets come of the same list.

use std::collections::BTreeMap;

use ecr::Host;
use image_ref::{EcrRegistry, ImageReference};

use crate::dockerfile::words::Lexer;
use crate::dockerfile::{Dockerfile, Flag, Kind, Stage, Transfer};
use crate::embedded::stages::{self, FRONTEND_ARG};
use crate::inputs::Inputs;
use crate::limits::TextBudget;

/// Why a build talks to a registry; the weakest reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// It reads what is public: a password raises limits, and that is all.
    Public,
    /// The registry is written in the Dockerfile or in a build argument, and no image that is known to be read is in it.
    Mentioned,
    /// It reads an image, which may be on the machine already.
    Image,
    /// An input names it for a cache.
    Cache,
}

impl Need {
    /// Whether the build must not start without a password. Where there is a role the images are what it is for; without one nobody may
    /// have meant to log in.
    pub(crate) fn is_demanded(self, has_role: bool) -> bool {
        match self {
            Self::Cache => true,
            Self::Image => has_role,
            Self::Public | Self::Mentioned => false,
        }
    }
}

/// A registry of ECR that a builder of others talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuilderHost {
    /// Its host.
    pub(crate) name: String,
    /// The strongest reason.
    pub(crate) need: Need,
}

/// What a build reads and writes besides its destination.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The images from outside that are read.
    pub(crate) images: Vec<ImageReference>,
    /// The registries of ECR, the most needed first.
    pub(crate) hosts: Vec<BuilderHost>,
}

/// The images that a builder's cache is read from.
pub(crate) fn read_caches(inputs: &Inputs) -> Vec<ImageReference> {
    caches(&inputs.options.cache.from)
}

/// The images that a builder's cache is written to.
pub(crate) fn written_caches(inputs: &Inputs) -> Vec<ImageReference> {
    caches(&inputs.options.cache.to)
}

fn caches(lines: &[String]) -> Vec<ImageReference> {
    lines.iter().flat_map(|line| field(line, "ref")).filter_map(|name| ImageReference::parse(name).ok()).collect()
}

/// The values of a field in a line of parameters.
fn field<'a>(line: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let fields = line.split(',').map(|field| field.trim().trim_matches('"'));
    fields.filter_map(move |field| field.strip_prefix(name)?.strip_prefix('='))
}

/// What is named for a build: by the Dockerfile, whose text is `text`, and by the inputs.
pub(crate) fn named(text: &str, dockerfile: Option<&Dockerfile>, inputs: &Inputs) -> Sources {
    let mut images = BTreeMap::new();
    for (name, need) in dockerfile.map(|dockerfile| read(dockerfile, inputs)).unwrap_or_default() {
        if let Ok(image) = ImageReference::parse(&name) {
            images.insert(name, (image, need));
        }
    }
    let mut hosts: BTreeMap<String, Need> = BTreeMap::new();
    let mut add = |name: String, need: Need| {
        let known = hosts.entry(name).or_insert(need);
        *known = need.max(*known);
    };
    let given = inputs.build_args.values().flat_map(|value| written_in(value));
    for name in written_in(text).into_iter().chain(given) {
        add(name, Need::Mentioned);
    }
    let caches = [(read_caches(inputs), Need::Public), (written_caches(inputs), Need::Cache)];
    let caches = caches
        .into_iter()
        .flat_map(|(images, public)| images.into_iter().map(move |image| (image, Need::Cache, public)));
    let read = images.values().map(|(image, need)| (image.clone(), *need, Need::Public));
    for (image, need, public) in read.chain(caches) {
        let Some(name) = image.registry.map(|host| host.to_string()) else { continue };
        match Host::of(&name) {
            Some(Host::Private(_)) => add(name, need),
            // Without a role nobody is to be logged in for what everybody may read.
            Some(Host::Public) if public > Need::Public || inputs.aws.role.is_some() => add(name, public),
            Some(Host::Public) | None => {}
        }
    }
    let mut hosts: Vec<_> = hosts.into_iter().map(|(name, need)| BuilderHost { name, need }).collect();
    hosts.sort_by(|one, other| other.need.cmp(&one.need).then_with(|| one.name.cmp(&other.name)));
    Sources { images: images.into_values().map(|(image, _)| image).collect(), hosts }
}

/// The names of images from outside, with the variables that are known before the build: what the stages are built on, copy from and
/// mount, what reads the Dockerfile, and what looks for components. Those of stages that the target does not need are only mentioned.
fn read(dockerfile: &Dockerfile, inputs: &Inputs) -> BTreeMap<String, Need> {
    let mut names: BTreeMap<String, Need> = BTreeMap::new();
    // A builder will refuse it.
    if stages::bounded(dockerfile, inputs).is_err() {
        return names;
    }
    let count = dockerfile.stages.len();
    let target = match &inputs.target {
        Some(name) => dockerfile.stage_named(name, count),
        None => count.checked_sub(1),
    };
    for platform in &inputs.platforms {
        let text = TextBudget::new();
        let globals = stages::globals(dockerfile, inputs, platform, &text).unwrap_or_default();
        let mut needed: Vec<bool> = (0..count).map(|index| Some(index) == target).collect();
        // A stage only names earlier ones.
        for (index, stage) in dockerfile.stages.iter().enumerate().rev() {
            let need = if needed[index] { Need::Image } else { Need::Mentioned };
            for name in (StageReader { dockerfile, inputs, globals: &globals, text: &text }).names(stage) {
                if let Some(earlier) = dockerfile.stage_named(&name, index) {
                    needed[earlier] |= needed[index];
                } else if !inputs.build_contexts.contains_key(&name.to_lowercase()) {
                    let known = names.entry(name).or_insert(need);
                    *known = need.max(*known);
                }
            }
        }
    }
    let frontend = inputs.build_args.get(FRONTEND_ARG).or(dockerfile.frontend.as_ref().map(|own| &own.image));
    let generators = inputs.options.attestations.iter().flat_map(|asked| field(&asked.parameters, "generator"));
    names.extend(frontend.map(String::as_str).into_iter().chain(generators).map(|name| (name.to_owned(), Need::Image)));
    names
}

struct StageReader<'a> {
    dockerfile: &'a Dockerfile,
    inputs: &'a Inputs,
    globals: &'a BTreeMap<String, String>,
    text: &'a TextBudget,
}

impl StageReader<'_> {
    /// The images and stages that a stage names.
    fn names(&self, stage: &Stage) -> Vec<String> {
        let mut own = BTreeMap::new();
        let mut names: Vec<String> = self.value(&stage.image, &own).into_iter().collect();
        for instruction in &stage.instructions {
            if let Kind::Arg(text) = &instruction.kind {
                self.declare(text, &mut own);
            } else if let Kind::Copy(Transfer { flags, .. }) = &instruction.kind {
                let from = values(flags, "from");
                names.extend(from.filter_map(|name| self.value(name, &own)));
            } else if let Kind::Run(flags) = &instruction.kind {
                let from = values(flags, "mount").flat_map(|mount| field(mount, "from"));
                names.extend(from.filter_map(|name| self.value(name, &own)));
            }
        }
        names
    }

    fn declare(&self, text: &str, own: &mut BTreeMap<String, String>) {
        for word in (Lexer { escape: self.dockerfile.escape }).split(text) {
            let Some((name, default)) = word.split_once('=') else { continue };
            let given = self.inputs.build_args.get(name).cloned();
            if let Some(value) = given.or_else(|| self.value(default, own)) {
                own.insert(name.to_owned(), value);
            }
        }
    }

    /// `text` with its variables; `None` where that makes nothing, or too much.
    fn value(&self, text: &str, own: &BTreeMap<String, String>) -> Option<String> {
        let variable = |name: &str| own.get(name).or_else(|| self.globals.get(name)).cloned();
        let value = Lexer { escape: self.dockerfile.escape }.substitute(text, &variable).ok()?;
        self.text.spend(value.len()).then_some(value)
    }
}

/// The values of a flag.
fn values<'a>(flags: &'a [Flag], name: &str) -> impl Iterator<Item = &'a str> {
    flags.iter().filter(move |flag| flag.name == name).filter_map(|flag| flag.value.as_deref())
}

/// The private registries of ECR that a text names, comments but for `# syntax=` left out.
fn written_in(text: &str) -> Vec<String> {
    let is_comment = |line: &str| {
        let comment = line.trim_start().strip_prefix('#');
        comment.is_some_and(|comment| !comment.trim_start().starts_with("syntax"))
    };
    let lines = text.lines().filter(|line| !is_comment(line));
    let words = lines.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')));
    words.filter(|word| EcrRegistry::parse(word).is_ok()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
