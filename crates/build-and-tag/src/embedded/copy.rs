//! What a `COPY` or `ADD` changes in a stage's file system.

use std::sync::Arc;

use super::build::Builder;
use super::ownership::Owner;
use super::program::{ContextItem, ContextSource, CopyFrom, CopyStep, Inline, ItemKind, Step};
use super::stages::Origin;
use super::tree::{Content, Node, NodeKind, Tree};
use super::unpack::{self, Packing};
use crate::context::open::open;
use crate::context::pattern::{Globstar, Pattern, Reach, has_wildcard};
use crate::error::{Error, SourceError};
use crate::limits;

/// A file or folder that is copied, with everything below it.
struct Piece {
    /// The name it gets in a folder.
    name: String,
    /// The paths below it (the piece itself is the empty path) and the nodes.
    nodes: Vec<(String, Node)>,
    /// The content of a folder or an archive goes into the destination, not the folder itself.
    spread: bool,
    /// Owners and modes are those that it will have.
    is_set: bool,
}

/// What is copied, with its owner in numbers.
struct Copied<'a> {
    step: &'a CopyStep,
    owner: Owner,
}

/// The nodes that `step` adds to or changes in `tree`.
pub(crate) fn changes(builder: &Builder<'_>, step: &Step, copy: &CopyStep, tree: &Tree) -> Result<Tree, Error> {
    let owner = copy.owner.resolve(tree)?.map_err(|problem| {
        let help =
            "copy an /etc/passwd and /etc/group with that name into the stage before, or write numbers (`65532:65532`)";
        Error::at(&builder.inputs.file_shown, step.line, problem, help)
    })?;
    let copy = &Copied { step: copy, owner };
    let mut pieces: Vec<Piece> = match &copy.step.from {
        CopyFrom::Context(sources) => {
            sources.iter().map(|source| from_context(builder, copy, source)).collect::<Result<_, _>>()?
        }
        CopyFrom::Tree { origin, patterns } => from_tree(builder, step, origin, patterns)?,
    };
    pieces.extend(copy.step.inline.iter().map(|own| inline(own, copy, builder.modified())));
    let mut target = Target { builder, step, tree, changes: Tree::default(), resolved: None };
    let into_folder = copy.step.into_folder || pieces.len() > 1;
    for piece in pieces {
        target.place(copy, into_folder, piece)?;
    }
    Ok(target.changes)
}

/// Adds the folders of `path` and itself as far as they are not there yet; the error is the file that is in the way.
pub(crate) fn add_folders<'p>(path: &'p str, tree: &Tree, changes: &mut Tree, modified: u64) -> Result<(), &'p str> {
    let mut missing = Vec::new();
    let mut rest = path;
    // A folder that is there has all of its own folders.
    while !rest.is_empty() && !changes.is_folder(rest) && !tree.is_folder(rest) {
        if is_file(rest, tree, changes) {
            return Err(rest);
        }
        missing.push(rest);
        rest = rest.rsplit_once('/').map_or("", |(above, _)| above);
    }
    for folder in missing {
        changes.insert(folder.to_owned(), Node::folder(modified));
    }
    Ok(())
}

fn is_file(path: &str, tree: &Tree, changes: &Tree) -> bool {
    let node = changes.get(path).or_else(|| tree.get(path));
    node.is_some_and(|node| matches!(node.kind, NodeKind::File(_) | NodeKind::Special))
}

