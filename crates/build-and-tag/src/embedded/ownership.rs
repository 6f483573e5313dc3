//! Who owns what is copied: `--chown` with numbers, or with names that the stage's own files know.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use serde::Serialize;

use super::tree::{Content, NodeKind, Tree};
use crate::context::open::open;
use crate::error::{Error, SourceError};

/// The largest `/etc/passwd` and `/etc/group`.
const LARGEST: u64 = 1024 * 1024;

/// A numeric owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Owner {
    pub(crate) user: u64,
    pub(crate) group: u64,
}

/// A user or a group as `--chown` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Id {
    Number(u64),
    Name(String),
}

/// What `--chown` says. The default is root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Ownership {
    pub(crate) user: Id,
    /// `None`: a number is the group's too, a name has the group of its line.
    pub(crate) group: Option<Id>,
}

impl Default for Ownership {
    fn default() -> Self {
        Self { user: Id::Number(0), group: None }
    }
}

impl Id {
    /// A number that a user's id can be, else a name; the largest id is what a tar header can hold.
    fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse::<u32>().ok().map(|number| Self::Number(number.into()));
        }
        let is_name = !text.is_empty() && !text.contains([':', '\n', '\0', '/', ' ']) && !text.starts_with(['-', '+']);
        is_name.then(|| Self::Name(text.to_owned()))
    }
}

impl Ownership {
    /// Parses `user`, `user:group`; `None` where it is neither.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None => Some(Self { user: Id::parse(text)?, group: None }),
            Some((user, group)) => Some(Self { user: Id::parse(user)?, group: Some(Id::parse(group)?) }),
        }
    }

    /// The numbers in the file system `tree`, as BuildKit finds them
    /// (<https://github.com/moby/buildkit/blob/master/solver/llbsolver/file/user_linux.go>), but that an unknown name is refused
    /// where BuildKit takes root. The inner error names what is not known.
    pub(crate) fn resolve(&self, tree: &Tree) -> Result<Result<Owner, String>, Error> {
        let (user, own_group) = match &self.user {
            Id::Number(number) => (*number, *number),
            Id::Name(name) => match line(tree, "etc/passwd", name)? {
                Some(fields) => match (number(&fields, 2), number(&fields, 3)) {
                    (Some(user), Some(group)) => (user, group),
                    _ => return Ok(Err(format!("the line of the user `{name}` in /etc/passwd has no numbers"))),
                },
                None => return Ok(Err(format!("the user `{name}` is not in the stage's /etc/passwd"))),
            },
        };
        let group = match &self.group {
            None => own_group,
            Some(Id::Number(number)) => *number,
            Some(Id::Name(name)) => match line(tree, "etc/group", name)?.and_then(|fields| number(&fields, 2)) {
                Some(group) => group,
                None => return Ok(Err(format!("the group `{name}` is not in the stage's /etc/group"))),
            },
        };
        Ok(Ok(Owner { user, group }))
    }
}

fn number(fields: &[String], place: usize) -> Option<u64> {
    fields.get(place)?.trim().parse::<u32>().ok().map(u64::from)
}

/// The fields of the line that begins with `name` in a file of the stage; `None` without such a line or file.
fn line(tree: &Tree, path: &str, name: &str) -> Result<Option<Vec<String>>, Error> {
    let node = tree.resolve(path).and_then(|real| tree.get(&real).cloned());
    let Some(NodeKind::File(content)) = node.map(|node| node.kind) else { return Ok(None) };
    let text = text(&content, path)?;
    let own = text.lines().map(|line| line.split(':').map(str::to_owned).collect::<Vec<_>>());
    Ok(own.into_iter().find(|fields| fields.first().is_some_and(|first| first == name)))
}

fn text(content: &Content, name: &str) -> Result<String, Error> {
    let failed = |source| Error::Source(SourceError::Unpack { name: format!("/{name}"), source });
    let (file, size) = match content {
        Content::Text(text) => return Ok(text.clone()),
        Content::InContext { root, below, size } => (open(root, below, *size)?, *size),
        Content::Section { path, offset, size } => {
            let mut file = File::open(path).map_err(failed)?;
            file.seek(SeekFrom::Start(*offset)).map_err(failed)?;
            (file, *size)
        }
    };
    if size > LARGEST {
        let problem = format!("it is larger than {} KiB", LARGEST / 1024);
        return Err(failed(std::io::Error::new(std::io::ErrorKind::FileTooLarge, problem)));
    }
    let mut bytes = Vec::new();
    file.take(size).read_to_end(&mut bytes).map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tree::Node;
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        let file = |text: &str| Node { kind: NodeKind::File(Content::Text(text.to_owned())), ..Node::folder(0) };
        tree.insert("etc/real".to_owned(), file("root:x:0:0:::\nnode:x:1000:1001::/home/node:/bin/sh\nbad:x:a:b\n"));
        tree.insert("etc/passwd".to_owned(), Node { kind: NodeKind::Link("/etc/real".to_owned()), ..Node::folder(0) });
        tree.insert("etc/group".to_owned(), file("root:x:0:\nwww:x:33:node\n"));
        tree
    }

    #[track_caller]
    fn check(text: &str, expect: Result<(u64, u64), &str>) {
        let found = Ownership::parse(text).unwrap().resolve(&tree()).unwrap();
        match (found, expect) {
            (Ok(owner), Ok(ids)) => assert_eq!((owner.user, owner.group), ids),
            (Err(problem), Err(words)) => assert!(problem.contains(words), "{problem}"),
            (found, expect) => panic!("{found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn names_are_looked_up_in_the_stage_and_numbers_are_not() {
        check("7", Ok((7, 7)));
        check("7:8", Ok((7, 8)));
        check("node", Ok((1000, 1001)));
        check("node:www", Ok((1000, 33)));
        check("node:5", Ok((1000, 5)));
        check("5:www", Ok((5, 33)));
        check("nobody", Err("the user `nobody` is not in"));
        check("0:wheel", Err("the group `wheel` is not in"));
        check("bad", Err("has no numbers"));
    }

    #[test]
    fn what_is_neither_a_name_nor_a_number_is_refused() {
        for text in ["", ":", "a:", ":b", "a:b:c", "4294967296", "-1", "a b", "../x"] {
            assert_eq!(Ownership::parse(text), None, "{text}");
        }
        assert_eq!(
            Ownership::parse("x").unwrap().resolve(&Tree::default()).unwrap().unwrap_err(),
            "the user `x` is not in the stage's /etc/passwd"
        );
    }
}
