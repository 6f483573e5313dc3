//! The log of `terraform plan -json`: one message a line (<https://developer.hashicorp.com/terraform/internals/machine-readable-ui>,
//! <https://opentofu.org/docs/internals/machine-readable-ui>). What it says that no plan says are the errors and warnings.
//!
//! A log is what a step printed, so anything may stand between the messages: what is no message is skipped, and messages of types that
//! nobody has heard of are too. The result of `terraform validate -json` has the same errors and warnings and is read as well.

use crate::diagnostic::{Diagnostic, Log, Severity};
use crate::json::Json;
use crate::likely::Detector;
use crate::sealed::Sealer;
use crate::secrets::Secrets;
use crate::source::{self, Content, Lookalike, PlanJson, Refusal};

/// What a log says: nothing of it is sealed yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Each error and warning as its message has it, in the order of the log.
    diagnostics: Vec<(Severity, Json)>,
    /// The values of outputs that the log itself calls sensitive.
    secrets: Vec<Json>,
    /// The version of the messages, where its major one is unknown.
    unknown_version: Option<String>,
    /// Whether OpenTofu wrote it.
    pub(crate) is_of_opentofu: bool,
}

/// Why a file is no log: what it is in place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotAStream(pub(crate) String);

impl Stream {
    /// Reads the log in `bytes`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, NotAStream> {
        let text = source::decode(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        let mut stream = Self::default();
        let mut messages = 0;
        match Json::parse(&text) {
            // One message, the result of a validation on several lines, or all messages in one list.
            Ok(Json::List(items)) => messages += items.iter().filter(|item| stream.takes(item)).count(),
            Ok(json) => messages += usize::from(stream.takes(&json)),
            Err(_) => {
                for line in text.lines() {
                    // Whoever keeps a log may put a time in front of each line, or more. Terraform's messages begin with their level.
                    let start = line.find("{\"@level\"").or_else(|| line.find('{'));
                    let message = start.and_then(|start| Json::parse_prefix(&line[start..]).ok());
                    messages += usize::from(message.is_some_and(|(message, _)| stream.takes(&message)));
                }
            }
        }
        if messages == 0 { Err(NotAStream(what_it_is(bytes))) } else { Ok(stream) }
    }

    /// Takes what a message says; whether it is one.
    fn takes(&mut self, message: &Json) -> bool {
        if message.get("valid").is_some() && message.get("diagnostics").is_some() {
            for diagnostic in message.get("diagnostics").map(Json::items).unwrap_or_default() {
                self.diagnostic(diagnostic, None);
            }
            return true;
        }
        let level = message.text_of("@level");
        let Some(kind) = message.text_of("type").filter(|_| level.is_some()) else { return false };
        match kind {
            "version" => self.version(message),
            "diagnostic" => {
                if let Some(diagnostic @ Json::Map(_)) = message.get("diagnostic") {
                    self.diagnostic(diagnostic, level);
                }
            }
            "outputs" => {
                let outputs = message.get("outputs").into_iter().flat_map(Json::entries);
                let is_sensitive = |output: &&Json| output.get("sensitive").is_some_and(|it| *it != Json::Bool(false));
                let marked = outputs.map(|(_, output)| output).filter(is_sensitive);
                self.secrets.extend(marked.filter_map(|output| output.get("value")).cloned());
            }
            _ => {}
        }
        true
    }

    fn diagnostic(&mut self, diagnostic: &Json, level: Option<&str>) {
        let severity = match (diagnostic.text_of("severity"), level) {
            (Some("warning"), _) => Severity::Warning,
            // Of a word that nobody has heard of the message's level tells.
            (Some("error"), _) | (_, Some("error")) => Severity::Error,
            _ => Severity::Warning,
        };
        self.diagnostics.push((severity, diagnostic.clone()));
    }

    fn version(&mut self, message: &Json) {
        self.is_of_opentofu |= message.get("tofu").is_some();
        if let Some(Json::Text(version) | Json::Number(version)) = message.get("ui") {
            let is_known = matches!(version.split('.').next(), Some("0" | "1"));
            self.unknown_version = Some(version.clone()).filter(|_| !is_known);
        }
    }

    /// Its errors and warnings, sealed against the secrets of `plans` and against what looks like a secret in it.
    ///
    /// What only the log tells to be a secret is hidden in the log alone: what a plan does, and with it its digest, must not depend on it.
    pub(crate) fn sealed(
        &self,
        plans: &[PlanJson],
        detector: &Detector,
    ) -> Result<SealedLog, aho_corasick::BuildError> {
        let is_silent = self.diagnostics.is_empty() && self.unknown_version.is_none();
        let mut secrets = if is_silent {
            Secrets::default()
        } else {
            Secrets::of_all(plans.iter().map(|plan| &plan.secrets), detector)
        };
        self.secrets.iter().for_each(|value| secrets.whole(value));
        self.diagnostics.iter().for_each(|(_, diagnostic)| detector.find_in(diagnostic, &mut secrets));
        let mut sealer = Sealer::new(&secrets)?;
        let seal = |(severity, json): &(Severity, Json)| Diagnostic::seal(*severity, json, &mut sealer);
        let diagnostics = self.diagnostics.iter().map(seal).collect();
        let log = Log::of(diagnostics, self.unknown_version.as_ref().map(|version| sealer.text(version)));
        Ok(SealedLog { log, unmarked: sealer.unmarked })
    }
}

/// A log without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SealedLog {
    pub(crate) log: Log,
    /// How many secrets were found in it.
    pub(crate) unmarked: usize,
}

/// What a file is that has no message.
fn what_it_is(bytes: &[u8]) -> String {
    match source::read(bytes, &Detector::default()) {
        Ok(Content::Plans(..)) => "it is a plan, which belongs in `plan`".to_owned(),
        Ok(Content::Binary) => "it is a binary plan, which belongs in `plan`".to_owned(),
        Err(Refusal::NotAPlan(Lookalike::LogStream)) => "no line of it is a whole message".to_owned(),
        Err(Refusal::NotAPlan(lookalike)) => format!("it is {}", lookalike.words().0),
        Err(Refusal::NotText) => "it is no text".to_owned(),
        Err(Refusal::Json(_) | Refusal::UnknownVersion(_) | Refusal::SeveralBesideOne) => {
            "no line of it is a message of Terraform's".to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