fn from_context(builder: &Builder<'_>, copy: &Copied<'_>, source: &ContextSource) -> Result<Piece, Error> {
    let modified = builder.modified();
    if let [only] = source.items.as_slice()
        && copy.step.unpack
        && let ItemKind::File { size, .. } = only.kind
        && let Some(nodes) = unpacked(builder, only, size)?
    {
        return Ok(Piece { name: String::new(), nodes, spread: true, is_set: false });
    }
    let nodes = source.items.iter().map(|item| {
        let (kind, mode) = match &item.kind {
            // Git knows two modes; the others depend on the machine's umask.
            ItemKind::File { executable, size } => {
                let root = Arc::clone(&builder.context);
                let content = Content::InContext { root, below: item.path.clone(), size: *size };
                (NodeKind::File(content), if *executable { 0o755 } else { 0o644 })
            }
            ItemKind::Folder => (NodeKind::Folder, 0o755),
            ItemKind::Link(target) => (NodeKind::Link(target.clone()), 0o777),
        };
        let Owner { user, group } = copy.owner;
        let node = Node { kind, mode, user, group, modified, attributes: None };
        (item.below.clone(), with_mode(node, copy))
    });
    Ok(Piece { name: source.name.clone(), nodes: nodes.collect(), spread: source.is_folder, is_set: true })
}

/// The content of an archive; `None` when the file is none.
fn unpacked(builder: &Builder<'_>, item: &ContextItem, size: u64) -> Result<Option<Vec<(String, Node)>>, Error> {
    // Opened once only to see that it is still the file that was seen.
    drop(open(&builder.context, &item.path, size)?);
    let path = &builder.context.join(&item.path);
    let failed = |source| Error::Source(SourceError::Unpack { name: path.display().to_string(), source });
    match unpack::packing(path).map_err(failed)? {
        Packing::None => return Ok(None),
        Packing::Unknown => {
            let reason = "it is compressed in a way that is not supported; use gzip or zstd, or COPY it";
            return Err(failed(std::io::Error::new(std::io::ErrorKind::Unsupported, reason)));
        }
        Packing::Tar | Packing::PackedTar => {}
    }
    let tar = unpack::plain(path, builder.work, builder.unpacking).map_err(failed)?;
    let mut tree = Tree::default();
    unpack::archive(&tar, builder.modified(), builder.unpacking, &mut tree).map_err(failed)?;
    Ok(Some(tree.iter().map(|(path, node)| (path.to_owned(), node.clone())).collect()))
}

fn inline(own: &Inline, copy: &Copied<'_>, modified: u64) -> Piece {
    let kind = NodeKind::File(Content::Text(own.text.clone()));
    let Owner { user, group } = copy.owner;
    let node = with_mode(Node { kind, mode: 0o644, user, group, modified, attributes: None }, copy);
    Piece { name: own.name.clone(), nodes: vec![(String::new(), node)], spread: false, is_set: true }
}

fn from_tree(builder: &Builder<'_>, step: &Step, origin: &Origin, patterns: &[String]) -> Result<Vec<Piece>, Error> {
    let root = match origin {
        Origin::Stage(index) => builder.stages.get(index),
        Origin::Image(name) => builder.images.get(name),
        Origin::Scratch => None,
    };
    let nothing = Tree::default();
    let tree = root.map_or(&nothing, |root| &*root.tree);
    let mut pieces = Vec::new();
    for pattern in patterns {
        let path = pattern.trim_start_matches('/');
        let found: Vec<String> = if has_wildcard(path) {
            let matcher = Pattern::new(path, Globstar::Stays)
                .map_err(|problem| Error::at(&builder.inputs.file_shown, step.line, problem, "correct the pattern"))?;
            let mut work = builder.work_left.borrow_mut();
            let mut found = Vec::new();
            for (known, _) in tree.iter() {
                let is_match = matcher.seek(known, Reach::Whole, &mut work).map_err(|too_much| {
                    Error::too_large(&builder.inputs.file_shown, step.line, format!("{too_much} in the Dockerfile"))
                })?;
                if is_match {
                    found.push(known.to_owned());
                }
            }
            found
        } else {
            tree.resolve(path).filter(|real| real.is_empty() || tree.get(real).is_some()).into_iter().collect()
        };
        if found.is_empty() {
            return Err(missing(builder, step, origin, pattern, tree));
        }
        for path in &found {
            spend(builder, step, path)?;
            let piece = piece_of(tree, path, pattern, builder.modified());
            refuse_unnamed(builder, step, path, &piece)?;
            pieces.push(piece);
        }
    }
    Ok(pieces)
}

