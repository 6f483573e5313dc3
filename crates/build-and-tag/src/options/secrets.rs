//! Secrets for the build: given to the builder through its environment or as files, and looked for in what was built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use actions_core::{InputErrors, Session};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_image::{Blob, Content, DOCUMENT_LIMIT, Image};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::args::{Args, SECRETS};
use crate::error::{BuilderError, Error};

/// The largest secret that BuildKit takes.
const LARGEST: u64 = 500 * 1024;

/// Shorter values are words such as `true` and stand in any text.
const SHORTEST_SOUGHT: usize = 6;

/// A secret and where its value is.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// The id of `RUN --mount=type=secret,id=...`.
    pub(crate) id: String,
    pub(crate) source: SecretSource,
    /// The input that names it.
    pub(crate) input: &'static str,
}

/// Where the value of a secret is.
#[derive(Debug, Clone)]
pub(crate) enum SecretSource {
    /// It was given.
    Value(SecretString),
    /// In an environment variable, by its name.
    Variable(String),
    /// In a file.
    File(PathBuf),
}

impl Secret {
    /// The variable of the builder's environment that has the value of the secret at `place` of all; `None` for a file.
    pub(crate) fn variable(&self, place: usize) -> Option<String> {
        match &self.source {
            SecretSource::Value(_) => Some(format!("SLIPWAY_SECRET_{place}")),
            SecretSource::Variable(name) => Some(name.clone()),
            SecretSource::File(_) => None,
        }
    }

    /// What `--secret` of buildx and buildah takes.
    pub(crate) fn option(&self, place: usize) -> String {
        match (&self.source, self.variable(place)) {
            (_, Some(name)) => format!("id={},env={name}", self.id),
            (SecretSource::File(path), None) => format!("id={},src={}", self.id, path.display()),
            (SecretSource::Value(_) | SecretSource::Variable(_), None) => String::new(),
        }
    }
}

/// Parses the three inputs; the ids of empty secrets come apart, as a pull request of a fork has no secrets.
pub(crate) fn parse(args: &Args, session: &Session, bad: &mut InputErrors) -> (Vec<Secret>, Vec<String>) {
    let mut all: Vec<Secret> = Vec::new();
    let mut empty = Vec::new();
    let given = session.secret(SECRETS.name).map(|text| records(text.expose_secret()));
    for (number, record) in given.into_iter().flatten().enumerate() {
        match record.split_once('=').map(|(id, value)| (secret_id(id), value)) {
            Some((Ok(id), "")) => empty.push(id),
            Some((Ok(id), value)) => {
                session.log.mask(value);
                let source = SecretSource::Value(SecretString::from(value));
                all.push(Secret { id, source, input: "secrets" });
            }
            Some((Err(_), _)) | None => {
                let help = "write `id=value`; quote the whole line with `\"` where the value has several lines";
                bad.add("secrets", format!("has no `id=value` in its entry {}", number + 1), Some(help.to_owned()));
            }
        }
    }
    for (id, name) in bad.list("secret-envs", &actions_core::lines_or_commas(&args.secret_envs), pair) {
        match session.environment.get(&name) {
            Some(value) => {
                session.log.mask(value);
                all.push(Secret { id, source: SecretSource::Variable(name), input: "secret-envs" });
            }
            None => empty.push(id),
        }
    }
    for (id, path) in bad.list("secret-files", &super::kept(&args.secret_files), file) {
        all.push(Secret { id, source: SecretSource::File(path), input: "secret-files" });
    }
    for (place, secret) in all.iter().enumerate() {
        if all[..place].iter().any(|other| other.id == secret.id) {
            bad.add(secret.input, format!("names the id `{}` twice", secret.id), None);
        }
    }
    (all, empty)
}

