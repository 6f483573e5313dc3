//! The build backends: what each does where `version` is dynamic.

use super::super::{Flaw, FlawKind, Place, Written};
use super::pyproject::{Document, Pattern, Roots, Source, Spelling};

/// The distributions that make a version from Git when a setuptools build requires them.
const FROM_GIT: [&str; 7] =
    ["versioneer", "setuptools-git-versioning", "dunamai", "miniver", "pbr", "versioningit", "vcs-versioning"];

/// The flaw that a version is made from Git.
pub(super) fn needs_git(by: impl Into<String>, place: Place) -> Flaw {
    Flaw { kind: FlawKind::NeedsGit { by: by.into() }, place }
}

/// The flaw that files do not tell what `expression` is.
pub(super) fn unresolved(expression: impl Into<String>, why: impl Into<String>, place: Place) -> Flaw {
    Flaw { kind: FlawKind::Unresolved { expression: expression.into(), why: why.into() }, place }
}

/// Where a version comes from that `dynamic` lists, at `place`.
pub(super) fn source(document: &Document<'_>, place: Place) -> Result<Source, Flaw> {
    let backend = document.backend();
    let is = |names: &[&str]| {
        names.iter().any(|name| {
            backend.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':', '_']))
        })
    };
    if is(&["hatchling"]) {
        hatch(document, &["tool", "hatch", "version"], place)
    } else if is(&["flit_core", "flit"]) {
        flit(document, place)
    } else if is(&["pdm"]) {
        pdm(document, place)
    } else if is(&["poetry", "poetry_dynamic_versioning"]) {
        poetry(document, place)
    } else if backend.is_empty() || is(&["setuptools"]) {
        setuptools(document, place)
    } else if is(&["maturin"]) {
        let path = document.written(&["tool", "maturin", "manifest-path"])?;
        Ok(Source::Manifest(path.unwrap_or(Written { text: "Cargo.toml".to_owned(), place })))
    } else if is(&["scikit_build_core"]) {
        scikit_build(document, place)
    } else if is(&["pbr"]) {
        Err(needs_git("pbr", place))
    } else {
        let local = document.has(&["build-system", "backend-path"]);
        let what =
            if local { "a backend of the project itself".to_owned() } else { format!("the build backend `{backend}`") };
        Err(unresolved("dynamic", format!("{what} makes the version while it builds"), place))
    }
}

/// Where the version of a project comes from that has no `[project]`.
pub(super) fn without_project(document: &Document<'_>) -> Result<Source, Flaw> {
    if document.has(&["tool", "poetry"]) {
        return poetry(document, document.place(&["tool", "poetry"]));
    }
    let old_flit = ["tool", "flit", "metadata", "module"];
    if let Some(module) = document.written(&old_flit)? {
        return Ok(Source::Module(module));
    }
    let backend = document.backend();
    if backend.starts_with("mesonpy") || backend.starts_with("pbr") {
        return source(document, document.place(&["build-system", "build-backend"]));
    }
    if let Some(flaw) = scm(document, false) {
        return Err(flaw);
    }
    let declared = document.has(&["build-system"]).then(|| document.place(&["build-system"]));
    Ok(Source::Setup(declared))
}