fn piece_of(tree: &Tree, path: &str, pattern: &str, modified: u64) -> Piece {
    let named = if has_wildcard(pattern) { path } else { pattern };
    let name = named.rsplit('/').next().unwrap_or(named).to_owned();
    let real = tree.resolve(path).unwrap_or_else(|| path.to_owned());
    let own = tree.get(&real).cloned().unwrap_or_else(|| Node::folder(modified));
    let spread = own.kind == NodeKind::Folder;
    let mut nodes = vec![(String::new(), own)];
    if spread {
        nodes.extend(tree.below(&real).map(|(below, node)| (below.to_owned(), node.clone())));
    }
    for (_, node) in &mut nodes {
        node.modified = node.modified.min(modified);
    }
    Piece { name, nodes, spread, is_set: false }
}

/// Takes from what a build may cost what following the folders of `path` costs.
fn spend(builder: &Builder<'_>, step: &Step, path: &str) -> Result<(), Error> {
    let cost = path.len().saturating_mul(path.matches('/').count()) / 4;
    builder.work_left.borrow_mut().spend(cost as u64).map_err(|_| {
        let problem = "too many of the files that are copied lie too deep in folders";
        Error::too_large(&builder.inputs.file_shown, step.line, problem.to_owned())
    })
}

/// Refuses what a base image has under names that are not UTF-8: it would be copied under another name.
fn refuse_unnamed(builder: &Builder<'_>, step: &Step, path: &str, piece: &Piece) -> Result<(), Error> {
    let is_replaced = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    let is_bad = |below: &str, node: &Node| {
        is_replaced(below)
            || is_replaced(&piece.name)
            || matches!(&node.kind, NodeKind::Link(target) if is_replaced(target))
    };
    let Some((below, _)) = piece.nodes.iter().find(|(below, node)| is_bad(below, node)) else { return Ok(()) };
    let problem = format!("`/{}` has a name or a target that is not UTF-8", join(path, below));
    let help = "copy only the files beside it, or build with `builder: buildx`, `docker` or `buildah`";
    Err(Error::at(&builder.inputs.file_shown, step.line, problem, help))
}

fn missing(builder: &Builder<'_>, step: &Step, origin: &Origin, path: &str, tree: &Tree) -> Error {
    let place = match origin {
        Origin::Stage(index) => {
            let name = builder.program.stages.iter().find(|stage| stage.index == *index);
            format!("stage `{}`", name.and_then(|stage| stage.name.clone()).unwrap_or_else(|| index.to_string()))
        }
        Origin::Image(name) => format!("image `{name}`"),
        Origin::Scratch => "an empty image".to_owned(),
    };
    let base = path.rsplit('/').next().unwrap_or(path);
    let similar = tree.iter().map(|(known, _)| known).find(|known| known.rsplit('/').next() == Some(base));
    let help = similar.map_or_else(
        || "copy it into that stage first, or correct the path".to_owned(),
        |known| format!("did you mean `/{known}`?"),
    );
    Error::Source(SourceError::SourceMissing {
        file: builder.inputs.file_shown.clone(),
        line: step.line,
        path: path.to_owned(),
        place,
        help,
    })
}

fn with_mode(mut node: Node, copy: &Copied<'_>) -> Node {
    if let Some(mode) = copy.step.mode.as_ref().filter(|_| !matches!(node.kind, NodeKind::Link(_))) {
        node.mode = mode.of(node.mode, node.kind == NodeKind::Folder);
    }
    node
}

/// Where pieces are put.
struct Target<'a, 'b> {
    builder: &'a Builder<'b>,
    step: &'a Step,
    tree: &'a Tree,
    /// What was put so far. No folder in here has a link in front of it, nor will it have one.
    changes: Tree,
    /// The folder that was resolved last, as it was named and as it is: files come folder by folder.
    resolved: Option<(String, String)>,
}