fn secret_id(text: &str) -> Result<String, &'static str> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let id = text.trim();
    if id.is_empty() || !id.chars().all(is_known) {
        return Err("is no id: use letters, digits, `.`, `_` and `-`");
    }
    Ok(id.to_owned())
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (id, name) = text.split_once('=').ok_or("is not `id=VARIABLE`")?;
    let is_known = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_known) {
        return Err("names no environment variable");
    }
    Ok((secret_id(id)?, name.to_owned()))
}

fn file(text: &str) -> Result<(String, PathBuf), &'static str> {
    let (id, path) = text.split_once('=').ok_or("is not `id=FILE`")?;
    // The builders split at commas, and not all of them can be told not to.
    if path.is_empty() || path.contains([',', '"']) {
        return Err("names no file, or one with a comma or a quote in its name");
    }
    Ok((secret_id(id)?, PathBuf::from(path)))
}

/// The entries: lines, or texts in quotes that may have several lines and have `""` for a quote.
fn records(text: &str) -> Vec<String> {
    let mut records = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let Some(quoted) = rest.strip_prefix('"') else {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            records.push(line.trim_end_matches('\r').to_owned());
            rest = after;
            continue;
        };
        let mut record = String::new();
        let mut after = quoted;
        while let Some((before, next)) = after.split_once('"') {
            record.push_str(before);
            after = next;
            match next.strip_prefix('"') {
                Some(next) => {
                    record.push('"');
                    after = next;
                }
                None => break,
            }
        }
        records.push(record);
        rest = if after == quoted { "" } else { after };
    }
    records
}

/// The values of all secrets, masked from here on.
pub(crate) struct Values(Vec<(String, SecretString)>);

impl Values {
    /// Reads them.
    pub(crate) fn read(secrets: &[Secret], session: &Session) -> Result<Self, Error> {
        let mut values = Vec::new();
        for secret in secrets {
            let value = match &secret.source {
                SecretSource::Value(value) => value.clone(),
                SecretSource::Variable(name) => SecretString::from(session.environment.get(name).unwrap_or_default()),
                SecretSource::File(path) => SecretString::from(read(path)?),
            };
            session.mask(&value);
            values.push((secret.id.clone(), value));
        }
        Ok(Self(values))
    }

    /// What the builder's environment has to hold besides its own.
    pub(crate) fn variables(&self, secrets: &[Secret]) -> BTreeMap<String, String> {
        let given = secrets.iter().zip(&self.0).enumerate();
        given
            .filter(|(_, (secret, _))| matches!(secret.source, SecretSource::Value(_)))
            .filter_map(|(place, (secret, (_, value)))| {
                Some((secret.variable(place)?, value.expose_secret().to_owned()))
            })
            .collect()
    }

    /// Refuses an image whose configuration, history, labels, annotations or attestations say a secret.
    pub(crate) fn seek(&self, content: &Content) -> Result<(), Error> {
        self.seek_in("index", content.bytes())?;
        content.images().iter().try_for_each(|image| self.seek_in_image(image))
    }

    fn seek_in_image(&self, image: &Image) -> Result<(), Error> {
        self.seek_in("manifest", image.manifest_bytes())?;
        self.seek_in("configuration", &image.config_blob().read()?)?;
        for statement in statements(image).filter(|layer| layer.size() <= DOCUMENT_LIMIT) {
            self.seek_in("attestation", &statement.read()?)?;
        }
        Ok(())
    }

    /// Refuses a document that says a secret, in clear or in base64.
    pub(crate) fn seek_in(&self, place: &'static str, json: &[u8]) -> Result<(), Error> {
        let long = |(_, value): &&(String, SecretString)| value.expose_secret().trim().len() >= SHORTEST_SOUGHT;
        let sought: Vec<&(String, SecretString)> = self.0.iter().filter(long).collect();
        if sought.is_empty() {
            return Ok(());
        }
        let Ok(document) = serde_json::from_slice::<Value>(json) else { return Ok(()) };
        let mut texts = Vec::new();
        collect(&document, &mut texts);
        for (id, value) in sought {
            let value = value.expose_secret();
            let packed = [STANDARD.encode(value), STANDARD.encode(value.trim())];
            let says =
                |text: &&str| text.contains(value.trim()) || packed.iter().any(|form| text.contains(form.as_str()));
            if texts.iter().any(says) {
                return Err(Error::Builder(BuilderError::SecretInImage { id: id.clone(), place, is_cached: false }));
            }
        }
        Ok(())
    }
}

