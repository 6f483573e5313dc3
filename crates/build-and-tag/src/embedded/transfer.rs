//! Evaluating `COPY` and `ADD`: which files of the context go where.

use super::evaluate::{State, absolute};
use super::program::{ContextItem, ContextSource, CopyFrom, CopyStep, ItemKind, Owner};
use super::stages::Origin;
use crate::context::pattern::{Globstar, Pattern, has_wildcard};
use crate::context::{ContextEntry, Unresolved};
use crate::dockerfile::{Flag, Instruction, Source, Transfer};
use crate::error::Error;
use crate::limits;

/// Evaluates a `COPY`, or an `ADD` where `unpack` is set.
pub(crate) fn evaluate(
    state: &State<'_, '_>,
    instruction: &Instruction,
    transfer: &Transfer,
    unpack: bool,
) -> Result<CopyStep, Error> {
    let written = state.words(instruction, &transfer.dest)?;
    let dest = absolute(&state.config.working_dir, &written);
    let from = sources(state, instruction, transfer)?;
    let into_folder = written.ends_with('/') || matches!(written.as_str(), "." | "..") || written.ends_with("/.");
    let several = match &from {
        CopyFrom::Context(sources) => sources.len() > 1,
        CopyFrom::Tree { patterns, .. } => patterns.len() > 1,
        CopyFrom::Inline(_) => false,
    };
    if several && !into_folder {
        return Err(state.bad(instruction, "has several sources, so its destination must end with `/`"));
    }
    if into_folder && matches!(from, CopyFrom::Inline(_)) {
        return Err(state.bad(instruction, "writes a here-document, so its destination must be a file"));
    }
    Ok(CopyStep {
        from,
        dest,
        into_folder,
        owner: owner(state, instruction, transfer)?,
        mode: mode(state, instruction, transfer)?,
        unpack,
    })
}

fn flag<'a>(transfer: &'a Transfer, name: &str) -> Option<&'a str> {
    transfer.flags.iter().find(|flag| flag.name == name).map(|Flag { value, .. }| value.as_deref().unwrap_or_default())
}

