//! What the stages are built on, which of them the target needs, and what the embedded builder cannot do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use image_ref::{Digest, ImageReference};
use oci_image::Platform;
use serde::Serialize;

use super::order;
use crate::dockerfile::words::Lexer;
use crate::dockerfile::{Dockerfile, Instruction, Kind, Source, Stage, Transfer, is_own_frontend};
use crate::error::{Error, SourceError};
use crate::inputs::Inputs;
use crate::limits::{self, TextBudget};

/// The instruction that begins a stage.
const FROM: &str = "FROM";

/// So many stages are named in an error.
const MOST_STAGES: usize = 10;

/// What a `FROM` or a `--from` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// Nothing.
    Scratch,
    /// An earlier stage, by its place in the Dockerfile.
    Stage(usize),
    /// An image from outside, by the name it has in the Dockerfile and, where it is for another platform than is built, that one.
    Image(String),
}

/// An image from outside that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needed {
    /// The name it has in the Dockerfile.
    pub(crate) name: String,
    /// The line that names it first.
    pub(crate) line: usize,
    pub(crate) external: External,
    /// The platform it must be for.
    pub(crate) platform: Platform,
}

/// An image from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum External {
    /// An OCI layout on disk.
    Layout(PathBuf),
    /// An image in a registry, pinned by digest.
    Pinned { image: ImageReference, digest: Digest },
}

/// Something the embedded builder cannot do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

/// The stages of a Dockerfile, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Stages {
    /// The stage to build.
    pub(crate) target: usize,
    /// The base of each stage.
    pub(crate) bases: Vec<Origin>,
    /// Whether the target needs each stage.
    pub(crate) needed: Vec<bool>,
    /// Whether the target is built on each stage, directly or through others.
    pub(crate) built_on: Vec<bool>,
    /// The images from outside that are needed, by the names that [`Origin::Image`] has.
    pub(crate) externals: BTreeMap<String, Needed>,
    /// The first thing in the way.
    pub(crate) obstacle: Option<Obstacle>,
    /// The values of the `ARG`s in front of the first `FROM`.
    pub(crate) globals: BTreeMap<String, String>,
}

/// Refuses a Dockerfile with more in it than is ever written by hand or by a tool.
pub(crate) fn bounded(dockerfile: &Dockerfile, inputs: &Inputs) -> Result<(), Error> {
    let too_large = |line, problem| Err(Error::too_large(&inputs.file_shown, line, problem));
    if let Some(stage) = dockerfile.stages.get(limits::STAGES) {
        return too_large(stage.line, format!("there are more than {} stages", limits::STAGES));
    }
    let inner = dockerfile.stages.iter().flat_map(|stage| &stage.instructions);
    if let Some(instruction) = dockerfile.globals.iter().chain(inner).nth(limits::INSTRUCTIONS) {
        return too_large(instruction.line, format!("there are more than {} instructions", limits::INSTRUCTIONS));
    }
    Ok(())
}

/// The build argument that takes the place of `# syntax=`.
pub(crate) const FRONTEND_ARG: &str = "BUILDKIT_SYNTAX";

/// Resolves the stages of `dockerfile` for `platform`.
pub(crate) fn resolve(dockerfile: &Dockerfile, inputs: &Inputs, platform: &Platform) -> Result<Stages, Error> {
    bounded(dockerfile, inputs)?;
    let text = TextBudget::new();
    let globals = globals(dockerfile, inputs, platform, &text)?;
    let resolver = Resolver { dockerfile, inputs, platform, globals, text };
    let target = resolver.target()?;
    let count = dockerfile.stages.len();
    let mut stages = Stages {
        target,
        bases: vec![Origin::Scratch; count],
        needed: vec![false; count],
        built_on: vec![false; count],
        externals: BTreeMap::new(),
        obstacle: None,
        globals: resolver.globals.clone(),
    };
    let mut obstacles: Vec<Obstacle> = frontend(dockerfile, inputs).into_iter().collect();
    stages.needed[target] = true;
    // A stage only names earlier ones, so one pass from the target upward finds all that are needed.
    for index in (0..=target).rev() {
        if stages.needed[index] {
            resolver.stage(index, &mut stages, &mut obstacles)?;
        }
    }
    stages.obstacle = obstacles.into_iter().min_by_key(|obstacle| obstacle.line);
    Ok(stages)
}