/// The layers of an attestation, which are JSON; those of a full provenance hold the build arguments.
fn statements(image: &Image) -> impl Iterator<Item = &Blob> {
    image.layers().iter().filter(|layer| layer.descriptor().media_type.ends_with("json"))
}

/// How many statements of attestations are too large to be searched.
pub(crate) fn unsearched(content: &Content) -> usize {
    content.images().iter().flat_map(statements).filter(|layer| layer.size() > DOCUMENT_LIMIT).count()
}

/// All names and texts of a document. What parsed is no deeper than serde's limit of 128.
fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(entries) => {
            for (name, item) in entries {
                texts.push(name);
                collect(item, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let unreadable = |source| Error::Builder(BuilderError::SecretUnreadable { path: path.to_path_buf(), source });
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no plain file")));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, LARGEST + 1), &mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        let problem = format!("it is larger than {} KiB", LARGEST / 1024);
        return Err(unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, problem)));
    }
    // Bytes that are no text can stand in no JSON either.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(value: &str) -> Values {
        Values(vec![("token".to_owned(), SecretString::from(value))])
    }

    #[test]
    fn entries_are_lines_or_quoted_texts() {
        assert_eq!(records("a=1\n\n b=2 \r\nc=\"x\""), ["a=1", "b=2 ", "c=\"x\""]);
        assert_eq!(records("\"key=line 1\nline \"\"2\"\"\"\nb=2"), ["key=line 1\nline \"2\"", "b=2"]);
        assert_eq!(records("\"never closed"), Vec::<String>::from([String::new()]));
        assert!(records(" \n").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn a_quoted_entry_arrives_as_it_is(value in "[^\0]{0,40}", next in "[a-z]{1,5}=[a-z]{1,5}") {
            let text = format!("\"id={}\"\n{next}\n", value.replace('"', "\"\""));
            proptest::prop_assert_eq!(records(&text), [format!("id={value}"), next]);
        }

        #[test]
        fn any_text_ends(text in "[a=\"\n\r ]{0,40}") {
            proptest::prop_assert!(records(&text).len() <= text.len());
        }
    }

    #[test]
    fn a_secret_is_found_in_any_text_and_in_base64() {
        let json = |text: &str| serde_json::json!({ "history": [{ "created_by": text }] }).to_string();
        let seen = |text: &str| values("s3cr\"et\n").seek_in("configuration", json(text).as_bytes()).is_err();
        assert!(seen("RUN curl -H 's3cr\"et'"), "though JSON writes the quote with a backslash");
        assert!(seen(&STANDARD.encode("s3cr\"et")) && seen(&STANDARD.encode("s3cr\"et\n")));
        assert!(!seen("RUN --mount=type=secret,id=token curl"));
        assert!(values("s3cret").seek_in("manifest", br#"{"annotations":{"x-s3cret":1}}"#).is_err());
        assert!(values("true").seek_in("manifest", br#"{"a":"true"}"#).is_ok(), "a short word is no secret");
    }

    #[test]
    fn ids_variables_and_files_are_what_the_builders_can_read() {
        assert_eq!(pair("npm=NPM_TOKEN"), Ok(("npm".to_owned(), "NPM_TOKEN".to_owned())));
        assert!(pair("npm").is_err() && pair("a,b=X").is_err() && pair("a=X Y").is_err());
        assert!(file("a=x,y").is_err() && file("a=").is_err() && file("a=./b c").is_ok());
    }
}
