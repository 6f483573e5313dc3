//! Evaluating a stage's instructions: variables, configuration, and the steps that touch files.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use oci_image::{ContainerConfig, Healthcheck};

use super::program::{Action, StageProgram, Step, Surroundings};
use super::stages::{Origin, bad_words, predefined, too_much_text};
use super::transfer;
use crate::context::pattern::Steps;
use crate::dockerfile::words::Lexer;
use crate::dockerfile::{Command, Flag, Instruction, Kind};
use crate::error::Error;
use crate::limits::TextBudget;

/// Docker keeps times as nanoseconds in 63 bits, which is 292 years.
const LONGEST_TIME: f64 = 9.2e18;

/// Variables that a build argument sets without an `ARG`.
const PREDEFINED: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The names that are declared in front of the first `FROM`, and those that need no declaration.
pub(crate) fn declared_globals(around: &Surroundings<'_>) -> BTreeSet<String> {
    let lexer = Lexer { escape: around.dockerfile.escape };
    let mut names: BTreeSet<String> = PREDEFINED.iter().map(|name| (*name).to_owned()).collect();
    for arg in &around.dockerfile.globals {
        if let Kind::Arg(text) = &arg.kind {
            names.extend(lexer.split(text).iter().map(|word| name_of(word).to_owned()));
        }
    }
    names
}

fn name_of(word: &str) -> &str {
    word.split_once('=').map_or(word, |(name, _)| name)
}

/// What the stages of a Dockerfile share while they are evaluated.
pub(crate) struct Shared {
    /// The names that were declared as build arguments.
    pub(crate) declared: BTreeSet<String>,
    pub(crate) text: TextBudget,
    /// What wildcards may still cost.
    pub(crate) work: RefCell<Steps>,
}

/// Evaluates the stage `index`; `before` are the stages evaluated so far.
pub(crate) fn stage(
    around: &Surroundings<'_>,
    index: usize,
    before: &[StageProgram],
    shared: &mut Shared,
) -> Result<StageProgram, Error> {
    let base = around.stages.bases[index].clone();
    let (config, author) = inherited(around, &base, before);
    if !shared.text.spend(length_of(&config)) {
        return Err(too_much_text(around.inputs, around.dockerfile.stages[index].line));
    }
    let mut state = State { around, index, config, author, args: BTreeMap::new(), own_cmd: false, shared };
    let mut steps = Vec::new();
    for instruction in &around.dockerfile.stages[index].instructions {
        let action = state.evaluate(instruction)?;
        steps.push(Step { line: instruction.line, text: instruction.text.clone(), action });
    }
    let name = around.dockerfile.stages[index].name.clone();
    Ok(StageProgram { index, name, base, steps, config: state.config, author: state.author })
}

/// About how much text a configuration holds.
fn length_of(config: &ContainerConfig) -> usize {
    let lists = config.env.iter().chain(&config.exposed_ports).chain(&config.volumes).chain(&config.on_build);
    let labels = config.labels.iter().map(|(name, value)| name.len() + value.len());
    lists.map(String::len).chain(labels).sum()
}

fn inherited(around: &Surroundings<'_>, base: &Origin, before: &[StageProgram]) -> (ContainerConfig, Option<String>) {
    match base {
        Origin::Scratch => {
            let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned();
            (ContainerConfig { env: vec![path], working_dir: "/".to_owned(), ..ContainerConfig::default() }, None)
        }
        Origin::Stage(index) => before
            .iter()
            .find(|stage| stage.index == *index)
            .map(|stage| (stage.config.clone(), stage.author.clone()))
            .unwrap_or_default(),
        Origin::Image(name) => {
            let image = around.images.get(name);
            let (mut config, author) =
                image.map(|image| (image.config.clone(), image.author.clone())).unwrap_or_default();
            config.labels.retain(|name, _| !around.default_labels.contains_key(name));
            (config, author)
        }
    }
}

/// What the instructions so far have set.
pub(crate) struct State<'a, 'b> {
    pub(crate) around: &'a Surroundings<'a>,
    pub(crate) index: usize,
    pub(crate) config: ContainerConfig,
    author: Option<String>,
    args: BTreeMap<String, String>,
    /// Whether this stage has a CMD of its own.
    own_cmd: bool,
    pub(crate) shared: &'b mut Shared,
}

