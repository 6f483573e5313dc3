//! The codes of one Rust file: variants of a derived `Diagnostic`, `code_name` functions, and documented constants.

use std::collections::BTreeMap;

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Fields, ImplItem, Item, Lit, Meta, Pat, Token};

use super::entry::{Entry, Origin};
use super::tokens;

/// What was found in one file.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) entries: Vec<Entry>,
    pub(crate) problems: Vec<String>,
}

/// Reads one file that is no test.
pub(crate) fn read(file: &str, text: &str) -> Result<Found, String> {
    let syntax = syn::parse_file(text).map_err(|error| format!("{file}: {error}"))?;
    let mut found = Found::default();
    let mut variants = BTreeMap::new();
    items(file, &syntax.items, &mut found, &mut variants);
    for item in &syntax.items {
        if let Item::Impl(block) = item {
            code_names(file, block, &variants, &mut found);
        }
    }
    found.problems.extend(tokens::raw_codes(text)?.into_iter().map(|raw| {
        format!("{file}: {raw} makes a code by hand; give it a constant with a doc comment that names the exit code")
    }));
    Ok(found)
}

type Variants = BTreeMap<(String, String), Vec<String>>;

fn items(file: &str, all: &[Item], found: &mut Found, variants: &mut Variants) {
    for item in all {
        match item {
            Item::Enum(item) if !is_test(&item.attrs) => {
                for variant in &item.variants {
                    let key = (item.ident.to_string(), variant.ident.to_string());
                    variants.insert(key, paragraphs(&variant.attrs));
                }
                if derives_diagnostic(&item.attrs) {
                    diagnostics(file, item, found);
                }
            }
            Item::Const(item) => found.entries.extend(constant(file, item)),
            _ => {}
        }
    }
}

/// The variants of an enum that derives `Diagnostic`.
fn diagnostics(file: &str, item: &syn::ItemEnum, found: &mut Found) {
    for variant in &item.variants {
        let place = format!("{file}: {}::{}", item.ident, variant.ident);
        let metas = arguments(&variant.attrs, "diagnostic");
        if metas.iter().any(|meta| meta.path().is_ident("transparent")) {
            if matches!(variant.fields, Fields::Unit) {
                found.problems.push(format!("{place} is transparent and holds nothing"));
            }
            continue;
        }
        let Some(code) = list(&metas, "code").and_then(tokens::first_text) else {
            found.problems.push(format!("{place} has no code"));
            continue;
        };
        found.entries.push(Entry {
            code,
            file: file.to_owned(),
            message: attribute(&variant.attrs, "error").and_then(tokens::first_text),
            help: list(&metas, "help").and_then(tokens::first_text),
            paragraphs: paragraphs(&variant.attrs),
            origin: Origin::Rust,
        });
    }
}

/// A constant whose documentation names an exit code is a code.
fn constant(file: &str, item: &syn::ItemConst) -> Option<Entry> {
    let paragraphs = paragraphs(&item.attrs);
    let Expr::Lit(ExprLit { lit: Lit::Str(code), .. }) = item.expr.as_ref() else { return None };
    paragraphs.first()?.contains("Exit code").then(|| Entry {
        code: code.value(),
        file: file.to_owned(),
        message: None,
        help: None,
        paragraphs: paragraphs.clone(),
        origin: Origin::Rust,
    })
}

/// The arms of a function `code_name`: each names a variant and its code; the variant's documentation is the code's.
fn code_names(file: &str, block: &syn::ItemImpl, variants: &Variants, found: &mut Found) {
    for item in &block.items {
        let ImplItem::Fn(function) = item else { continue };
        let Some(syn::Stmt::Expr(Expr::Match(matched), _)) = function.block.stmts.last() else { continue };
        if function.sig.ident != "code_name" {
            continue;
        }
        for arm in &matched.arms {
            let Some(code) = tokens::first_code(&arm.body) else { continue };
            let name = match &arm.pat {
                Pat::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
                _ => None,
            };
            let of = |(_, variant): &(String, String)| Some(variant) == name.as_ref();
            let paragraphs = variants.iter().find(|(key, _)| of(key)).map(|(_, paragraphs)| paragraphs.clone());
            found.entries.push(Entry {
                code,
                file: file.to_owned(),
                message: None,
                help: None,
                paragraphs: paragraphs.unwrap_or_default(),
                origin: Origin::Rust,
            });
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn derives_diagnostic(attributes: &[Attribute]) -> bool {
    let paths = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .filter_map(|attribute| attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated).ok());
    paths.flatten().any(|path| path.segments.last().is_some_and(|last| last.ident == "Diagnostic"))
}

/// The arguments of every attribute `name`.
fn arguments(attributes: &[Attribute], name: &str) -> Vec<Meta> {
    let lists = attributes.iter().filter(|attribute| attribute.path().is_ident(name));
    lists
        .filter_map(|list| list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok())
        .flatten()
        .collect()
}

fn list<'a>(metas: &'a [Meta], name: &str) -> Option<&'a proc_macro2::TokenStream> {
    metas.iter().find_map(|meta| match meta {
        Meta::List(list) if list.path.is_ident(name) => Some(&list.tokens),
        _ => None,
    })
}

fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a proc_macro2::TokenStream> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident(name) => Some(&list.tokens),
        _ => None,
    })
}

/// The paragraphs of a doc comment.
fn paragraphs(attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value
        {
            lines.push(line.value().trim().to_owned());
        }
    }
    split(&lines.join("\n"))
}

/// The paragraphs of a text, each on one line.
pub(crate) fn split(text: &str) -> Vec<String> {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect()
}
