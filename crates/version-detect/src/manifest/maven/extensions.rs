//! Extensions of Maven (<https://maven.apache.org/guides/mini/guide-using-extensions.html>) that set the version from the
//! history of Git: those of its core in `.mvn/extensions.xml`, and those of a build in the pom.

use roxmltree::Node;

use crate::manifest::xml::{self, child, children, text_of};
use crate::manifest::{Flaw, FlawKind, Lines};

/// The extensions, by artifact, whatever their group.
const FROM_GIT: [&str; 2] = ["jgitver-maven-plugin", "maven-git-versioning-extension"];

/// The first extension of the file that sets the version, as the flaw of every version of the build.
pub(super) fn parse(text: &str) -> Result<Option<Flaw>, Flaw> {
    let (document, lines) = (xml::parse(text)?, Lines::of(text));
    let mut artifacts = document.descendants().filter(|node| node.tag_name().name() == "artifactId");
    Ok(artifacts.find_map(|artifact| from_git(artifact, &lines)))
}

/// The first extension of a pom's build that sets the version; a plugin counts where it is switched on as one.
pub(super) fn of_build(project: Node<'_, '_>, lines: &Lines<'_>) -> Option<Flaw> {
    let build = child(project, "build")?;
    let extensions = child(build, "extensions").into_iter().flat_map(|list| children(list, "extension"));
    let plugins = child(build, "plugins").into_iter().flat_map(|list| children(list, "plugin"));
    let is_extension = |plugin: &Node<'_, '_>| child(*plugin, "extensions").is_some_and(|on| text_of(on) == "true");
    extensions
        .chain(plugins.filter(is_extension))
        .filter_map(|item| child(item, "artifactId"))
        .find_map(|artifact| from_git(artifact, lines))
}

fn from_git(artifact: Node<'_, '_>, lines: &Lines<'_>) -> Option<Flaw> {
    let name = artifact.text().unwrap_or_default().trim();
    let by = FROM_GIT.into_iter().find(|known| *known == name)?.to_owned();
    Some(Flaw { kind: FlawKind::NeedsGit { by }, place: xml::place(artifact, lines) })
}
