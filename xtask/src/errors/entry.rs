//! One code of the catalogue.

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A variant or a constant of one crate.
    Rust,
    /// A constant of the driver: each action has a code of this kind.
    EachAction,
    /// `scripts/run-action.sh`.
    Script,
}

/// One code.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// `crate/kebab-case`.
    pub(crate) code: String,
    /// The file that makes it.
    pub(crate) file: String,
    /// The message's template, where it has one.
    pub(crate) message: Option<String>,
    /// The help's template, where it has one.
    pub(crate) help: Option<String>,
    /// The paragraphs of its documentation.
    pub(crate) paragraphs: Vec<String>,
    /// What makes it.
    pub(crate) origin: Origin,
}

impl Entry {
    /// What it means, without the sentence about the exit code.
    pub(crate) fn meaning(&self) -> &str {
        let first = self.paragraphs.first().map_or("", String::as_str);
        first.split("Exit code").next().unwrap_or_default().trim()
    }

    /// The exit code, in words: `2`, `1; 2 when the credentials are to blame`.
    pub(crate) fn exit_code(&self) -> Option<&str> {
        let first = self.paragraphs.first()?;
        let words = first.split_once("Exit code")?.1.trim_start_matches('s').trim().trim_end_matches('.');
        words.starts_with(|first: char| first.is_ascii_digit()).then_some(words)
    }

    /// The numbers in the words about the exit code.
    pub(crate) fn exit_codes(&self) -> Vec<i32> {
        let words = self.exit_code().unwrap_or_default();
        words.split(|sign: char| !sign.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    }

    /// Why it happens.
    pub(crate) fn why(&self) -> Option<&str> {
        self.paragraphs.get(1).map(String::as_str)
    }

    /// How to fix it: the third paragraph, else the help that the program prints.
    pub(crate) fn fix(&self) -> Option<String> {
        let paragraph = self.paragraphs.get(2).cloned();
        paragraph.or_else(|| self.help.as_deref().filter(|help| !help.contains("{}")).map(sentence))
    }

    /// What is missing.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.meaning().is_empty() {
            missing.push("what it means");
        }
        if self.exit_code().is_none() {
            missing.push("its exit code");
        }
        if self.why().is_none() {
            missing.push("why it happens (a second paragraph)");
        }
        if self.fix().is_none() {
            missing.push("how to fix it (a third paragraph, or a help that is a fixed text)");
        }
        missing
            .iter()
            .map(|what| format!("`{}` ({}): its doc comment does not say {what}", self.code, self.file))
            .collect()
    }
}

/// A help text as a sentence: its values named, a capital letter first, a full stop last.
fn sentence(help: &str) -> String {
    let text = fields_named(help);
    let mut letters = text.chars();
    let capital: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let mut sentence = format!("{capital}{}", letters.as_str());
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

/// A format string for people: `{path}` as `<path>`, what has no name as `...`.
pub(crate) fn fields_named(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        if rest[at + 1..].starts_with(brace) {
            text.push_str(brace);
            rest = &rest[at + 2..];
        } else if let Some((name, after)) = rest[at + 1..].split_once('}').filter(|_| brace == "{") {
            let name = name.split(':').next().unwrap_or_default();
            let named = name.starts_with(|first: char| first.is_ascii_lowercase());
            text.push_str(&if named { format!("<{}>", name.replace('_', "-")) } else { "...".to_owned() });
            rest = after;
        } else {
            text.push_str(brace);
            rest = &rest[at + 1..];
        }
    }
    text.push_str(rest);
    text
}
