//! The plugins that make a version from Git, by their ids.

/// Those that set the project's version when they are applied.
const SETTERS: [&str; 17] = [
    "com.cinnober.gradle.semver-git",
    "com.javiersc.semver",
    "com.javiersc.semver.project",
    "com.netflix.nebula.netflixoss",
    "com.netflix.nebula.release",
    "com.zoltu.git-versioning",
    "de.gliderpilot.semantic-release",
    "fr.brouillard.oss.gradle.jgitver",
    "me.qoomon.git-versioning",
    "nebula.nebula-release",
    "nebula.netflixoss",
    "nebula.release",
    "net.vivin.gradle-semantic-build-versioning",
    "org.ajoberstar.reckon",
    "org.ajoberstar.reckon.settings",
    "org.danilopianini.git-sensitive-semantic-versioning",
    "org.shipkit.shipkit-auto-version",
];

/// Those that only tell a version, which a script sets or not.
const TELLERS: [&str; 9] = [
    "com.gladed.androidgitversion",
    "com.github.jmongard.git-semver-plugin",
    "com.intershop.gradle.scmversion",
    "com.palantir.git-version",
    "io.wusa.semver-git-plugin",
    "net.nemerosa.versioning",
    "org.ajoberstar.grgit",
    "org.ajoberstar.release-opinion",
    "pl.allegro.tech.build.axion-release",
];

/// Whether the plugin sets the version, from Git.
pub(super) fn sets_version(id: &str) -> bool {
    SETTERS.contains(&id)
}

/// Whether a script can ask the plugin for a version from Git.
pub(super) fn tells_version(id: &str) -> bool {
    TELLERS.contains(&id)
}

/// Whether the plugin takes the property `VERSION_NAME` for the version
/// (<https://vanniktech.github.io/gradle-maven-publish-plugin/central/>).
pub(super) fn reads_version_name(id: &str) -> bool {
    id.starts_with("com.vanniktech.maven.publish")
}
