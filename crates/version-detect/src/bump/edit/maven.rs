//! The poms that name a pom as their parent, and theirs in turn.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use roxmltree::Node;

use super::Places;
use crate::bump::remote::Remote;
use crate::error::Error;
use crate::files::decode_xml;
use crate::manifest::Files as _;
use crate::manifest::xml::{self, child, text_of};

/// What is asked of a pom.
struct Pom {
    file: PathBuf,
    /// Whether it is UTF-8, so that its places are those of the text that was parsed.
    is_text: bool,
    group: Option<String>,
    artifact: String,
    /// Where its own version is, when that is the old one; `None` also where it has another.
    version: Option<Range<usize>>,
    has_version: bool,
    parent: Option<(Option<String>, String)>,
    /// Where the parent's version is, when that is the old one.
    parent_version: Option<Range<usize>>,
}

/// Adds the places in the modules below the pom `manifest`.
pub(super) fn add(files: &Remote, manifest: &Path, old: &str, places: &mut Places) -> Result<(), Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let mut poms = Vec::new();
    for file in files.called("pom.xml", folder) {
        let Some(real) = files.locate(file)? else { continue };
        let bytes = files.bytes(&real)?;
        let is_text = std::str::from_utf8(&bytes).is_ok();
        let text = decode_xml(bytes.clone()).ok();
        // Places are those of the bytes, a byte order mark included.
        let text = if is_text { String::from_utf8(bytes).ok() } else { text };
        poms.extend(text.and_then(|text| parse((file, is_text), &text, old)));
    }
    let own = poms.iter().find(|pom| pom.file == manifest);
    let Some(own) = own.filter(|own| own.version.is_some()) else { return Ok(()) };
    // The modules whose version is raised, by group and artifact.
    let mut raised = BTreeSet::from([own.names()]);
    loop {
        let before = raised.len();
        for pom in &poms {
            let Some(range) =
                pom.parent_version.clone().filter(|_| pom.parent_names().is_some_and(|it| raised.contains(&it)))
            else {
                continue;
            };
            // GitHub takes text in UTF-8 alone.
            if !pom.is_text {
                places.refuse(&pom.file);
            }
            places.add(&pom.file, range);
            // A module may say the version once more, or leave it to its parent.
            if let Some(range) = pom.version.clone() {
                places.add(&pom.file, range);
            }
            if pom.version.is_some() || !pom.has_version {
                raised.insert(pom.names());
            }
        }
        if raised.len() == before {
            return Ok(());
        }
    }
}

impl Pom {
    fn names(&self) -> (String, String) {
        let of_parent = || self.parent.as_ref().and_then(|(group, _)| group.clone());
        (self.group.clone().or_else(of_parent).unwrap_or_default(), self.artifact.clone())
    }

    fn parent_names(&self) -> Option<(String, String)> {
        self.parent.clone().map(|(group, artifact)| (group.unwrap_or_default(), artifact))
    }
}

/// What a pom says; `None` for what is none.
fn parse((file, is_text): (&Path, bool), text: &str, old: &str) -> Option<Pom> {
    let document = xml::parse(text).ok()?;
    let project = document.root_element();
    let parent = child(project, "parent");
    let version = child(project, "version");
    Some(Pom {
        file: file.to_path_buf(),
        is_text,
        group: child(project, "groupId").map(text_of),
        artifact: child(project, "artifactId").map(text_of).unwrap_or_default(),
        version: version.and_then(|version| range(version, old)),
        has_version: version.is_some(),
        parent: parent.map(|parent| {
            let text = |name| child(parent, name).map(text_of);
            (text("groupId"), text("artifactId").unwrap_or_default())
        }),
        parent_version: parent.and_then(|parent| range(child(parent, "version")?, old)),
    })
}

/// Where an element's text is, when it is `old`.
fn range(element: Node<'_, '_>, old: &str) -> Option<Range<usize>> {
    let mut texts = element.children().filter(Node::is_text);
    let (text, None) = (texts.next()?, texts.next()) else { return None };
    let source = &element.document().input_text()[text.range()];
    let start = text.range().start + (source.len() - source.trim_start().len());
    (source.trim() == old).then(|| start..start + old.len())
}
