//! A Dockerfile as data: stages and instructions with their lines, variables not yet substituted.
//!
//! The grammar is the `parse-dockerfile` crate's; this module only turns its spans into lines and owns the text.

use parse_dockerfile as parser;
use parser::{HealthcheckArguments, JsonOrStringArray, UnescapedString};

pub(crate) mod words;

/// A parsed Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dockerfile {
    /// The character that escapes, `\` unless a directive says otherwise.
    pub(crate) escape: char,
    /// The frontend that the file is written for, where it is not Docker's own.
    pub(crate) frontend: Option<Frontend>,
    /// The `ARG` instructions in front of the first `FROM`.
    pub(crate) globals: Vec<Instruction>,
    /// The stages, in order.
    pub(crate) stages: Vec<Stage>,
}

/// A `# syntax=` directive (<https://docs.docker.com/reference/dockerfile/#syntax>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frontend {
    pub(crate) line: usize,
    pub(crate) image: String,
}

/// A stage: everything from one `FROM` to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) line: usize,
    pub(crate) image: String,
    pub(crate) platform: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) instructions: Vec<Instruction>,
}

/// An instruction and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) line: usize,
    /// The instruction as written, on one line.
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

/// What an instruction says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Add(Transfer),
    Copy(Transfer),
    Arg(String),
    Cmd(Command),
    Entrypoint(Command),
    Env(String),
    Expose(Vec<String>),
    Healthcheck {
        flags: Vec<Flag>,
        test: Option<Command>,
    },
    Label(String),
    Maintainer(String),
    Onbuild(String),
    /// With its flags; what it runs is the builder's alone.
    Run(Vec<Flag>),
    Shell(Vec<String>),
    Stopsignal(String),
    User(String),
    Volume(Vec<String>),
    Workdir(String),
    /// Something this version does not know.
    Unknown,
}

/// The arguments of `COPY` and `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) flags: Vec<Flag>,
    pub(crate) sources: Vec<Source>,
    pub(crate) dest: String,
}

/// `--name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flag {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
}

/// A source of `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Path(String),
    /// A here-document, by the word that ends it.
    Inline {
        name: String,
        text: String,
        expand: bool,
    },
}

/// A command in its exec form or in its shell form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Exec(Vec<String>),
    Shell(String),
}

/// Why a text is no Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Dockerfile {
    /// Parses `text`.
    pub(crate) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let text = text.trim_start_matches('\u{FEFF}');
        if let Some(place) = text.find('\0') {
            let line = text[..place].matches('\n').count() + 1;
            return Err(SyntaxError { line, message: "it has a NUL byte".to_owned() });
        }
        let parsed = parser::parse(text)
            .map_err(|error| SyntaxError { line: error.line().max(1), message: plain_message(&error) })?;
        let escape = parsed.parser_directives.escape.as_ref().map_or('\\', |directive| directive.value.value);
        let reader = Reader { text, escape, line_ends: text.match_indices('\n').map(|(place, _)| place).collect() };
        let frontend = parsed.parser_directives.syntax.as_ref().map(|directive| Frontend {
            line: reader.line(directive.value.span.start),
            image: directive.value.value.trim().to_owned(),
        });
        let frontend = frontend.filter(|frontend| !is_own_frontend(&frontend.image));
        let globals = parsed.global_args().map(|arg| reader.arg(arg)).collect();
        let stages = parsed.stages().map(|stage| reader.stage(&stage)).collect();
        Ok(Self { escape, frontend, globals, stages })
    }

    /// The index of the stage called `name` (or numbered so), among the first `before` stages.
    pub(crate) fn stage_named(&self, name: &str, before: usize) -> Option<usize> {
        let stages = &self.stages[..before];
        let same = |stage: &Stage| stage.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        stages.iter().rposition(same).or_else(|| name.parse().ok().filter(|index| *index < before))
    }
}

/// Whether `image` is the frontend that reads what is described in Docker's reference: `docker/dockerfile`, version 1.
pub(crate) fn is_own_frontend(image: &str) -> bool {
    let name = image.strip_prefix("docker.io/").unwrap_or(image);
    let own = name.strip_prefix("docker/dockerfile-upstream").or_else(|| name.strip_prefix("docker/dockerfile"));
    let Some(rest) = own else { return false };
    let tag = rest.split('@').next().unwrap_or_default();
    let has_version_1 = |tag: &str| {
        let behind = tag.strip_prefix('1').unwrap_or("2");
        tag == "latest" || tag == "labs" || !behind.starts_with(|c: char| c.is_ascii_digit())
    };
    tag.is_empty() || tag.strip_prefix(':').is_some_and(has_version_1)
}

/// The parser's message without its own place, which the caller names.
fn plain_message(error: &parser::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

struct Reader<'a> {
    text: &'a str,
    escape: char,
    /// Where lines end, so that finding the line of each instruction stays cheap.
    line_ends: Vec<usize>,
}