/// The source of hatch, whose settings are at `at`: in `pyproject.toml`, or in `hatch.toml`.
pub(super) fn hatch(document: &Document<'_>, at: &[&str], place: Place) -> Result<Source, Flaw> {
    let option = |name| document.written(&[at, &[name]].concat());
    let source = option("source")?.unwrap_or_else(|| Written { text: "regex".to_owned(), place: document.place(at) });
    let path =
        || option("path")?.ok_or_else(|| Flaw::malformed("hatch needs a `path` to find the version in", source.place));
    match source.text.as_str() {
        "regex" | "regex_commit" if !document.has(at) => {
            let hooks = document.has(&["tool", "hatch", "metadata", "hooks"]);
            let why =
                if hooks { "a metadata hook of hatch makes the version" } else { "`[tool.hatch.version]` is missing" };
            Err(unresolved("dynamic", why, place))
        }
        "regex" | "regex_commit" => {
            let own =
                document.value(&[at, &["pattern"]].concat()).filter(|value| value.get_ref().as_bool() != Some(true));
            let pattern = match own {
                Some(_) => option("pattern")?.filter(|pattern| !pattern.text.is_empty()),
                None => None,
            };
            let pattern =
                pattern.map_or(Pattern::Hatch, |expression| Pattern::Own { expression, group: Some("version") });
            Ok(Source::Pattern { path: path()?, pattern, spelling: Spelling::Raw })
        }
        "code" => Ok(Source::Code { path: path()?, expression: option("expression")? }),
        "env" => {
            let variable = option("variable")?.map_or_else(|| "env".to_owned(), |variable| variable.text);
            Err(unresolved(variable, "hatch reads it from the environment of the build", source.place))
        }
        "nodejs" => {
            let path = option("path")?.unwrap_or(Written { text: "package.json".to_owned(), place: source.place });
            Ok(Source::Manifest(path))
        }
        "vcs" => Err(needs_git("hatch-vcs", source.place)),
        "uv-dynamic-versioning" | "versioningit" | "setuptools-git-versioning" | "vcs-dev-versioning" => {
            Err(needs_git(source.text, source.place))
        }
        other => Err(unresolved(other, format!("the plugin `{other}` of hatch makes the version"), source.place)),
    }
}

fn flit(document: &Document<'_>, place: Place) -> Result<Source, Flaw> {
    if let Some(module) = document.written(&["tool", "flit", "module", "name"])? {
        return Ok(Source::Module(module));
    }
    let name = document.written(&["project", "name"])?;
    let name =
        name.ok_or_else(|| Flaw::malformed("`[project]` has no `name`, which flit's module is found by", place))?;
    Ok(Source::Module(Written { text: name.text.replace('-', "_"), place: name.place }))
}

fn pdm(document: &Document<'_>, place: Place) -> Result<Source, Flaw> {
    let at = ["tool", "pdm", "version"];
    let option = |name| document.written(&["tool", "pdm", "version", name]);
    if !document.has(&at) {
        return Ok(Source::Default(place));
    }
    let path = option("path")?;
    let source = option("source")?;
    match (source.as_ref().map(|source| source.text.as_str()), path) {
        (None | Some("file"), Some(path)) => {
            let pattern = option("pattern")?;
            let pattern = pattern.map_or(Pattern::Pdm, |expression| Pattern::Own { expression, group: None });
            Ok(Source::Pattern { path, pattern, spelling: Spelling::Normal })
        }
        (None | Some("file"), None) => {
            Err(Flaw::malformed("`[tool.pdm.version]` has no `path` to find the version in", document.place(&at)))
        }
        (Some("scm"), _) => Err(needs_git("pdm's scm", document.place(&["tool", "pdm", "version", "source"]))),
        (Some("call"), _) => {
            let getter = option("getter")?.unwrap_or(Written { text: "call".to_owned(), place });
            Err(unresolved(getter.text, "pdm calls it while it builds", getter.place))
        }
        (Some(other), _) => {
            let place = document.place(&["tool", "pdm", "version", "source"]);
            Err(Flaw::malformed(format!("pdm knows no version source `{other}`"), place))
        }
    }
}

/// `[tool.poetry]`, with or without `[project]`.
fn poetry(document: &Document<'_>, place: Place) -> Result<Source, Flaw> {
    let plugin = ["tool", "poetry-dynamic-versioning"];
    let is_on = match document.flag(&["tool", "poetry-dynamic-versioning", "enable"]) {
        Some(enabled) => enabled,
        None => document.backend().starts_with("poetry_dynamic_versioning") && document.has(&plugin),
    };
    if is_on {
        return Err(needs_git("poetry-dynamic-versioning", document.place(&plugin)));
    }
    if let Some(at) =
        document.requirement("poetry-version-plugin").filter(|_| document.has(&["tool", "poetry-version-plugin"]))
    {
        return Err(unresolved("poetry-version-plugin", "the plugin makes the version while it builds", at));
    }
    match document.written(&["tool", "poetry", "version"])? {
        Some(version) => Ok(Source::Static(version, Spelling::Normal)),
        None if document.has(&["project"]) => {
            Err(unresolved("dynamic", "neither `project.version` nor `tool.poetry.version` is there", place))
        }
        None => Ok(Source::Nothing),
    }
}