impl State<'_, '_> {
    fn evaluate(&mut self, instruction: &Instruction) -> Result<Action, Error> {
        match &instruction.kind {
            Kind::Copy(copy) => return transfer::evaluate(self, instruction, copy, false).map(Action::Copy),
            Kind::Add(add) => return transfer::evaluate(self, instruction, add, true).map(Action::Copy),
            Kind::Workdir(path) => {
                let path = absolute(&self.config.working_dir, &self.words(instruction, path)?);
                self.config.working_dir.clone_from(&path);
                return Ok(Action::MakeFolder(path));
            }
            Kind::Arg(text) => self.arg(instruction, text)?,
            Kind::Env(text) => {
                for (name, value) in self.pairs(instruction, text)? {
                    set_env(&mut self.config.env, &name, &value);
                }
            }
            Kind::Label(text) => {
                let labels = self.pairs(instruction, text)?;
                self.config.labels.extend(labels);
            }
            Kind::Cmd(command) => {
                self.config.cmd = Some(self.command(command));
                self.own_cmd = true;
            }
            Kind::Entrypoint(command) => {
                self.config.entrypoint = Some(self.command(command)).filter(|words| !words.is_empty());
                // An inherited CMD holds arguments for the inherited entrypoint.
                if !self.own_cmd {
                    self.config.cmd = None;
                }
            }
            Kind::Expose(ports) => self.expose(instruction, ports)?,
            Kind::Healthcheck { flags, test } => {
                self.config.healthcheck = Some(self.healthcheck(instruction, flags, test.as_ref())?);
            }
            Kind::Maintainer(name) => self.author = Some(name.clone()),
            Kind::Onbuild(trigger) => {
                let first = trigger.split_whitespace().next().unwrap_or_default();
                if ["FROM", "MAINTAINER"].iter().any(|name| first.eq_ignore_ascii_case(name)) {
                    return Err(self.bad(instruction, "has a trigger that is not allowed"));
                }
                self.config.on_build.push(trigger.clone());
            }
            Kind::Shell(words) => self.config.shell = Some(words.clone()),
            Kind::Stopsignal(signal) => self.config.stop_signal = Some(self.words(instruction, signal)?),
            Kind::User(user) => self.config.user = self.words(instruction, user)?,
            Kind::Volume(paths) => {
                for path in paths {
                    let path = self.words(instruction, path)?;
                    self.config.volumes.insert(path);
                }
            }
            Kind::Run(_) | Kind::Unknown => return Err(self.bad(instruction, "cannot be built here")),
        }
        Ok(Action::Configure)
    }

    /// The error for an instruction.
    pub(crate) fn bad(&self, instruction: &Instruction, problem: &str) -> Error {
        bad_words(self.around.inputs, instruction, problem)
    }

    pub(crate) fn lexer(&self) -> Lexer {
        Lexer { escape: self.around.dockerfile.escape }
    }

