//! What a pom is built with, each with its version: dependencies and plugins.

use roxmltree::Node;

use crate::manifest::xml::{self, child, children, text_of};
use crate::manifest::{Lines, UseKind, Written};

/// A dependency or a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) kind: UseKind,
    /// `group:artifact`, as it is written.
    pub(crate) name: String,
    /// `None` where the management of a pom has it.
    pub(crate) version: Option<Written>,
    /// Whether it is a pom that manages further versions (`<scope>import</scope>`).
    pub(crate) is_import: bool,
}

/// What a pom or a profile uses, and what it manages: the versions of what it and its children use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Uses {
    pub(crate) used: Vec<Use>,
    pub(crate) managed: Vec<Use>,
    /// The folders, or the poms, that are built with it.
    pub(crate) modules: Vec<String>,
}

/// Reads them, of a pom or of a profile.
pub(crate) fn parse(project: Node<'_, '_>, lines: &Lines<'_>) -> Uses {
    let build = child(project, "build");
    let management = child(project, "dependencyManagement");
    let plugin_management = build.and_then(|build| child(build, "pluginManagement"));
    let mut used = list(Some(project), "dependencies", ("dependency", UseKind::Dependency), lines);
    used.extend(list(build, "plugins", ("plugin", UseKind::Plugin), lines));
    let plugins = build.and_then(|build| child(build, "plugins")).into_iter().flat_map(|list| children(list, "plugin"));
    used.extend(
        plugins.flat_map(|plugin| list(Some(plugin), "dependencies", ("dependency", UseKind::Dependency), lines)),
    );
    used.extend(list(build, "extensions", ("extension", UseKind::Plugin), lines));
    let mut managed = list(management, "dependencies", ("dependency", UseKind::Dependency), lines);
    managed.extend(list(plugin_management, "plugins", ("plugin", UseKind::Plugin), lines));
    Uses { used, managed, modules: modules(project) }
}

/// The modules, which Maven 4 calls subprojects.
fn modules(project: Node<'_, '_>) -> Vec<String> {
    let listed = |lists, item| {
        let items = child(project, lists).into_iter().flat_map(move |list| children(list, item));
        items.map(text_of).filter(|path| !path.is_empty())
    };
    listed("modules", "module").chain(listed("subprojects", "subproject")).collect()
}

fn list(parent: Option<Node<'_, '_>>, list: &str, (item, kind): (&str, UseKind), lines: &Lines<'_>) -> Vec<Use> {
    let list = parent.and_then(|parent| child(parent, list));
    let items = list.into_iter().flat_map(|list| children(list, item));
    let text = |item, name| child(item, name).map(text_of);
    // A plugin without a group is one of Maven's own.
    let group = |item| text(item, "groupId").unwrap_or_else(|| "org.apache.maven.plugins".to_owned());
    items
        .map(|item| Use {
            kind,
            name: format!("{}:{}", group(item), text(item, "artifactId").unwrap_or_default()),
            version: child(item, "version")
                .map(|version| xml::written(version, lines))
                .filter(|version| !version.text.is_empty()),
            is_import: text(item, "scope").as_deref() == Some("import"),
        })
        .collect()
}