impl Reader<'_> {
    fn line(&self, position: usize) -> usize {
        self.line_ends.partition_point(|end| *end < position) + 1
    }

    /// The instruction that starts at `position`, its continued lines joined and its comments left out.
    fn source(&self, position: usize) -> String {
        let mut words: Vec<&str> = Vec::new();
        for (index, line) in self.text[position..].lines().enumerate() {
            let trimmed = line.trim();
            if index > 0 && (trimmed.is_empty() || trimmed.starts_with('#')) {
                continue;
            }
            let continued = trimmed.strip_suffix(self.escape);
            words.extend(continued.unwrap_or(trimmed).split_whitespace());
            if continued.is_none() {
                break;
            }
        }
        words.join(" ")
    }

    fn instruction(&self, position: usize, kind: Kind) -> Instruction {
        Instruction { line: self.line(position), text: self.source(position), kind }
    }

    fn arg(&self, arg: &parser::ArgInstruction<'_>) -> Instruction {
        self.instruction(arg.arg.span.start, Kind::Arg(owned(&arg.arguments)))
    }

    fn stage(&self, stage: &parser::Stage<'_, '_>) -> Stage {
        let platform = flags(&stage.from.options).into_iter().find(|flag| flag.name == "platform");
        Stage {
            line: self.line(stage.from.from.span.start),
            image: owned(&stage.from.image),
            platform: platform.and_then(|flag| flag.value),
            name: stage.from.as_.as_ref().map(|(_, name)| owned(name)),
            instructions: stage.instructions.iter().map(|instruction| self.read(instruction)).collect(),
        }
    }

    fn read(&self, instruction: &parser::Instruction<'_>) -> Instruction {
        use parser::Instruction as I;
        let (span, kind) = match instruction {
            I::Add(add) => (&add.add.span, Kind::Add(self.transfer(&add.options, &add.src, &add.dest))),
            I::Copy(copy) => (&copy.copy.span, Kind::Copy(self.transfer(&copy.options, &copy.src, &copy.dest))),
            I::Arg(arg) => (&arg.arg.span, Kind::Arg(owned(&arg.arguments))),
            I::Cmd(cmd) => (&cmd.cmd.span, Kind::Cmd(self.command(&cmd.arguments))),
            I::Entrypoint(entrypoint) => {
                (&entrypoint.entrypoint.span, Kind::Entrypoint(self.command(&entrypoint.arguments)))
            }
            I::Env(env) => (&env.env.span, Kind::Env(owned(&env.arguments))),
            I::Expose(expose) => (&expose.expose.span, Kind::Expose(all(&expose.arguments))),
            I::Healthcheck(check) => (&check.healthcheck.span, self.healthcheck(check)),
            I::Label(label) => (&label.label.span, Kind::Label(owned(&label.arguments))),
            I::Maintainer(maintainer) => (&maintainer.maintainer.span, Kind::Maintainer(owned(&maintainer.name))),
            I::Onbuild(onbuild) => (&onbuild.onbuild.span, Kind::Onbuild(self.trigger(onbuild))),
            I::Run(run) => (&run.run.span, Kind::Run(flags(&run.options))),
            I::Shell(shell) => (&shell.shell.span, Kind::Shell(all(&shell.arguments))),
            I::Stopsignal(signal) => (&signal.stopsignal.span, Kind::Stopsignal(owned(&signal.arguments))),
            I::User(user) => (&user.user.span, Kind::User(owned(&user.arguments))),
            I::Volume(volume) => (&volume.volume.span, Kind::Volume(paths(&volume.arguments))),
            I::Workdir(workdir) => (&workdir.workdir.span, Kind::Workdir(owned(&workdir.arguments))),
            I::From(from) => (&from.from.span, Kind::Unknown),
            _ => return self.instruction(0, Kind::Unknown),
        };
        self.instruction(span.start, kind)
    }

    fn command(&self, command: &parser::Command<'_>) -> Command {
        match command {
            parser::Command::Exec(words) => Command::Exec(all(&words.value)),
            parser::Command::Shell(text) => Command::Shell(self.joined(text.value)),
            _ => Command::Shell(String::new()),
        }
    }

    /// The shell form without its line continuations.
    fn joined(&self, text: &str) -> String {
        let mut command = String::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            command.push_str(line.trim_end().strip_suffix(self.escape).unwrap_or(line));
        }
        command.trim().to_owned()
    }

    fn transfer(
        &self,
        options: &[parser::Flag<'_>],
        sources: &[parser::Source<'_>],
        dest: &UnescapedString<'_>,
    ) -> Transfer {
        let source = |source: &parser::Source<'_>| match source {
            parser::Source::Path(path) => Source::Path(path.value.clone().into_owned()),
            parser::Source::HereDoc(document) => {
                // The line that ends it is the word that was promised.
                let end = self.text[document.span.end..].lines().next().unwrap_or_default();
                let name = end.trim_end_matches('\r').to_owned();
                Source::Inline { name, text: document.value.clone().into_owned(), expand: document.expand }
            }
            _ => Source::Path(String::new()),
        };
        Transfer { flags: flags(options), sources: sources.iter().map(source).collect(), dest: owned(dest) }
    }

    fn healthcheck(&self, check: &parser::HealthcheckInstruction<'_>) -> Kind {
        let test = match &check.arguments {
            HealthcheckArguments::Cmd { arguments, .. } => Some(self.command(arguments)),
            _ => None,
        };
        Kind::Healthcheck { flags: flags(&check.options), test }
    }

    fn trigger(&self, onbuild: &parser::OnbuildInstruction<'_>) -> String {
        let text = self.source(onbuild.onbuild.span.start);
        text.split_once(' ').map_or(String::new(), |(_, trigger)| trigger.to_owned())
    }
}

fn owned(text: &UnescapedString<'_>) -> String {
    text.value.trim().to_owned()
}

fn all(words: &[UnescapedString<'_>]) -> Vec<String> {
    words.iter().map(|word| word.value.clone().into_owned()).collect()
}

fn flags(flags: &[parser::Flag<'_>]) -> Vec<Flag> {
    let flag = |flag: &parser::Flag<'_>| Flag { name: owned(&flag.name), value: flag.value.as_ref().map(owned) };
    flags.iter().map(flag).collect()
}

fn paths<const N: usize>(arguments: &JsonOrStringArray<'_, N>) -> Vec<String> {
    match arguments {
        JsonOrStringArray::Json(words) => all(&words.value),
        JsonOrStringArray::String(words) => all(words),
    }
}

#[cfg(test)]
mod tests;