/// The frontend of others that is asked for: it reads the file in its own way.
pub(crate) fn frontend(dockerfile: &Dockerfile, inputs: &Inputs) -> Option<Obstacle> {
    let asked = inputs.build_args.get(FRONTEND_ARG).filter(|image| !is_own_frontend(image));
    let asked =
        asked.map(|image| Obstacle { line: 1, problem: format!("the build argument `{FRONTEND_ARG}={image}`") });
    let written = dockerfile.frontend.as_ref();
    let written = written.map(|own| Obstacle { line: own.line, problem: format!("`# syntax={}`", own.image) });
    let Obstacle { line, problem } = asked.or(written)?;
    Some(Obstacle { line, problem: format!("{problem} names a frontend that reads the Dockerfile in its own way") })
}

/// The platform variables that BuildKit sets by itself.
pub(crate) fn predefined(platform: &Platform) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for side in ["TARGET", "BUILD"] {
        variables.insert(format!("{side}PLATFORM"), platform.to_string());
        variables.insert(format!("{side}OS"), platform.os.clone());
        variables.insert(format!("{side}ARCH"), platform.architecture.clone());
        variables.insert(format!("{side}VARIANT"), platform.variant.clone().unwrap_or_default());
    }
    variables
}

pub(crate) fn globals(
    dockerfile: &Dockerfile,
    inputs: &Inputs,
    platform: &Platform,
    text_budget: &TextBudget,
) -> Result<BTreeMap<String, String>, Error> {
    let mut values = predefined(platform);
    let lexer = Lexer { escape: dockerfile.escape };
    for arg in &dockerfile.globals {
        let Kind::Arg(text) = &arg.kind else { continue };
        for word in lexer.split(text) {
            let (name, default) =
                word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            let value = match (inputs.build_args.get(name), default) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => {
                    let value = lexer.substitute(default, &|name| values.get(name).cloned());
                    let value = value.map_err(|problem| bad_words(inputs, arg, &problem))?;
                    if !text_budget.spend(value.len()) {
                        return Err(too_much_text(inputs, arg.line));
                    }
                    Some(value)
                }
                (None, None) => None,
            };
            values.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    Ok(values)
}

/// The error for arguments whose quotes or variables cannot be read.
pub(crate) fn bad_words(inputs: &Inputs, instruction: &Instruction, problem: &str) -> Error {
    Error::at(
        &inputs.file_shown,
        instruction.line,
        format!("`{}` {problem}", instruction.text),
        "see https://docs.docker.com/reference/dockerfile/ for what the instruction takes",
    )
}

/// The error for variables that make more text than an image's configuration can hold.
pub(crate) fn too_much_text(inputs: &Inputs, line: usize) -> Error {
    let problem = format!("variables and settings make more than {} MiB of text", limits::TEXT / 1024 / 1024);
    Error::too_large(&inputs.file_shown, line, problem)
}

struct Resolver<'a> {
    dockerfile: &'a Dockerfile,
    inputs: &'a Inputs,
    /// The platform that is built for.
    platform: &'a Platform,
    globals: BTreeMap<String, String>,
    text: TextBudget,
}