fn setuptools(document: &Document<'_>, place: Place) -> Result<Source, Flaw> {
    let at = ["tool", "setuptools", "dynamic", "version"];
    if let Some(flaw) = scm(document, document.has(&at)) {
        return Err(flaw);
    }
    if let Some(attribute) = document.written(&["tool", "setuptools", "dynamic", "version", "attr"])? {
        return Ok(Source::Attribute { attribute, roots: roots(document) });
    }
    let files = document.texts(&["tool", "setuptools", "dynamic", "version", "file"]);
    if !files.is_empty() {
        return Ok(Source::Files(files));
    }
    if document.has(&at) {
        return Err(Flaw::malformed("it has neither `attr` nor `file`", document.place(&at)));
    }
    Ok(Source::Setup(Some(place)))
}

fn roots(document: &Document<'_>) -> Roots {
    let packages = document.members(&["tool", "setuptools", "package-dir"]);
    let named =
        |name| document.value(&["tool", "setuptools", name]).is_some_and(|value| value.get_ref().as_array().is_some());
    let mut folders: Vec<String> = document
        .texts(&["tool", "setuptools", "packages", "find", "where"])
        .into_iter()
        .map(|folder| folder.text)
        .collect();
    folders.extend(if named("packages") || named("py-modules") { ["", "src"] } else { ["src", ""] }.map(str::to_owned));
    Roots { packages, folders }
}

/// Whether a plugin of setuptools makes the version from Git. setuptools-scm does it where it is asked to, or where nothing
/// else gives a version: it is required for its list of files too.
fn scm(document: &Document<'_>, has_source: bool) -> Option<Flaw> {
    let table = ["tool", "setuptools_scm"];
    if document.has(&table) || document.has(&["tool", "setuptools-scm"]) {
        return Some(needs_git("setuptools-scm", document.place(&table)));
    }
    if let Some(at) = document.requirement("setuptools-scm").filter(|_| !has_source) {
        return Some(needs_git("setuptools-scm", at));
    }
    if document.flag(&["tool", "setuptools-git-versioning", "enabled"]) == Some(true) {
        return Some(needs_git("setuptools-git-versioning", document.place(&["tool", "setuptools-git-versioning"])));
    }
    FROM_GIT.iter().filter(|_| !has_source).find_map(|name| Some(needs_git(*name, document.requirement(name)?)))
}

fn scikit_build(document: &Document<'_>, place: Place) -> Result<Source, Flaw> {
    let option = |name| document.written(&["tool", "scikit-build", "metadata", "version", name]);
    let Some(provider) = option("provider")? else {
        return Err(unresolved("dynamic", "`tool.scikit-build.metadata.version.provider` is missing", place));
    };
    let name = provider.text.rsplit('.').next().unwrap_or_default();
    match (name, option("input")?) {
        ("regex", Some(path)) => {
            let own = option("regex")?.map(|expression| Pattern::Own { expression, group: Some("value") });
            let pattern = own.ok_or_else(|| {
                unresolved(
                    "regex",
                    "the default pattern of scikit-build-core is not read: write `regex`",
                    provider.place,
                )
            })?;
            Ok(Source::Pattern { path, pattern, spelling: Spelling::Normal })
        }
        ("setuptools_scm", _) => Err(needs_git("setuptools-scm", provider.place)),
        _ => Err(unresolved(provider.text, "the provider makes the version while it builds", provider.place)),
    }
}