fn owner(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<Owner, Error> {
    let Some(text) = flag(transfer, "chown") else { return Ok(Owner::default()) };
    let text = state.words(instruction, text)?;
    let (user, group) = text.split_once(':').unwrap_or((&text, &text));
    // A name would need the image's /etc/passwd; the largest id is what a tar header can hold.
    let number = |text: &str| text.parse::<u32>().ok().map(u64::from);
    match (number(user), number(group)) {
        (Some(user), Some(group)) => Ok(Owner { user, group }),
        _ => {
            Err(state.bad(instruction, &format!("has `--chown={text}`, and only numbers (`65532:65532`) can be used")))
        }
    }
}

fn mode(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<Option<u32>, Error> {
    let Some(text) = flag(transfer, "chmod") else { return Ok(None) };
    let text = state.words(instruction, text)?;
    let mode = u32::from_str_radix(&text, 8).ok().filter(|mode| *mode <= 0o7777);
    mode.map(Some).ok_or_else(|| state.bad(instruction, &format!("has `--chmod={text}`, which is not an octal mode")))
}

fn sources(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<CopyFrom, Error> {
    let mut paths = Vec::new();
    for source in &transfer.sources {
        match source {
            Source::Path(path) => paths.push(state.words(instruction, path)?),
            Source::Inline { text, expand } if transfer.sources.len() == 1 => {
                return inline(state, instruction, text, *expand);
            }
            Source::Inline { .. } => {
                return Err(state.bad(instruction, "has a here-document beside other sources, which is not supported"));
            }
        }
    }
    if let Some(name) = flag(transfer, "from") {
        let earlier = state.around.dockerfile.stage_named(name, state.index);
        let origin = earlier.map_or_else(|| Origin::Image(name.to_owned()), Origin::Stage);
        let patterns = paths.iter().map(|path| absolute("/", path)).collect();
        return Ok(CopyFrom::Tree { origin, patterns });
    }
    let mut found = Vec::new();
    for path in &paths {
        found.extend(in_context(state, instruction, path)?);
    }
    bounded(state, instruction, &found)?;
    Ok(CopyFrom::Context(found))
}

/// Refuses a copy of more than a layer can hold, before any of it is read.
fn bounded(state: &State<'_, '_>, instruction: &Instruction, sources: &[ContextSource]) -> Result<(), Error> {
    let too_large = |problem| Err(Error::too_large(&state.around.inputs.file_shown, instruction.line, problem));
    let items = || sources.iter().flat_map(|source| &source.items);
    if items().count() > limits::ENTRIES {
        return too_large(format!("the instruction copies more than {} files", limits::ENTRIES));
    }
    let mut left = limits::LAYER_BYTES;
    for item in items() {
        let ItemKind::File { size, .. } = item.kind else { continue };
        let Some(rest) = left.checked_sub(size) else {
            let most = limits::LAYER_BYTES / 1024 / 1024;
            return too_large(format!("the instruction copies more than {most} MiB, `{}` among it", item.path));
        };
        left = rest;
    }
    Ok(())
}

fn inline(state: &State<'_, '_>, instruction: &Instruction, text: &str, expand: bool) -> Result<CopyFrom, Error> {
    if !expand {
        return Ok(CopyFrom::Inline(text.to_owned()));
    }
    let expanded = state.lexer().expand(text, &|name| state.variable(name));
    let expanded = expanded.map_err(|problem| state.bad(instruction, &problem))?;
    state.spend(instruction, expanded.len())?;
    Ok(CopyFrom::Inline(expanded))
}

/// The sources that `written` means in the context.
fn in_context(state: &State<'_, '_>, instruction: &Instruction, written: &str) -> Result<Vec<ContextSource>, Error> {
    let tree = state.around.tree;
    let path = relative(written).ok_or_else(|| outside(state, instruction, written))?;
    if !has_wildcard(&path) {
        return resolved(state, instruction, written, &path).map(|source| vec![source]);
    }
    let pattern = Pattern::new(&path, Globstar::Stays).map_err(|problem| state.bad(instruction, &problem))?;
    let matching: Vec<&String> = tree.entries.keys().filter(|known| pattern.matches(known)).collect();
    if matching.is_empty() {
        return Err(missing(state, instruction, written, &path));
    }
    matching.into_iter().map(|path| resolved(state, instruction, written, path)).collect()
}

/// The path without slashes in front and dots; `None` when it leaves the context.
fn relative(written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn resolved(
    state: &State<'_, '_>,
    instruction: &Instruction,
    written: &str,
    path: &str,
) -> Result<ContextSource, Error> {
    let tree = state.around.tree;
    let real = tree.resolve(path).map_err(|problem| match problem {
        Unresolved::Outside => outside(state, instruction, written),
        Unresolved::Missing => missing(state, instruction, written, path),
    })?;
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let own = if real.is_empty() { Some(&ContextEntry::Folder) } else { tree.entries.get(&real) };
    let Some(kind) = own.and_then(ItemKind::of) else {
        return Err(state.bad(instruction, &format!("copies `{written}`, which is no file, folder or link")));
    };
    let is_folder = kind == ItemKind::Folder;
    let mut items = vec![ContextItem { path: real.clone(), below: String::new(), kind }];
    if is_folder {
        items.extend(tree.below(&real).filter_map(|(below, entry)| {
            let path = if real.is_empty() { below.to_owned() } else { format!("{real}/{below}") };
            Some(ContextItem { path, below: below.to_owned(), kind: ItemKind::of(entry)? })
        }));
    }
    Ok(ContextSource { name, is_folder, items })
}

fn outside(state: &State<'_, '_>, instruction: &Instruction, path: &str) -> Error {
    let file = state.around.inputs.file_shown.clone();
    Error::SourceOutside { file, line: instruction.line, path: path.to_owned() }
}

fn missing(state: &State<'_, '_>, instruction: &Instruction, written: &str, path: &str) -> Error {
    let tree = state.around.tree;
    let similar = tree.similar_to(path);
    let help = if tree.is_ignored(path) {
        "it is there, but .dockerignore leaves it out; take it back with a line that starts with `!`".to_owned()
    } else if similar.is_empty() {
        "build it before this step, or correct the path; sources are relative to `context`".to_owned()
    } else {
        let names: Vec<String> = similar.iter().map(|path| format!("`{path}`")).collect();
        format!("did you mean {}? sources are relative to `context`", names.join(" or "))
    };
    Error::SourceMissing {
        file: state.around.inputs.file_shown.clone(),
        line: instruction.line,
        path: written.to_owned(),
        place: "the build context".to_owned(),
        help,
    }
}