impl Resolver<'_> {
    fn target(&self) -> Result<usize, Error> {
        let count = self.dockerfile.stages.len();
        let Some(name) = &self.inputs.target else { return Ok(count - 1) };
        self.dockerfile.stage_named(name, count).ok_or_else(|| {
            let known: Vec<&str> = self.dockerfile.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
            let help = if known.is_empty() {
                "no stage has a name; name one with `FROM ... AS name`".to_owned()
            } else {
                format!("stages there: {}", known.join(", "))
            };
            Error::at(&self.inputs.file_shown, 1, format!("there is no stage `{name}`"), help)
        })
    }

    fn stage(&self, index: usize, stages: &mut Stages, obstacles: &mut Vec<Obstacle>) -> Result<(), Error> {
        let stage = &self.dockerfile.stages[index];
        let lexer = Lexer { escape: self.dockerfile.escape };
        let image = lexer.substitute(&stage.image, &|name| self.globals.get(name).cloned()).map_err(|problem| {
            Error::at(&self.inputs.file_shown, stage.line, format!("`FROM {}` {problem}", stage.image), "correct it")
        })?;
        if !self.text.spend(image.len()) {
            return Err(too_much_text(self.inputs, stage.line));
        }
        if image.is_empty() {
            let problem = format!("`FROM {}` names no image once its variables are substituted", stage.image);
            return Err(Error::at(&self.inputs.file_shown, stage.line, problem, "give the ARG a default value"));
        }
        let platform = self.platform_of(stage, obstacles)?;
        let is_other = !platform.fits(self.platform);
        let named = Named { name: &image, index, line: stage.line, place: FROM, platform: platform.clone() };
        stages.bases[index] = match image.as_str() {
            "scratch" => Origin::Scratch,
            _ => self.origin(named, stages, obstacles)?,
        };
        // What is built on it would be for that platform, and is said to be for this one; only copying from it is safe.
        let is_built_on = index == stages.target || stages.built_on[index];
        if is_other && (is_built_on || matches!(stages.bases[index], Origin::Stage(_))) {
            let problem =
                format!("`FROM --platform={platform}` is another platform than {}, which is built", self.platform);
            obstacles.push(Obstacle { line: stage.line, problem });
        }
        if let Origin::Stage(base) = stages.bases[index] {
            stages.built_on[base] |= is_built_on;
        }
        for instruction in &stage.instructions {
            if let Some(problem) = hindrance(instruction) {
                obstacles.push(Obstacle { line: instruction.line, problem });
            }
            if let Kind::Copy(Transfer { flags, .. }) = &instruction.kind
                && let Some(from) = flags.iter().find(|flag| flag.name == "from").and_then(|flag| flag.value.as_ref())
            {
                self.in_order(from, index, instruction.line)?;
                let (line, platform) = (instruction.line, self.platform.clone());
                let named = Named { name: from, index, line, place: "COPY --from", platform };
                self.origin(named, stages, obstacles)?;
            }
        }
        Ok(())
    }

    /// Refuses the name of a stage that is not carried out before stage `index`.
    fn in_order(&self, name: &str, index: usize, line: usize) -> Result<(), Error> {
        let stages = &self.dockerfile.stages;
        let named = self.dockerfile.stage_named(name, stages.len());
        let earlier = self.dockerfile.stage_named(name, index).is_some();
        let Some(later) = named.filter(|_| !earlier && !self.inputs.build_contexts.contains_key(&name.to_lowercase()))
        else {
            return Ok(());
        };
        let file = self.inputs.file_shown.clone();
        match order::circle(self.dockerfile, index, later) {
            Some(circle) => {
                let shown: Vec<String> = circle.iter().map(|stage| order::shown(stages, *stage)).collect();
                let problem = match shown.as_slice() {
                    [own] => format!("{own} copies from itself"),
                    several => format!("stages need each other: {}", several.join(", ")),
                };
                Err(Error::Source(SourceError::StageCycle { file, line, problem }))
            }
            None => Err(Error::Source(SourceError::StageOrder {
                file,
                line,
                name: name.to_owned(),
                later: stages[later].line,
            })),
        }
    }

    /// The platform that a stage's image is for.
    fn platform_of(&self, stage: &Stage, obstacles: &mut Vec<Obstacle>) -> Result<Platform, Error> {
        let Some(written) = &stage.platform else { return Ok(self.platform.clone()) };
        let bad = |problem: &str| {
            let problem = format!("`FROM --platform={written}` {problem}");
            Error::at(&self.inputs.file_shown, stage.line, problem, "write a platform such as `linux/amd64`")
        };
        let lexer = Lexer { escape: self.dockerfile.escape };
        let value = lexer.substitute(written, &|name| self.globals.get(name).cloned()).map_err(|why| bad(&why))?;
        if !self.text.spend(value.len()) {
            return Err(too_much_text(self.inputs, stage.line));
        }
        if value.is_empty() {
            return Err(bad("names no platform once its variables are substituted"));
        }
        // Names of processors that BuildKit takes for Go's.
        let usual = value.replace("/x86_64", "/amd64").replace("/x86-64", "/amd64").replace("/aarch64", "/arm64");
        Ok(Platform::parse(&usual).unwrap_or_else(|_| {
            let problem = format!("`FROM --platform={value}` is not a platform such as `linux/amd64`");
            obstacles.push(Obstacle { line: stage.line, problem });
            self.platform.clone()
        }))
    }

    /// What a name means; notes the stage or image as needed, or the obstacle.
    fn origin(&self, named: Named<'_>, stages: &mut Stages, obstacles: &mut Vec<Obstacle>) -> Result<Origin, Error> {
        let Named { name, index, line, place, platform } = named;
        if let Some(stage) = self.dockerfile.stage_named(name, index) {
            stages.needed[stage] = true;
            return Ok(Origin::Stage(stage));
        }
        let is_usual = platform.fits(self.platform);
        let key = if is_usual { name.to_owned() } else { format!("{name} for {platform}") };
        let platform = if is_usual { self.platform.clone() } else { platform };
        match self.external(name) {
            Ok(external) => {
                let needed = Needed { name: name.to_owned(), line, external, platform };
                let entry = stages.externals.entry(key.clone()).or_insert(needed);
                entry.line = entry.line.min(line);
            }
            Err(reason) => {
                let known = self.stages_before(index);
                let problem = format!("`{place} {}` {reason}", shortened(name));
                if let Some(help) = no_builder_takes(place, name, &known) {
                    return Err(Error::at(&self.inputs.file_shown, line, problem, help));
                }
                let may_be_stage = !name.contains(['/', ':', '@', '.']) && !known.is_empty();
                let hint = if may_be_stage { format!("; the stages there are {known}") } else { String::new() };
                obstacles.push(Obstacle { line, problem: format!("{problem}{hint}") });
            }
        }
        Ok(Origin::Image(key))
    }

    /// The names of the stages in front of `index`, for people; empty where none has one.
    fn stages_before(&self, index: usize) -> String {
        let names = self.dockerfile.stages[..index].iter().filter_map(|stage| stage.name.as_deref());
        names.take(MOST_STAGES).map(|name| format!("`{}`", shortened(name))).collect::<Vec<_>>().join(", ")
    }

    fn external(&self, name: &str) -> Result<External, String> {
        if let Some(folder) = self.inputs.build_contexts.get(&name.to_lowercase()) {
            return Ok(External::Layout(folder.clone()));
        }
        let image = ImageReference::parse(name).map_err(|error| format!("is no image: {error}"))?;
        let Some(digest) = image.digest.clone() else {
            return Err("is not pinned by a digest (`image@sha256:...`) and not in `build-contexts`".to_owned());
        };
        Ok(External::Pinned { image: image.with_docker_defaults(), digest })
    }
}