impl Target<'_, '_> {
    fn place(&mut self, copy: &Copied<'_>, into_folder: bool, piece: Piece) -> Result<(), Error> {
        let mut dest = self.resolve(&copy.step.dest)?;
        let is_folder = into_folder || self.is_folder(&dest);
        if !piece.spread && is_folder {
            dest = join(&dest, &piece.name);
        }
        if piece.spread {
            self.folder(&dest, copy)?;
        }
        for (below, mut node) in piece.nodes {
            if below.is_empty() && node.kind == NodeKind::Folder {
                continue;
            }
            if !piece.is_set {
                node = Self::adjusted(node, copy);
            }
            let path = self.resolve_parent(&join(&dest, &below))?;
            self.put(path, node)?;
        }
        Ok(())
    }

    /// The owner of what is copied: root or what `--chown` says; an archive that is unpacked keeps its owners.
    fn adjusted(mut node: Node, copy: &Copied<'_>) -> Node {
        if !copy.step.unpack {
            node.user = copy.owner.user;
            node.group = copy.owner.group;
        }
        with_mode(node, copy)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.tree.is_folder(path) || self.changes.is_folder(path)
    }

    fn folder(&mut self, path: &str, copy: &Copied<'_>) -> Result<(), Error> {
        if path.is_empty() || self.is_folder(path) {
            return Ok(());
        }
        let modified = self.builder.modified();
        let node = Node { user: copy.owner.user, group: copy.owner.group, ..Node::folder(modified) };
        self.put(path.to_owned(), with_mode(node, copy))
    }

    fn put(&mut self, path: String, node: Node) -> Result<(), Error> {
        if let Some((parent, _)) = path.rsplit_once('/')
            && let Err(file) = add_folders(parent, self.tree, &mut self.changes, self.builder.modified())
        {
            return self.refuse(format!("`/{file}` is a file, so nothing can be below it"));
        }
        if node.kind == NodeKind::Folder {
            if is_file(&path, self.tree, &self.changes) {
                return self.refuse(format!("`/{path}` is a file, and a folder would replace it"));
            }
            if self.tree.is_folder(&path) {
                return Ok(());
            }
        } else if self.is_folder(&path) {
            return self.refuse(format!("`/{path}` is a folder, and a file would replace it"));
        }
        if matches!(node.kind, NodeKind::Link(_)) {
            self.resolved = None;
        }
        self.changes.insert(path, node);
        if self.changes.names() > limits::NAMES {
            let problem = format!("the names of what is copied have more than {} MiB", limits::NAMES / 1024 / 1024);
            return Err(Error::too_large(&self.builder.inputs.file_shown, self.step.line, problem));
        }
        Ok(())
    }

    fn resolve(&self, path: &str) -> Result<String, Error> {
        match self.tree.resolve_under(&self.changes, path) {
            Some(real) => Ok(real),
            None => self.refuse(format!("links on the way to `{path}` go in circles")),
        }
    }

    /// The path with links in its folders followed, but not the last part.
    fn resolve_parent(&mut self, path: &str) -> Result<String, Error> {
        let Some((parent, name)) = path.rsplit_once('/') else { return Ok(path.to_owned()) };
        if self.changes.is_folder(parent) {
            return Ok(path.to_owned());
        }
        if let Some((named, real)) = &self.resolved
            && named == parent
        {
            return Ok(join(real, name));
        }
        spend(self.builder, self.step, parent)?;
        let real = self.resolve(parent)?;
        let path = join(&real, name);
        self.resolved = Some((parent.to_owned(), real));
        Ok(path)
    }

    fn refuse<T>(&self, problem: String) -> Result<T, Error> {
        let help = "choose another destination, or remove what is there in the base image";
        Err(Error::at(&self.builder.inputs.file_shown, self.step.line, problem, help))
    }
}

fn join(folder: &str, name: &str) -> String {
    match (folder.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}
