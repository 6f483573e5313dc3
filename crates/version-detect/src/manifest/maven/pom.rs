//! `pom.xml` (<https://maven.apache.org/pom.html>): what is written in one.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::extensions;
use super::profiles::{self, Profile};
use super::uses::{self, Uses};
use crate::manifest::xml::{self, child, text_of};
use crate::manifest::{Flaw, Lines, Place, Written};

/// What a pom says about versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Pom {
    /// The model's version, where it is written.
    pub(crate) model: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) artifact: Option<String>,
    /// The version, whose text may be blank; `None` without the element.
    pub(crate) version: Option<Written>,
    pub(crate) packaging: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) parent: Option<Parent>,
    pub(crate) properties: BTreeMap<String, Written>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) uses: Uses,
    /// That an extension of the build makes the version from Git.
    pub(crate) from_git: Option<Flaw>,
}

/// A pom's `<parent>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) group: Option<String>,
    pub(crate) artifact: Option<String>,
    pub(crate) version: Option<Written>,
    /// The path of its pom; `None` where the element is missing, which means `../pom.xml`; empty for "look nowhere".
    pub(crate) relative_path: Option<String>,
    pub(crate) place: Place,
}

/// Parses a pom.
pub(crate) fn parse(text: &str) -> Result<Pom, Flaw> {
    let (document, lines) = (xml::parse(text)?, Lines::of(text));
    let project = document.root_element();
    if project.tag_name().name() != "project" {
        let name = project.tag_name().name();
        return Err(Flaw::malformed(format!("the root element is `{name}` instead of `project`"), Place::START));
    }
    once_each(project, &lines)?;
    let parent = child(project, "parent");
    parent.map_or(Ok(()), |parent| once_each(parent, &lines))?;
    let text = |name| child(project, name).map(text_of);
    Ok(Pom {
        model: text("modelVersion").or_else(|| model_of(project)),
        group: text("groupId"),
        artifact: text("artifactId"),
        version: child(project, "version").map(|version| xml::written(version, &lines)),
        packaging: text("packaging"),
        name: text("name"),
        parent: parent.map(|parent| Parent {
            group: child(parent, "groupId").map(text_of),
            artifact: child(parent, "artifactId").map(text_of),
            version: child(parent, "version")
                .map(|version| xml::written(version, &lines))
                .filter(|version| !version.text.is_empty()),
            relative_path: child(parent, "relativePath").map(text_of),
            place: xml::place(parent, &lines),
        }),
        properties: profiles::properties(project, &lines),
        profiles: profiles::parse(project, &lines),
        uses: uses::parse(project, &lines),
        from_git: extensions::of_build(project, &lines),
    })
}

/// The model's version as the namespace has it: `http://maven.apache.org/POM/4.1.0`.
fn model_of(project: Node<'_, '_>) -> Option<String> {
    project.tag_name().namespace()?.strip_prefix("http://maven.apache.org/POM/").map(str::to_owned)
}

/// Maven refuses an element that has two children of a name.
fn once_each(parent: Node<'_, '_>, lines: &Lines<'_>) -> Result<(), Flaw> {
    let mut seen = Vec::new();
    for element in parent.children().filter(Node::is_element) {
        let name = element.tag_name().name();
        // Only the model's own elements can be doubled; a list of all would be no better.
        if ["groupId", "artifactId", "version", "packaging", "name", "parent", "properties", "relativePath", "profiles"]
            .contains(&name)
        {
            if seen.contains(&name) {
                return Err(Flaw::malformed(format!("a second `<{name}>`"), xml::place(element, lines)));
            }
            seen.push(name);
        }
    }
    Ok(())
}

impl Pom {
    /// The group, which may be the parent's.
    pub(crate) fn group(&self) -> Option<&str> {
        self.group.as_deref().or_else(|| self.parent.as_ref()?.group.as_deref())
    }

    /// The version's text, which may be the parent's, before expressions are resolved. A blank one is none.
    pub(crate) fn raw_version(&self) -> Option<&Written> {
        let version = match &self.version {
            Some(own) => own,
            None => self.parent.as_ref()?.version.as_ref()?,
        };
        Some(version).filter(|version| !version.text.is_empty())
    }

    /// Whether the model is that of Maven 4 or later.
    pub(crate) fn is_maven_4(&self) -> bool {
        self.model.as_deref().is_some_and(|model| model != "4.0.0")
    }

    /// Whether Maven infers what the `<parent>` does not say.
    pub(crate) fn infers_parent(&self) -> bool {
        self.model.as_deref() != Some("4.0.0")
    }
}