/// The advice for a name that means neither a stage nor an image to any builder; `None` where one may take it: buildah knows variables in
/// `--from` and places such as `oci-archive:FILE`.
fn no_builder_takes(place: &str, name: &str, stages: &str) -> Option<String> {
    let is_number = place != FROM && name.bytes().all(|byte| byte.is_ascii_digit());
    let has_digest = name.contains("@sha256:");
    let may_be_place = !has_digest && name.contains(['$', ':']);
    if !is_number && (may_be_place || ImageReference::parse(name).is_ok()) {
        return None;
    }
    Some(if has_digest {
        "a digest is `sha256:` and 64 hexadecimal digits; copy it whole, for example from `docker buildx imagetools inspect`".to_owned()
    } else if stages.is_empty() {
        "write the name of an image, or give a stage above this line a name with `FROM ... AS name`".to_owned()
    } else {
        format!("write the name of an image, or of a stage above this line: {stages}")
    })
}

/// The name of a stage or an image.
struct Named<'a> {
    name: &'a str,
    /// The stage that names it.
    index: usize,
    line: usize,
    /// The instruction that names it.
    place: &'static str,
    /// The platform that an image must be for.
    platform: Platform,
}

/// Why the embedded builder cannot carry out an instruction.
fn hindrance(instruction: &Instruction) -> Option<String> {
    match &instruction.kind {
        Kind::Run(_) => Some(format!("`{}` runs a program", shortened(&instruction.text))),
        Kind::Unknown => Some(format!("`{}` is not known", shortened(&instruction.text))),
        Kind::Add(add) => {
            let remote = add.sources.iter().find_map(|source| match source {
                Source::Path(path) if is_remote(path) => Some(path),
                Source::Path(_) | Source::Inline { .. } => None,
            });
            remote.map(|url| format!("`ADD {url}` fetches from the network")).or_else(|| unknown_flag(add))
        }
        Kind::Copy(copy) => unknown_flag(copy),
        Kind::Arg(_)
        | Kind::Cmd(_)
        | Kind::Entrypoint(_)
        | Kind::Env(_)
        | Kind::Expose(_)
        | Kind::Healthcheck { .. }
        | Kind::Label(_)
        | Kind::Maintainer(_)
        | Kind::Onbuild(_)
        | Kind::Shell(_)
        | Kind::Stopsignal(_)
        | Kind::User(_)
        | Kind::Volume(_)
        | Kind::Workdir(_) => None,
    }
}

fn unknown_flag(transfer: &Transfer) -> Option<String> {
    let unknown = transfer.flags.iter().find(|flag| !["from", "chown", "chmod", "link"].contains(&flag.name.as_str()));
    unknown.map(|flag| format!("the flag `--{}` is not supported", flag.name))
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "git@", "ssh://"].iter().any(|scheme| source.starts_with(scheme))
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}
