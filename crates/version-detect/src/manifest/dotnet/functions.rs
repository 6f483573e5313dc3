//! Property functions of MSBuild that need nothing but texts
//! (<https://learn.microsoft.com/visualstudio/msbuild/property-functions>): `$(Name.Method('a'))`, `$([Type]::Function('a', 'b'))`.

use std::path::{Path, PathBuf};

use super::condition::closing;
use crate::manifest::needs::joined;

/// How long a value may grow.
pub(super) const LONGEST: usize = 4096;

/// The most methods behind one value.
const MOST_MEMBERS: usize = 32;

/// What stands within `$(` and `)`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'t> {
    pub(super) head: Head<'t>,
    /// The methods behind it, as they are applied one after the other.
    pub(super) members: Vec<Member<'t>>,
}

/// What comes first.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head<'t> {
    Property(&'t str),
    Function(&'t str, Vec<&'t str>),
}

/// What is asked of the value before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Member<'t> {
    /// `.Name`, or `.Name(...)` with its arguments.
    Method(&'t str, Vec<&'t str>),
    /// `[0]`
    Index(&'t str),
}

/// What a method gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// A text that was split at any of the signs.
    Parts {
        text: String,
        signs: String,
    },
}

impl<'t> Call<'t> {
    /// Reads a call; `None` for what is none.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let (head, mut rest) = if text.starts_with('[') {
            let open = text.find('(')?;
            let end = closing(text, open)?;
            (Head::Function(text[..open].trim(), arguments(&text[open + 1..end])), &text[end + 1..])
        } else {
            let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
            (Head::Property(&text[..end]), &text[end..])
        };
        let mut members = Vec::new();
        while !rest.trim_start().is_empty() {
            rest = rest.trim_start();
            if members.len() >= MOST_MEMBERS {
                return None;
            }
            if let Some(inside) = rest.strip_prefix('[') {
                let (index, behind) = inside.split_once(']')?;
                members.push(Member::Index(index.trim()));
                rest = behind;
                continue;
            }
            let name = rest.strip_prefix('.')?;
            let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
            let behind = &name[end..];
            let (arguments, behind) = if behind.starts_with('(') {
                let close = closing(behind, 0)?;
                (arguments(&behind[1..close]), &behind[close + 1..])
            } else {
                (Vec::new(), behind)
            };
            members.push(Member::Method(&name[..end], arguments));
            rest = behind;
        }
        let is_property = matches!(head, Head::Property(name) if !name.is_empty());
        (is_property || matches!(head, Head::Function(..))).then_some(Self { head, members })
    }
}

/// The arguments between commas, without their quotes.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (index, c) in text.char_indices() {
        if let Some(open) = quote {
            quote = quote.filter(|_| c != open);
            continue;
        }
        match c {
            '\'' | '"' | '`' => quote = Some(c),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    let found: Vec<&str> = found.into_iter().map(|one| one.trim().trim_matches(['\'', '"', '`'])).collect();
    if found == [""] { Vec::new() } else { found }
}

/// What a method of a text gives; `None` for those that are not known here.
pub(super) fn member(value: &Value, name: &str, arguments: &[String]) -> Option<Value> {
    let Value::Text(text) = value else { return None };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is = |is: bool| if is { "True" } else { "False" }.to_owned();
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let found = match (name.to_ascii_lowercase().as_str(), arguments.as_slice()) {
        ("trim", []) => text.trim().to_owned(),
        ("trim", [signs]) => text.trim_matches(|c| signs.contains(c)).to_owned(),
        ("trimstart", []) => text.trim_start().to_owned(),
        ("trimstart", [signs]) => text.trim_start_matches(|c| signs.contains(c)).to_owned(),
        ("trimend", []) => text.trim_end().to_owned(),
        ("trimend", [signs]) => text.trim_end_matches(|c| signs.contains(c)).to_owned(),
        ("tolower" | "tolowerinvariant", []) => text.to_lowercase(),
        ("toupper" | "toupperinvariant", []) => text.to_uppercase(),
        ("tostring", []) => text.clone(),
        ("startswith", [part]) => is(text.starts_with(part)),
        ("endswith", [part]) => is(text.ends_with(part)),
        ("contains", [part]) => is(text.contains(part)),
        ("equals", [other]) => is(text == other),
        ("replace", [from, to]) if !from.is_empty() => {
            let grown = text.matches(from).count().saturating_mul(to.len());
            (grown <= LONGEST).then(|| text.replace(from, to))?
        }
        ("length", []) if text.is_ascii() => text.len().to_string(),
        ("indexof", [part]) if text.is_ascii() => {
            text.find(part).map_or_else(|| "-1".to_owned(), |found| found.to_string())
        }
        ("lastindexof", [part]) if text.is_ascii() => {
            text.rfind(part).map_or_else(|| "-1".to_owned(), |found| found.to_string())
        }
        ("substring", [from]) if text.is_ascii() => text.get(number(from)?..)?.to_owned(),
        ("substring", [from, length]) if text.is_ascii() => {
            let from = number(from)?;
            text.get(from..from.checked_add(number(length)?)?)?.to_owned()
        }
        ("split", [signs]) if !signs.is_empty() => {
            return Some(Value::Parts { text: text.clone(), signs: (*signs).to_owned() });
        }
        _ => return None,
    };
    Some(Value::Text(found))
}

