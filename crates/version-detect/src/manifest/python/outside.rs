//! What a script says of files and modules: where they are, and what is read of them. Nothing is opened here.
//!
//! People read a version from a file in a handful of ways: `open(os.path.join(here, "VERSION")).read().strip()`,
//! `Path(__file__).parent / "VERSION"`, `exec(open("a/about.py").read(), about)`. Each of them is followed as far as Python's own
//! functions are named by it (<https://docs.python.org/3/library/os.path.html>, <https://docs.python.org/3/library/pathlib.html>).

use std::rc::Rc;

use super::value::Value;

/// A path that a script makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilePath {
    /// With `/` between its parts; relative.
    pub(super) text: Rc<str>,
    /// Whether it begins at the folder of the file that says it, else at the folder in which Python runs.
    pub(super) is_beside: bool,
}

/// Something that is outside of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outside {
    /// What an import binds, by its full name: `os.path.join`, `six.__version__`.
    Global(Rc<str>),
    Path(FilePath),
    /// An open file.
    Open(FilePath),
    /// The text of a file. Space around it does not matter to a version.
    Content(FilePath),
    /// A dictionary with the names that the file at a path binds.
    Names(FilePath),
    /// What the file at a path binds to a name.
    Member(FilePath, Rc<str>),
}

impl Outside {
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Global(name) => name.len(),
            Self::Path(path) | Self::Open(path) | Self::Content(path) | Self::Names(path) => path.text.len(),
            Self::Member(path, name) => path.text.len() + name.len(),
        }
    }

    /// `value.name`
    pub(super) fn attribute(&self, name: &str) -> Option<Value> {
        match self {
            Self::Global(module) => Some(Value::Outside(Self::Global(format!("{module}.{name}").into()))),
            Self::Path(path) if name == "parent" => above(path).map(path_value),
            _ => None,
        }
    }

    /// `value.name(arguments)`
    pub(super) fn method(&self, name: &str, arguments: &[Value]) -> Option<Value> {
        match (self, name) {
            (Self::Global(module), _) => call(&format!("{module}.{name}"), arguments),
            (Self::Path(path), "resolve" | "absolute") if arguments.is_empty() => Some(path_value(path.clone())),
            (Self::Path(path), "joinpath") => joined(path.clone(), arguments).map(path_value),
            (Self::Path(path), "read_text") if arguments.is_empty() => {
                Some(Value::Outside(Self::Content(path.clone())))
            }
            (Self::Path(path), "open") => open(path.clone(), arguments),
            (Self::Open(path), "read") if arguments.is_empty() => Some(Value::Outside(Self::Content(path.clone()))),
            (Self::Content(_), "strip" | "rstrip" | "lstrip") if arguments.is_empty() => {
                Some(Value::Outside(self.clone()))
            }
            (Self::Content(_), "decode") => Some(Value::Outside(self.clone())),
            _ => None,
        }
    }

    /// `value / part`
    pub(super) fn below(&self, part: &Value) -> Option<Value> {
        let Self::Path(path) = self else { return None };
        joined(path.clone(), std::slice::from_ref(part)).map(path_value)
    }

    /// `value["name"]`
    pub(super) fn member(&self, name: &str) -> Option<Value> {
        let Self::Names(path) = self else { return None };
        Some(Value::Outside(Self::Member(path.clone(), name.into())))
    }
}

/// What `__file__` is: nobody looks at its last part.
pub(super) fn this_file() -> Value {
    path_value(FilePath { text: "__file__".into(), is_beside: true })
}

/// A call of one of Python's own functions, by its full name.
pub(super) fn call(function: &str, arguments: &[Value]) -> Option<Value> {
    let (first, rest) = arguments.split_first()?;
    match function {
        "open" | "io.open" | "codecs.open" => open(path_of(first)?, rest),
        "pathlib.Path" | "pathlib.PurePath" => joined(path_of(first)?, rest).map(path_value),
        "os.path.join" => match joined(path_of(first)?, rest)? {
            FilePath { text, is_beside: false } if matches!(first, Value::Text(_)) => Some(Value::Text(text)),
            path => Some(path_value(path)),
        },
        "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.fspath" if rest.is_empty() => {
            path_of(first).map(path_value)
        }
        "os.path.dirname" if rest.is_empty() => above(&path_of(first)?).map(path_value),
        "compile" => match first {
            Value::Outside(Outside::Content(_)) => Some(first.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn path_value(path: FilePath) -> Value {
    Value::Outside(Outside::Path(path))
}

fn path_of(value: &Value) -> Option<FilePath> {
    match value {
        Value::Text(text) if !text.starts_with('/') => Some(FilePath { text: text.clone(), is_beside: false }),
        Value::Outside(Outside::Path(path)) => Some(path.clone()),
        _ => None,
    }
}

/// A file that is opened to be read.
fn open(path: FilePath, further: &[Value]) -> Option<Value> {
    let reads = |mode: &Value| matches!(mode, Value::Text(mode) if !mode.contains(['w', 'a', 'x', '+']));
    further.first().is_none_or(reads).then_some(Value::Outside(Outside::Open(path)))
}

fn joined(path: FilePath, parts: &[Value]) -> Option<FilePath> {
    parts.iter().try_fold(path, |path, part| {
        let Value::Text(part) = part else { return None };
        let text = match &*path.text {
            "" | "." => part.clone(),
            folder => format!("{}/{part}", folder.trim_end_matches('/')).into(),
        };
        (!part.starts_with('/')).then_some(FilePath { text, ..path })
    })
}

/// The folder of a path; the one above the working directory has no name here.
fn above(path: &FilePath) -> Option<FilePath> {
    let text = match path.text.trim_end_matches('/') {
        "" | "." => "..".into(),
        up if up == ".." || up.ends_with("/..") => format!("{up}/.."),
        text => text.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned()),
    };
    (path.is_beside || text != "..").then(|| FilePath { text: text.into(), ..path.clone() })
}
