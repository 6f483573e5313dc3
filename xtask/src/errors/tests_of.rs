//! Which codes stand in an assertion of a test.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::entry::{Entry, Origin};
use super::tokens::{is_doc, texts_within};

/// A function of a test file.
#[derive(Debug, Default)]
struct Function {
    texts: Vec<String>,
    words: BTreeSet<String>,
}

/// The functions of the tests, by file and name.
#[derive(Debug, Default)]
pub(crate) struct Tests(Vec<(String, String, Function)>);

impl Tests {
    /// Reads the tests of one file: the whole of a test file, the module `tests` of another one.
    pub(crate) fn read(&mut self, file: &str, text: &str) -> Result<(), String> {
        let tokens: TokenStream = text.parse().map_err(|error| format!("{file}: {error}"))?;
        let all_of_it = file.contains("/tests/") || file.ends_with("/tests.rs");
        let tests = if all_of_it { Some(tokens) } else { module(tokens) };
        let mut functions = BTreeMap::new();
        gather(tests.unwrap_or_default(), &mut functions);
        let krate = file.split('/').take(2).collect::<Vec<_>>().join("/");
        self.0.extend(functions.into_iter().map(|(name, function)| (krate.clone(), name, function)));
        Ok(())
    }

    /// The texts of every function that asserts.
    pub(crate) fn asserted(&self) -> Asserted<'_> {
        let asserting = self.asserting();
        let functions = self.0.iter().filter(|(krate, name, _)| asserting.contains(&(krate.as_str(), name.as_str())));
        Asserted(functions.flat_map(|(_, _, function)| &function.texts).map(String::as_str).collect())
    }

    /// The functions that assert, themselves or through another one of their crate.
    fn asserting(&self) -> BTreeSet<(&str, &str)> {
        let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
        loop {
            let before = known.len();
            for (krate, name, function) in &self.0 {
                let asserts =
                    |word: &String| word.starts_with("assert") || known.contains(&(krate.as_str(), word.as_str()));
                if function.words.iter().any(asserts) {
                    known.insert((krate, name));
                }
            }
            if known.len() == before {
                return known;
            }
        }
    }
}

/// The texts that stand in functions that assert: found once, for all codes.
#[derive(Debug)]
pub(crate) struct Asserted<'a>(BTreeSet<&'a str>);

impl Asserted<'_> {
    /// Whether a function that asserts names the code.
    pub(crate) fn provoke(&self, entry: &Entry) -> bool {
        // What the driver does for each action is tested with the driver's sample.
        let sample = entry.code.split_once('/').map(|(_, name)| format!("core-sample/{name}"));
        let sample = sample.filter(|_| entry.origin == Origin::EachAction);
        let codes = || [Some(&entry.code), sample.as_ref()].into_iter().flatten();
        self.0.iter().any(|text| codes().any(|code| names(text, code)))
    }
}

/// Whether `text` holds `code` as a word of its own.
fn names(text: &str, code: &str) -> bool {
    let part = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '/';
    text.match_indices(code).any(|(at, _)| !text[..at].ends_with(part) && !text[at + code.len()..].starts_with(part))
}

/// The content of the module `tests`.
fn module(tokens: TokenStream) -> Option<TokenStream> {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    all.windows(3).find_map(|window| match window {
        [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body)]
            if word == "mod" && name == "tests" =>
        {
            Some(body.stream())
        }
        _ => None,
    })
}

fn gather(tokens: TokenStream, functions: &mut BTreeMap<String, Function>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in all.iter().enumerate() {
        match (token, all.get(index + 1)) {
            (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "fn" => {
                let body = all[index..].iter().find_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                    _ => None,
                });
                let function = functions.entry(name.to_string()).or_default();
                texts_within(body.clone().unwrap_or_default(), &mut function.texts);
                words_within(body.unwrap_or_default(), &mut function.words);
            }
            (TokenTree::Group(group), _) if !is_doc(&all, index) => gather(group.stream(), functions),
            _ => {}
        }
    }
}

fn words_within(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                words.insert(word.to_string());
            }
            TokenTree::Group(group) => words_within(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
