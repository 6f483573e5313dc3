//! Keeping secrets out of what tasks wrote and what AWS says: what is registered, what the task definition's environment holds, and what
//! looks like a token.

mod shapes;

use actions_core::Redactor;
use serde_json::Value;

use crate::service::list;
use crate::task_definition::text;

pub(crate) use shapes::looks_like_a_token;

/// The longest text of ECS's that is kept, in characters.
const LONGEST_TEXT: usize = 2000;
/// What is written in a secret's place.
const HIDDEN: &str = "***";

/// Names of variables and fields whose values are secret.
const SECRET_NAMES: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "authkey",
    "accesskey",
    "privatekey",
    "credential",
    "signature",
    "authorization",
];

/// Ends of such names, which stand inside of other words too.
const SECRET_ENDS: [&str; 4] = ["auth", "dsn", "salt", "pwd"];

/// Ends of names that tell where a secret is, not what it is.
const HARMLESS_ENDS: [&str; 12] =
    ["arn", "url", "uri", "file", "path", "name", "id", "ttl", "expiry", "expires", "enabled", "type"];

/// Hides secrets in texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mask {
    registered: Redactor,
    /// Its own, not the session's: a value such as `web` of a variable called `TOKEN` must not tear holes into ARNs.
    environment: Redactor,
}

impl Mask {
    /// Hides what `registered` knows, and the secret values in `definition`'s environments.
    pub(crate) fn new(registered: &Redactor, definition: &Value) -> Self {
        let environment = Redactor::default();
        for container in list(definition, "containerDefinitions") {
            for entry in list(container, "environment") {
                let (name, value) = (text(entry, "name"), text(entry, "value"));
                if is_secret(name, value) {
                    environment.add(value);
                }
            }
        }
        Self { registered: registered.clone(), environment }
    }

    /// `text`, which may hold several lines, without secrets.
    pub(crate) fn hide(&self, text: &str) -> String {
        let text = self.environment.redact(self.registered.redact(text));
        shapes::hide(&without_private_keys(&text))
    }

    /// The same on one line, and not too long.
    pub(crate) fn clean(&self, text: &str) -> String {
        let line = self.hide(text).replace(['\n', '\r'], " ");
        match line.char_indices().nth(LONGEST_TEXT) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

/// Whether a variable's value has to be hidden: rather one too many, as only logs lose by it.
fn is_secret(name: &str, value: &str) -> bool {
    is_secret_name(name) && !is_plain(value) || looks_like_a_token(value) || may_be_a_secret(value)
}

/// Whether a value could be a secret whatever its name is: long, of letters and digits, and neither an address nor a path.
fn may_be_a_secret(value: &str) -> bool {
    const SHORTEST: usize = 12;
    let any = |is: fn(&char) -> bool| value.chars().any(|c| is(&c));
    value.len() >= SHORTEST
        && any(char::is_ascii_digit)
        && any(char::is_ascii_alphabetic)
        && !value.starts_with("arn:")
        && !value.contains(|c: char| c.is_whitespace() || "/.".contains(c))
}

/// Whether a name is that of a secret: `DB_PASSWORD`, `apiKey`; not `SECRET_ARN`.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let is_folder = ["pwd", "oldpwd"].contains(&words.as_str());
    let is_end = !is_folder && SECRET_ENDS.iter().any(|end| words.ends_with(end));
    (is_end || SECRET_NAMES.iter().any(|secret| words.contains(secret)))
        && !HARMLESS_ENDS.iter().any(|end| words.ends_with(end))
}

/// Switches, small numbers and names of resources are no secrets, whatever they are called.
pub(super) fn is_plain(value: &str) -> bool {
    let word = ["true", "false", "yes", "no", "none", "null"].iter().any(|word| value.eq_ignore_ascii_case(word));
    let number = value.len() < 6 && value.chars().all(|c| c.is_ascii_digit());
    word || number || value.starts_with("arn:")
}

/// `text` without what stands between the first and the last line of a private key. A log may begin or end inside one.
fn without_private_keys(text: &str) -> String {
    const END: &str = "-----END ";
    let is_begin = |line: &str| line.contains("-----BEGIN ") && line.contains("PRIVATE KEY");
    let is_end = |line: &str| line.contains(END) && line.contains("PRIVATE KEY");
    if !text.contains("PRIVATE KEY") {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut shown: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let mut inside = false;
    for (index, line) in lines.iter().enumerate() {
        if is_begin(line) {
            let before = line.split("-----BEGIN ").next().unwrap_or_default();
            shown[index] = format!("{before}{HIDDEN}");
            inside = !is_end(line);
        } else if is_end(line) {
            if !inside {
                hide_key_lines_above(&mut shown[..index]);
            }
            HIDDEN.clone_into(&mut shown[index]);
            inside = false;
        } else if inside && is_key_line(line) {
            HIDDEN.clone_into(&mut shown[index]);
        } else {
            inside = false;
        }
    }
    shown.join("\n")
}

/// The last line of a key was found without its first one.
fn hide_key_lines_above(lines: &mut [String]) {
    for line in lines.iter_mut().rev().take_while(|line| is_key_line(line)) {
        HIDDEN.clone_into(line);
    }
}

/// Base64, a header of PEM, or nothing.
fn is_key_line(line: &str) -> bool {
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let line = line.trim();
    line.chars().all(base64) || line.starts_with("Proc-Type:") || line.starts_with("DEK-Info:")
}

#[cfg(test)]
mod tests;
