//! `pom.xml` (<https://maven.apache.org/pom.html>).
//!
//! A project's version is its own `<version>`, else its parent's. Expressions (`${revision}`) are resolved from
//! `.mvn/maven.config`, then from the `<properties>` of the pom and of its parents; profiles and the environment are not
//! consulted, because what they give depends on the build.

use std::collections::BTreeMap;

use roxmltree::Node;

use crate::manifest::{Flaw, FlawKind, Place, Written, xml};

/// How many expressions one version may take to resolve.
const MOST_EXPRESSIONS: usize = 64;

/// What a pom says about versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Pom {
    pub(crate) group: Option<String>,
    pub(crate) artifact: Option<String>,
    pub(crate) version: Option<Written>,
    pub(crate) parent: Option<Parent>,
    pub(crate) properties: BTreeMap<String, Written>,
}

/// A pom's `<parent>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parent {
    pub(crate) group: Option<String>,
    pub(crate) artifact: Option<String>,
    pub(crate) version: Option<Written>,
    /// The path of its pom; `None` where the element is missing, which means `../pom.xml`; empty for "look nowhere".
    pub(crate) relative_path: Option<String>,
}

impl Pom {
    /// Whether `candidate` is the parent that this pom names.
    pub(crate) fn has_parent(&self, candidate: &Self) -> bool {
        let Some(parent) = &self.parent else { return false };
        let inherited = candidate.parent.as_ref().and_then(|grandparent| grandparent.group.clone());
        parent.artifact.is_none()
            || (parent.artifact == candidate.artifact && parent.group == candidate.group.clone().or(inherited))
    }
}

/// Parses a pom.
pub(crate) fn parse(text: &str) -> Result<Pom, Flaw> {
    let document = xml::parse(text)?;
    let project = document.root_element();
    if project.tag_name().name() != "project" {
        let name = project.tag_name().name();
        return Err(Flaw::malformed(format!("the root element is `{name}` instead of `project`"), Place::START));
    }
    let properties = child(project, "properties").into_iter().flat_map(|list| list.children());
    Ok(Pom {
        group: child(project, "groupId").map(text_of),
        artifact: child(project, "artifactId").map(text_of),
        version: written(project, "version"),
        parent: child(project, "parent").map(|parent| Parent {
            group: child(parent, "groupId").map(text_of),
            artifact: child(parent, "artifactId").map(text_of),
            version: written(parent, "version"),
            relative_path: child(parent, "relativePath").map(text_of),
        }),
        properties: properties
            .filter(Node::is_element)
            .map(|property| (property.tag_name().name().to_owned(), written_in(property)))
            .collect(),
    })
}

fn child<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    parent.children().find(|node| node.is_element() && node.tag_name().name() == name)
}

/// The element's text, comments left out, without the white space around it.
fn text_of(element: Node<'_, '_>) -> String {
    let text: String = element.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    text.trim().to_owned()
}

fn written(parent: Node<'_, '_>, name: &str) -> Option<Written> {
    child(parent, name).map(written_in).filter(|written| !written.text.is_empty())
}

fn written_in(element: Node<'_, '_>) -> Written {
    let source = element.document().input_text();
    let first = element.children().find(|node| node.is_text() && !node.text().unwrap_or_default().trim().is_empty());
    let range = first.map_or_else(|| element.range(), |text| text.range());
    Written { text: text_of(element), place: Written::trimmed(source, range).place }
}

/// The version of the first pom of `chain`, the project itself followed by its parents as far as they are known, with the
/// index of the pom it is written in; `None` where there is none.
pub(crate) fn version(
    chain: &[Pom],
    options: &BTreeMap<String, String>,
) -> Result<Option<(usize, Written)>, (usize, Flaw)> {
    let found = chain.iter().enumerate().find_map(|(index, pom)| {
        let version = pom.version.as_ref().or_else(|| pom.parent.as_ref()?.version.as_ref())?;
        Some((index, version))
    });
    let Some((index, raw)) = found else { return Ok(None) };
    let scope = Scope { chain, options };
    let text = scope.resolve(&raw.text).map_err(|(expression, why)| {
        (index, Flaw { kind: FlawKind::Unresolved { expression, why }, place: raw.place })
    })?;
    // A version that is one property alone is changed where the property is.
    let alone = raw.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let home = alone.filter(|name| !options.contains_key(*name)).and_then(|name| scope.property(name));
    let (index, place) = home.map_or((index, raw.place), |(home, written)| (home, written.place));
    Ok(Some((index, Written { text, place })))
}

/// Where expressions are looked up.
struct Scope<'a> {
    chain: &'a [Pom],
    options: &'a BTreeMap<String, String>,
}

impl<'a> Scope<'a> {
    fn property(&self, name: &str) -> Option<(usize, &'a Written)> {
        self.chain.iter().enumerate().find_map(|(index, pom)| Some((index, pom.properties.get(name)?)))
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        let own = self.chain.first()?;
        if let Some(value) = self.options.get(name) {
            return Some(value);
        }
        match name {
            "project.parent.version" | "parent.version" => {
                own.parent.as_ref()?.version.as_ref().map(|version| version.text.as_str())
            }
            _ => self.property(name).map(|(_, written)| written.text.as_str()),
        }
    }

    /// Replaces every `${name}`; the error names the expression without a value and says why it has none.
    fn resolve(&self, raw: &str) -> Result<String, (String, String)> {
        let mut text = raw.to_owned();
        for _ in 0..MOST_EXPRESSIONS {
            let Some(start) = text.find("${") else { return Ok(text) };
            let Some(length) = text[start..].find('}') else {
                return Err((text[start..].to_owned(), "its `}` is missing".to_owned()));
            };
            let name = &text[start + 2..start + length];
            let Some(value) = self.value(name) else {
                return Err((text[start..=start + length].to_owned(), missing(name)));
            };
            if text.len() + value.len() > 4096 {
                return Err((raw.to_owned(), "its value grows without end".to_owned()));
            }
            text.replace_range(start..=start + length, value);
        }
        Err((raw.to_owned(), "its properties refer to each other without end".to_owned()))
    }
}

fn missing(name: &str) -> String {
    if name.starts_with("env.") {
        return "the environment of a build is not read".to_owned();
    }
    format!(
        "neither `<properties>` (of the pom and of the parents in this repository) nor `.mvn/maven.config` define `{name}`"
    )
}
