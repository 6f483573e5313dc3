//! Evaluating `COPY` and `ADD`: which files of the context go where.

use super::evaluate::{State, absolute};
use super::mode::Mode;
use super::ownership::Ownership;
use super::program::{ContextItem, ContextSource, CopyFrom, CopyStep, Inline, ItemKind};
use super::stages::Origin;
use crate::context::pattern::{Globstar, Pattern, Reach, TooMuchWork, has_wildcard};
use crate::context::{ContextEntry, Unresolved};
use crate::dockerfile::{Flag, Instruction, Source, Transfer};
use crate::error::{Error, SourceError};
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
    let inline = inline(state, instruction, transfer)?;
    let into_folder = written.ends_with('/') || matches!(written.as_str(), "." | "..") || written.ends_with("/.");
    let others = match &from {
        CopyFrom::Context(sources) => sources.len(),
        CopyFrom::Tree { patterns, .. } => patterns.len(),
    };
    if others + inline.len() > 1 && !into_folder {
        return Err(state.bad(instruction, "has several sources, so its destination must end with `/`"));
    }
    Ok(CopyStep {
        from,
        inline,
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

fn owner(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<Ownership, Error> {
    let Some(text) = flag(transfer, "chown") else { return Ok(Ownership::default()) };
    let text = state.words(instruction, text)?;
    let bad = || state.bad(instruction, &format!("has `--chown={text}`, which is neither `user` nor `user:group`"));
    Ownership::parse(&text).ok_or_else(bad)
}

fn mode(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<Option<Mode>, Error> {
    let Some(text) = flag(transfer, "chmod") else { return Ok(None) };
    let text = state.words(instruction, text)?;
    let bad = || {
        state.bad(
            instruction,
            &format!("has `--chmod={text}`, which is neither an octal mode nor changes such as `u+x`"),
        )
    };
    Mode::parse(&text).map(Some).ok_or_else(bad)
}

fn sources(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<CopyFrom, Error> {
    let mut paths = Vec::new();
    for source in &transfer.sources {
        if let Source::Path(path) = source {
            paths.push(state.words(instruction, path)?);
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

/// The here-documents.
fn inline(state: &State<'_, '_>, instruction: &Instruction, transfer: &Transfer) -> Result<Vec<Inline>, Error> {
    let mut all = Vec::new();
    for source in &transfer.sources {
        let Source::Inline { name, text, expand } = source else { continue };
        if name.contains('/') || matches!(name.as_str(), "." | "..") {
            let problem = format!("has a here-document called `{name}`, which is no name of a file");
            return Err(state.bad(instruction, &problem));
        }
        let mut text = text.clone();
        if *expand {
            let expanded = state.lexer().expand(&text, &|name| state.variable(name));
            text = expanded.map_err(|problem| state.bad(instruction, &problem))?;
            state.spend(instruction, text.len())?;
        }
        all.push(Inline { name: name.clone(), text });
    }
    Ok(all)
}

/// The sources that `written` means in the context.
fn in_context(state: &State<'_, '_>, instruction: &Instruction, written: &str) -> Result<Vec<ContextSource>, Error> {
    let tree = state.around.tree;
    let path = relative(written).ok_or_else(|| outside(state, instruction, written))?;
    if !has_wildcard(&path) {
        return resolved(state, instruction, written, &path).map(|source| vec![source]);
    }
    let pattern = Pattern::new(&path, Globstar::Stays).map_err(|problem| state.bad(instruction, &problem))?;
    let mut matching: Vec<&String> = Vec::new();
    for known in tree.entries.keys() {
        let is_match = pattern.seek(known, Reach::Whole, &mut state.shared.work.borrow_mut());
        if is_match.map_err(|too_much| too_much_work(state, instruction, too_much))? {
            matching.push(known);
        }
    }
    if matching.is_empty() {
        return Err(missing(state, instruction, written, &path));
    }
    matching.into_iter().map(|path| resolved(state, instruction, written, path)).collect()
}

fn too_much_work(state: &State<'_, '_>, instruction: &Instruction, too_much: TooMuchWork) -> Error {
    Error::too_large(&state.around.inputs.file_shown, instruction.line, format!("{too_much} in the Dockerfile"))
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
    Error::Source(SourceError::SourceOutside { file, line: instruction.line, path: path.to_owned() })
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
    Error::Source(SourceError::SourceMissing {
        file: state.around.inputs.file_shown.clone(),
        line: instruction.line,
        path: written.to_owned(),
        place: "the build context".to_owned(),
        help,
    })
}