    /// The value of a variable: the environment's wins over the build argument's.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let environment = self.config.env.iter().rev().find_map(|entry| {
            let (key, value) = entry.split_once('=')?;
            (key == name).then(|| value.to_owned())
        });
        environment.or_else(|| self.args.get(name).cloned())
    }

    /// `text` without quotes, its variables substituted.
    pub(crate) fn words(&self, instruction: &Instruction, text: &str) -> Result<String, Error> {
        let made = self.lexer().substitute(text, &|name| self.variable(name));
        let made = made.map_err(|problem| self.bad(instruction, &problem))?;
        self.spend(instruction, made.len())?;
        Ok(made)
    }

    /// Counts text that an instruction made.
    pub(crate) fn spend(&self, instruction: &Instruction, bytes: usize) -> Result<(), Error> {
        let is_left = self.shared.text.spend(bytes);
        if is_left { Ok(()) } else { Err(too_much_text(self.around.inputs, instruction.line)) }
    }

    fn pairs(&self, instruction: &Instruction, text: &str) -> Result<Vec<(String, String)>, Error> {
        let pairs = self.lexer().pairs(text).map_err(|problem| self.bad(instruction, &problem))?;
        pairs
            .into_iter()
            .map(|(name, value)| Ok((self.words(instruction, &name)?, self.words(instruction, &value)?)))
            .collect()
    }

    fn arg(&mut self, instruction: &Instruction, text: &str) -> Result<(), Error> {
        for word in self.lexer().split(text) {
            let name = name_of(&word).to_owned();
            let default = word.split_once('=').map(|(_, value)| self.words(instruction, value)).transpose()?;
            let inputs = self.around.inputs;
            let inherited = || {
                let global = self.around.stages.globals.get(&name).cloned();
                global.or_else(|| predefined(self.around.platform).get(&name).cloned())
            };
            let value = inputs.build_args.get(&name).cloned().or(default).or_else(inherited);
            if let Some(value) = value {
                self.args.insert(name.clone(), value);
            }
            self.shared.declared.insert(name);
        }
        Ok(())
    }

    fn command(&self, command: &Command) -> Vec<String> {
        match command {
            Command::Exec(words) => words.clone(),
            Command::Shell(text) => {
                let default = || vec!["/bin/sh".to_owned(), "-c".to_owned()];
                let mut words = self.config.shell.clone().unwrap_or_else(default);
                words.push(text.clone());
                words
            }
        }
    }

    fn expose(&mut self, instruction: &Instruction, ports: &[String]) -> Result<(), Error> {
        for port in ports {
            for port in self.words(instruction, port)?.split_whitespace() {
                let (numbers, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
                let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
                let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
                let (Some(first), Some(last)) = (number(first), number(last)) else {
                    return Err(self.bad(instruction, &format!("has `{port}`, which is not a port")));
                };
                if first > last || !["tcp", "udp", "sctp"].contains(&protocol.to_lowercase().as_str()) {
                    return Err(self.bad(instruction, &format!("has `{port}`, which is not a port")));
                }
                let protocol = protocol.to_lowercase();
                self.spend(instruction, usize::from(last - first) * "65535/tcp".len())?;
                self.config.exposed_ports.extend((first..=last).map(|port| format!("{port}/{protocol}")));
            }
        }
        Ok(())
    }

    fn healthcheck(
        &self,
        instruction: &Instruction,
        flags: &[Flag],
        test: Option<&Command>,
    ) -> Result<Healthcheck, Error> {
        let test = match test {
            None => vec!["NONE".to_owned()],
            Some(Command::Exec(words)) => std::iter::once("CMD".to_owned()).chain(words.iter().cloned()).collect(),
            Some(Command::Shell(line)) => vec!["CMD-SHELL".to_owned(), line.clone()],
        };
        let mut check = Healthcheck { test, ..Healthcheck::default() };
        for Flag { name, value } in flags {
            let value = value.as_deref().unwrap_or_default();
            let unreadable = || self.bad(instruction, &format!("has `--{name}={value}`, which cannot be read"));
            match name.as_str() {
                "interval" => check.interval = nanoseconds(value).ok_or_else(unreadable)?,
                "timeout" => check.timeout = nanoseconds(value).ok_or_else(unreadable)?,
                "start-period" => check.start_period = nanoseconds(value).ok_or_else(unreadable)?,
                "start-interval" => check.start_interval = nanoseconds(value).ok_or_else(unreadable)?,
                "retries" => check.retries = value.parse::<u32>().map_err(|_| unreadable())?.into(),
                _ => return Err(self.bad(instruction, &format!("has the unknown flag `--{name}`"))),
            }
        }
        Ok(check)
    }
}

/// A path as a container sees it: absolute, without `.`, `..` and double slashes.
pub(crate) fn absolute(working_dir: &str, path: &str) -> String {
    let joined = if path.starts_with('/') { path.to_owned() } else { format!("{working_dir}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn set_env(env: &mut Vec<String>, name: &str, value: &str) {
    let entry = format!("{name}={value}");
    match env.iter_mut().find(|old| old.split_once('=').is_some_and(|(key, _)| key == name)) {
        Some(old) => *old = entry,
        None => env.push(entry),
    }
}

/// Go's durations: `1m30s`, `500ms`, `1.5h`.
fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0_f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..unit_end] {
            "ns" => 1.0,
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 6e10,
            "h" => 3.6e12,
            _ => return None,
        };
        total += number * unit;
        rest = &rest[unit_end..];
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sum of unsigned numbers below the bound"
    )]
    (total < LONGEST_TIME).then_some(total.round() as u64)
}
