//! Extensions of Maven's core (`.mvn/extensions.xml`, <https://maven.apache.org/guides/mini/guide-using-extensions.html>)
//! that set the version from the history of Git.

use roxmltree::Node;

use crate::manifest::{Flaw, FlawKind, xml};

/// The extensions, by artifact, whatever their group.
const FROM_GIT: [&str; 2] = ["jgitver-maven-plugin", "maven-git-versioning-extension"];

/// The first extension of the file that sets the version, as the flaw of every version of the build.
pub(super) fn parse(text: &str) -> Result<Option<Flaw>, Flaw> {
    let document = xml::parse(text)?;
    let mut artifacts = document.descendants().filter(|node| node.tag_name().name() == "artifactId");
    Ok(artifacts.find_map(|artifact| from_git(artifact)))
}

fn from_git(artifact: Node<'_, '_>) -> Option<Flaw> {
    let name = artifact.text().unwrap_or_default().trim();
    let by = FROM_GIT.into_iter().find(|known| *known == name)?.to_owned();
    Some(Flaw { kind: FlawKind::NeedsGit { by }, place: xml::place(artifact) })
}