/// One of the parts of a text.
pub(super) fn index(value: &Value, index: &str) -> Option<Value> {
    let (Value::Parts { text, signs }, Ok(index)) = (value, index.parse::<usize>()) else { return None };
    text.split(|c| signs.contains(c)).nth(index).map(|part| Value::Text(part.to_owned()))
}

impl Value {
    /// The text; `None` for parts.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Parts { .. } => None,
        }
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Text(text) | Self::Parts { text, .. } => text.len(),
        }
    }
}

/// What a function gives that needs no file but where `project` is the folder of the project; `None` for other functions.
pub(super) fn function(name: &str, arguments: &[String], project: &Path) -> Option<String> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let combined = || {
        let parts = arguments.iter().map(|part| part.trim().replace('\\', "/"));
        parts.fold(PathBuf::new(), |path, part| path.join(part))
    };
    let is = |is: bool| if is { "True" } else { "False" }.to_owned();
    let below = |path: &Path| joined(project, &path.to_string_lossy());
    let one = |arguments: &[String]| match arguments {
        [one] => Some(one.clone()),
        _ => None,
    };
    Some(match name {
        "[system.io.path]::combine" => text(combined()),
        "[system.io.path]::getfullpath" => text(below(Path::new(&one(arguments)?))),
        "[msbuild]::normalizepath" => text(below(&combined())),
        "[msbuild]::normalizedirectory" => format!("{}/", text(below(&combined())).trim_end_matches('/')),
        "[msbuild]::ensuretrailingslash" => match one(arguments)? {
            path if path.is_empty() || path.ends_with(['/', '\\']) => path,
            path => format!("{path}/"),
        },
        "[system.io.path]::getdirectoryname" => text(combined().parent()?.to_path_buf()),
        "[system.io.path]::getfilename" => text(combined().file_name()?.into()),
        "[system.io.path]::getfilenamewithoutextension" => text(combined().file_stem()?.into()),
        "[msbuild]::valueordefault" => match arguments {
            [value, default] => if value.is_empty() { default } else { value }.clone(),
            _ => return None,
        },
        "[system.string]::isnullorempty" => is(arguments.is_empty() || one(arguments)?.is_empty()),
        "[system.string]::isnullorwhitespace" => is(arguments.is_empty() || one(arguments)?.trim().is_empty()),
        "[system.string]::copy" | "[system.string]::new" => one(arguments).unwrap_or_default(),
        "[system.string]::concat" => arguments.concat(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(text: &str) -> Option<String> {
        let call = Call::parse(text)?;
        let owned = |arguments: &[&str]| arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let mut value = Value::Text(match &call.head {
            Head::Property(name) => (*name).to_owned(),
            Head::Function(name, arguments) => {
                function(&name.to_ascii_lowercase(), &owned(arguments), Path::new("/a/b"))?
            }
        });
        for step in &call.members {
            value = match step {
                Member::Method(name, arguments) => member(&value, name, &owned(arguments))?,
                Member::Index(at) => index(&value, at)?,
            };
        }
        value.text()
    }

    #[test]
    fn functions_are_applied_one_after_the_other() {
        for (text, expect) in [
            ("v1-2-3.TrimStart('v').Split('-')[1]", Some("2")),
            ("v1-2-3.Split(`-`)[3]", None),
            ("v1-2-3.Split('-')", None),
            ("abc.Replace('b', ',').ToUpper()", Some("A,C")),
            ("abc.Substring(1)", Some("bc")),
            ("abc.Substring(0, 2)", Some("ab")),
            ("abc.Substring(0, 9)", None),
            ("abc.Length", Some("3")),
            ("abc.IndexOf('c')", Some("2")),
            ("abc.EndsWith('bc')", Some("True")),
            ("abc.Contains(\"x\")", Some("False")),
            ("abc.Unknown()", None),
            ("abc.Trim", Some("abc")),
            ("[System.IO.Path]::Combine('a', '..', `b\\c`)", Some("a/../b/c")),
            ("[MSBuild]::NormalizePath('..', 'x')", Some("/a/x")),
            ("[MSBuild]::NormalizeDirectory('x')", Some("/a/b/x/")),
            ("[MSBuild]::EnsureTrailingSlash('x')", Some("x/")),
            ("[MSBuild]::ValueOrDefault('', 'x')", Some("x")),
            ("[System.String]::IsNullOrEmpty('')", Some("True")),
            ("[System.String]::Copy('a(b,c)').Length", Some("6")),
            ("[System.DateTime]::Now", None),
            ("[System.Guid]::NewGuid()", None),
            ("", None),
            ("a b", None),
        ] {
            assert_eq!(called(text).as_deref(), expect, "{text}");
        }
    }
}
