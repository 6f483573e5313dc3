//! What can go wrong.

mod advice;
mod problem;

use actions_core::{ActionError, ContextError, ExitCode, Location};
use github_client::GitHubError;

use self::advice::{add_version, allowing, example_command, lower_release, manifest_of, written_version};
use self::problem::{counted, listed, mended};
use crate::manifest::{Ecosystem, Found, Place};
use project_version::Form;

pub(crate) use self::advice::near;
pub(crate) use self::problem::Problem;

/// An error of `version-detect`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The project's folder does not exist. Exit code 2.
    ///
    /// `working-directory`, or the `path` of a component in `slipway.toml`, names a folder that is not in the checkout: a typing error, a
    /// folder that was moved, or the job has no checkout step before this one.
    ///
    /// Correct the path that the help names; upper and lower case count.
    #[error("`{folder}` is not a folder")]
    #[diagnostic(code("version-detect/folder-missing"), help("{advice}"))]
    FolderMissing {
        /// The folder.
        folder: String,
        /// What to correct.
        advice: String,
        /// Where it is written; `None` for the input.
        location: Option<Location>,
    },
    /// The folder holds no known manifest. Exit code 2.
    ///
    /// The folder holds no file that could carry a version: none of npm, Maven, Cargo, Python, Gradle, .NET or Helm, and no
    /// `VERSION`. An empty folder mostly means that the checkout step is missing.
    #[error("`{folder}` has no manifest with a version")]
    #[diagnostic(
        code("version-detect/no-manifest"),
        help(
            "add one (package.json, pom.xml, Cargo.toml, pyproject.toml, setup.cfg, setup.py, build.gradle, build.gradle.kts, gradle.properties, *.csproj, *.fsproj, *.vbproj, Directory.Build.props, Chart.yaml or VERSION), or name the file with `manifest`; in a repository of several projects set `working-directory`; if the folder is empty, check the repository out before this step"
        )
    )]
    NoManifest {
        /// The folder.
        folder: String,
    },
    /// The manifest that was named does not exist. Exit code 2.
    ///
    /// The path in `manifest` is looked up below `working-directory`, and nothing is there. Upper and lower case count.
    ///
    /// Correct it, or leave it out to have the known manifests looked for.
    #[error("the manifest `{file}` does not exist")]
    #[diagnostic(
        code("version-detect/manifest-missing"),
        help(
            "{near}`manifest` is a file below the project's folder; leave it out to have the known manifests looked for"
        )
    )]
    ManifestMissing {
        /// The file.
        file: String,
        /// The question whether another file is meant, with a blank behind; empty where none is called alike.
        near: String,
    },
    /// The configuration that was named does not exist. Exit code 2.
    ///
    /// The path in `config` is looked up below `working-directory`, and nothing is there. Upper and lower case count.
    ///
    /// Correct it, or leave it out to have the nearest `slipway.toml` from `working-directory` upwards read.
    #[error("the configuration `{file}` does not exist")]
    #[diagnostic(
        code("version-detect/config-missing"),
        help(
            "{near}`config` is a file below `working-directory`; leave it out to have the nearest `slipway.toml` from there upwards read"
        )
    )]
    ConfigMissing {
        /// The file.
        file: String,
        /// As of a manifest.
        near: String,
    },
    /// A workflow that was named does not exist. Exit code 2.
    ///
    /// `workflows` names a file that is not in `.github/workflows` of the checkout: a typing error, or the workflow was renamed
    /// or removed.
    #[error("the workflow `{file}` does not exist")]
    #[diagnostic(
        code("version-detect/workflow-missing"),
        help("correct `workflows`, or leave it out to have all workflows asked; upper and lower case count")
    )]
    WorkflowMissing {
        /// The file.
        file: String,
    },
    /// A file or folder lies outside the repository. Exit code 2.
    ///
    /// The path, or a symbolic link on the way to it, leads out of the checkout. A pull request could otherwise make
    /// the job read any file of the runner.
    #[error("`{file}` lies outside the repository")]
    #[diagnostic(
        code("version-detect/outside-repository"),
        help("only files of the repository are read; symbolic links that lead out of it are not followed")
    )]
    OutsideRepository {
        /// The file.
        file: String,
    },
    /// A file cannot be read. Exit code 2.
    ///
    /// The file is there and the operating system refuses to give it: mostly a file that an earlier step wrote as
    /// another user, or a folder with the name of a file.
    #[error("`{file}` cannot be read")]
    #[diagnostic(code("version-detect/unreadable"), help("check the permissions of the file and of its folder"))]
    Unreadable {
        /// The file.
        file: String,
        /// The reason.
        source: std::io::Error,
    },
    /// A manifest is larger than any manifest. Exit code 2.
    ///
    /// No manifest that people write has 4 MiB, so `manifest` most likely names a lockfile or a bundle.
    #[error("`{file}` is larger than 4 MiB")]
    #[diagnostic(code("version-detect/too-large"), help("name the right file with `manifest`"))]
    TooLarge {
        /// The file.
        file: String,
    },
    /// One version takes more files than any. Exit code 2.
    ///
    /// A version is read from its manifest and from what that inherits, imports or applies: here more than 2,000 files, or
    /// more than 64 MiB. Nothing that people write needs as much.
    #[error("the version of `{manifest}` takes more than 2,000 files or 64 MiB to read")]
    #[diagnostic(
        code("version-detect/too-much"),
        help(
            "look at what `{file}`, the last of them, is read for; or write the version into a file of its own and name it with `manifest`"
        )
    )]
    TooMuch {
        /// The manifest.
        manifest: String,
        /// The file that was one too many.
        file: String,
    },
    /// A manifest does not follow its format. Exit code 2.
    ///
    /// The file breaks the rules of its format (JSON, XML, TOML, YAML), often after a merge that left conflict markers, or it
    /// is not UTF-8.
    ///
    /// Go to the line and column that the message names, correct the file, and push.
    #[error("`{file}` cannot be understood: {reason}")]
    #[diagnostic(code("version-detect/malformed"), help("fix line {}, column {}", place.line, place.column))]
    Malformed {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// A manifest has no version. Exit code 2.
    ///
    /// The manifest is well-formed and carries no version. In a workspace the version may stand in the manifest of a
    /// parent folder.
    ///
    /// Add the version: `"version": "1.0.0"` (npm), `<version>1.0.0</version>` below `<project>` (Maven), `version =
    /// "1.0.0"` below `[package]` (Cargo) or `[project]` (Python), `version=1.0.0` in `gradle.properties` (Gradle),
    /// `<Version>1.0.0</Version>` in a `<PropertyGroup>` (.NET), `version: 1.0.0` (Helm), or the text `1.0.0` (VERSION).
    #[error("`{file}` has no version")]
    #[diagnostic(code("version-detect/no-version"), help("{}", add_version(*ecosystem)))]
    NoVersion {
        /// The file.
        file: String,
        /// What it belongs to.
        ecosystem: Ecosystem,
    },
    /// The version of a manifest is a number or a structure. Exit code 2.
    ///
    /// The version stands there without quotes, so its format makes a number or a structure of it: `1.10` would become
    /// `1.1`.
    #[error("the version in `{file}` is not a text")]
    #[diagnostic(code("version-detect/version-not-text"), help("write it in quotes, for example \"1.0.0\""))]
    VersionNotText {
        /// The file.
        file: String,
        /// Where.
        place: Place,
    },
    /// A version refers to something that has no value. Exit code 2.
    ///
    /// The version refers to a property, a workspace or a parent that does not define it, or that lies outside the
    /// repository; or the files say how it is computed, and only the build can do that.
    ///
    /// Define it where the reason looks for it, write the version itself, or ask the ecosystem's own tool with
    /// `version-command`.
    #[error("the version in `{file}` comes from `{expression}`, which has no value")]
    #[diagnostic(
        code("version-detect/unresolved"),
        help("define it where the reason above looks for it, write the version itself into the {}, or ask the tool with `version-command: {}`", manifest_of(*ecosystem), example_command(*ecosystem, why))
    )]
    Unresolved {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// What has no value.
        expression: String,
        /// Why.
        why: String,
        /// What the manifest belongs to.
        ecosystem: Ecosystem,
    },
    /// A version is made from the history of Git. Exit code 2.
    ///
    /// A plugin of the build makes the version from tags and commits while it builds. The files do not tell it, and a
    /// version that stands in the manifest all the same is not the one that is published.
    ///
    /// Ask the tool with `version-command`, after a checkout with `fetch-depth: 0`. Or write the version into the manifest and
    /// remove the plugin, so that a commit has one version, whoever builds it.
    #[error("the version in `{file}` is made from Git by `{by}`")]
    #[diagnostic(
        code("version-detect/needs-git"),
        help("set `version-command: {}` and check out with `fetch-depth: 0`, or write the version into the {} and remove `{by}`", example_command(*ecosystem, by), manifest_of(*ecosystem))
    )]
    NeedsGit {
        /// The file that says so.
        file: String,
        /// Where.
        place: Place,
        /// What makes the version.
        by: String,
        /// What the manifest belongs to.
        ecosystem: Ecosystem,
    },
    /// The text can be no version. Exit code 2.
    ///
    /// The text holds something that no version has: a space, a quote, an expression, the epoch of a Python version; or, in a
    /// project of Python, it does not follow PEP 440. What `version-command` writes may be a message, or the rest of a command line:
    /// without a shell `|`, `&&` and `$` are plain arguments.
    ///
    /// Write a version of the form `1.0.0` or `1.1.0-SNAPSHOT` (in Python `1.1.0.dev0`), or make the command write one.
    #[error("`{text}` in `{}` is not a version", .location.file)]
    #[diagnostic(code("version-detect/not-a-version"), help("{}", written_version(location)))]
    NotAVersion {
        /// The text.
        text: String,
        /// Where it is written.
        location: Location,
        /// Why.
        why: String,
    },
    /// The command that tells the version failed. Exit code 1.
    ///
    /// The program of `version-command` could not be started, or it ended with an error; the last lines that it wrote to
    /// standard error are shown.
    ///
    /// Install the program in a step before this one, and run the command by hand in `working-directory`: it is started
    /// without a shell, so it knows no pipes and no variables, and without the secrets of the run.
    #[error("the command `{command}` failed")]
    #[diagnostic(
        code("version-detect/command-failed"),
        help(
            "run it by hand in `working-directory`; it is started without a shell and without the secrets of the run"
        )
    )]
    CommandFailed {
        /// The command.
        command: String,
        /// Why.
        why: String,
    },
    /// The command's program is not there. Exit code 2.
    ///
    /// No folder of `PATH` has the program that `version-command` begins with, or no file is at its path: a typing error, or the
    /// tool is installed in a step after this one. So it is, too, where the interpreter is missing that its first line names.
    ///
    /// Install it in a step before this one, or correct its name. A path such as `./gradlew` begins at `working-directory`.
    #[error("there is no program `{program}`{}", if program.contains('/') { "" } else { " on the PATH" })]
    #[diagnostic(
        code("version-detect/command-missing"),
        help(
            "install it in a step before this one, or correct `version-command`: its first word is a program, and a path begins at `working-directory`"
        )
    )]
    CommandMissing {
        /// The program.
        program: String,
    },
    /// The output of the command is no version. Exit code 2.
    ///
    /// Standard output holds no line, or several: a build tool's messages stand between.
    ///
    /// Make the command write the version and nothing else (`mvn -q ... -DforceStdout`), or a line `version: 1.0.0`.
    #[error("the output of `{command}` is not one line")]
    #[diagnostic(
        code("version-detect/command-output"),
        help("make it write the version alone to standard output, or a line such as `version: 1.0.0`")
    )]
    CommandOutput {
        /// The command.
        command: String,
        /// Why.
        why: String,
    },
    /// The command did not end in time. Exit code 4.
    ///
    /// The command waits for something, a download or an answer that nobody gives. It was ended, with the programs that it
    /// started.
    ///
    /// Run the tool once in a step before this one, so that it has fetched what it needs, or raise `version-command-timeout`.
    #[error("the command `{command}` did not end within {} s", limit.as_secs())]
    #[diagnostic(
        code("version-detect/command-timed-out"),
        help("let a step before this one fetch what the tool needs, or raise `version-command-timeout`")
    )]
    CommandTimedOut {
        /// The command.
        command: String,
        /// The limit.
        limit: std::time::Duration,
    },
    /// Two manifests of a folder have different versions. Exit code 2.
    ///
    /// Two manifests of the folder carry versions that differ: mostly one of them was forgotten when the version was
    /// raised.
    #[error("`{first}` says `{first_version}` and `{second}` says `{second_version}`")]
    #[diagnostic(
        code("version-detect/ambiguous"),
        help("make them agree, or choose one with `manifest: {first_name}` or `manifest: {second_name}`")
    )]
    Ambiguous {
        /// The first manifest, with its line.
        first: String,
        /// The first manifest's name.
        first_name: String,
        /// Its version.
        first_version: String,
        /// The second manifest, with its line.
        second: String,
        /// The second manifest's name.
        second_name: String,
        /// Its version.
        second_version: String,
        /// Where the second version is written.
        location: Location,
    },
    /// The branch needs a version of another form. Exit code 2.
    ///
    /// The stable branch takes only stable versions (`1.0.0`), the snapshot branch only snapshots (`1.1.0-SNAPSHOT`).
    /// Mostly the commit that raises the version was not merged, or the merge went in the wrong direction.
    ///
    /// Write the version that the help suggests at the line that the annotation points at, and push.
    #[error("branch `{branch}` needs a {} version, and `{}` says `{version}`", .form.name(), .location.file)]
    #[diagnostic(code("version-detect/wrong-version"), help("write `{suggestion}` {}", written_in(location)))]
    WrongVersion {
        /// The branch.
        branch: String,
        /// The form it needs.
        form: Form,
        /// The version.
        version: String,
        /// Why it is not of that form.
        why: String,
        /// What to write.
        suggestion: String,
        /// Where the version is written.
        location: Location,
    },
    /// A version is lower than one that was released. Exit code 2.
    ///
    /// The repository has the tag of a higher version, and a branch goes upwards only: mostly a slip, or a merge of
    /// an old branch. `latest`, and whoever takes the newest version, would stay with the higher one. A snapshot counts as the
    /// release that it becomes, a prerelease as what stands before its release. A run that a later commit's release has overtaken is only
    /// late: it publishes nothing, and the log says why.
    ///
    /// Write a version above the highest release. A correction of an older version is released from a branch of its own, which
    /// `maintenance-branch` names, or a rule of `slipway.toml` with `line = true`.
    #[error("`{version}` is lower than `{highest}`, which is released")]
    #[diagnostic(
        code("version-detect/downgrade"),
        help("write `{suggestion}` {}, or {}", written_in(location), lower_release(*form))
    )]
    Downgrade {
        /// The version.
        version: String,
        /// The highest release.
        highest: String,
        /// What to write.
        suggestion: String,
        /// The form of version that the branch takes.
        form: Form,
        /// Where the version is written.
        location: Location,
    },
    /// A release has a snapshot for its parent. Exit code 2.
    ///
    /// A snapshot is replaced with every build of it, so the same commit would give other artifacts tomorrow, and none once
    /// the repository of artifacts has cleaned up.
    ///
    /// Release the parent first, and write its version where the annotation points at; or name it in `allow-snapshots` of
    /// `slipway.toml`.
    #[error("the release `{version}` has the parent `{name}` `{used_version}`")]
    #[diagnostic(
        code("version-detect/snapshot-parent"),
        help("release the parent first, and write its version {}; {}", written_in(location), allowing(name, more))
    )]
    SnapshotParent {
        /// The project's version.
        version: String,
        /// The parent.
        name: String,
        /// Its version.
        used_version: String,
        /// Where that is written.
        location: Location,
        /// The other snapshots, each with its place.
        others: Vec<String>,
        /// The names of the others.
        more: Vec<String>,
    },
    /// A release is built with a snapshot. Exit code 2.
    ///
    /// A dependency or a plugin is a snapshot, which is replaced with every build of it: the same commit would give other
    /// artifacts tomorrow. What a snapshot is, and where it is looked for, is in the action's README.
    ///
    /// Release the dependency first, and write its version where the annotation points at; `why` names the others. One that has to
    /// be a snapshot is named in `allow-snapshots` of `slipway.toml`.
    #[error("the release `{version}` has the {kind} `{name}` `{used_version}`")]
    #[diagnostic(
        code("version-detect/snapshot-dependency"),
        help("release the {kind} first, and write its version {}; {}", written_in(location), allowing(name, more))
    )]
    SnapshotDependency {
        /// The project's version.
        version: String,
        /// `dependency` or `plugin`.
        kind: &'static str,
        /// What is used.
        name: String,
        /// Its version.
        used_version: String,
        /// Where that is written.
        location: Location,
        /// The other snapshots, each with its place.
        others: Vec<String>,
        /// The names of the others.
        more: Vec<String>,
    },
    /// A push goes back to a version that was released. Exit code 2.
    ///
    /// The change sets the version to one that a commit before it was released with, or one of another line: a revert, or a merge of an old
    /// branch. Two different builds would share one version. A release of the change's own commits, or of a later run that overtook this
    /// one, is none: then nothing is published, and the log says why.
    ///
    /// Write a version that was never released at the line that the annotation points at.
    #[error("this push changes the version from `{before}` to `{version}`, which was released from another commit")]
    #[diagnostic(
        code("version-detect/version-reused"),
        help("write `{suggestion}` {}: a version is released once", written_in(location))
    )]
    VersionReused {
        /// The version.
        version: String,
        /// The version before the push.
        before: String,
        /// The commit that was released.
        commit: String,
        /// What to write.
        suggestion: String,
        /// Where the version is written.
        location: Location,
    },
    /// The commit to compare with is not in the repository. Exit code 2.
    ///
    /// `base` names a commit that GitHub does not have: a typing error, a commit of another repository or one that was never pushed, or one
    /// that a push by force left behind and that GitHub has forgotten. No other commit stands for it: what lies between would not be built.
    ///
    /// Write the full hash of a commit that was pushed. Without `base` a push is compared with the branch before it.
    #[error("the repository has no commit {commit}, which `base` names")]
    #[diagnostic(
        code("version-detect/base-unknown"),
        help(
            "write the full hash of a commit that was pushed, or leave `base` out to compare with the branch before the push"
        )
    )]
    BaseUnknown {
        /// The commit.
        commit: String,
    },
    /// `slipway.toml` cannot be used. Exit code 2.
    ///
    /// The file is no TOML, or a value in it cannot be: the message says which, and what may stand there.
    ///
    /// Correct the line that the annotation points at; `docs/reference/slipway-toml.md` describes every key.
    #[error("`{file}` cannot be used: {reason}")]
    #[diagnostic(code("version-detect/config-malformed"), help("fix line {}, column {}", place.line, place.column))]
    ConfigMalformed {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// `slipway.toml` has a key that nobody reads. Exit code 2.
    ///
    /// A typing error in a key would be taken for nothing, so it is refused.
    ///
    /// Write the key that the help names, or remove the line.
    #[error("`{file}` has the key `{key}`, which means nothing there")]
    #[diagnostic(code("version-detect/config-unknown-key"), help("{advice}"))]
    ConfigUnknownKey {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// What was meant, or could be.
        advice: String,
    },
    /// A component has a name that no component has. Exit code 2.
    ///
    /// The input `component`, or a `depends-on` of `slipway.toml`, names a component that the file does not have and that is not
    /// discovered.
    ///
    /// Write the name as the file has it, or the name of the folder for a component that is discovered.
    #[error("there is no component `{name}`")]
    #[diagnostic(code("version-detect/component-unknown"), help("{advice}"))]
    ComponentUnknown {
        /// The name.
        name: String,
        /// Which ones there are.
        advice: String,
        /// Where it is written; `None` for the input.
        location: Option<Location>,
    },
    /// Two components share a name, the tags or a folder. Exit code 2.
    ///
    /// Each component needs tags and a manifest of its own, or the release of one would be taken for one of the other. One that is
    /// discovered is called by its path, so a new folder may take a name that is there.
    ///
    /// Give one of them another `name`, a `tag-prefix` that no other has, or a `manifest` of its own in the folder that they share.
    /// For one that is discovered, write a `[[component]]` that says so.
    #[error("the {what} `{text}` is that of the component in `{first}`, too")]
    #[diagnostic(
        code("version-detect/component-overlap"),
        help("give one of them a `[[component]]` with another `name`, `tag-prefix` or `manifest`")
    )]
    ComponentOverlap {
        /// What they share.
        what: &'static str,
        /// What that is.
        text: String,
        /// The folder of the other one.
        first: String,
        /// Where the second one is written.
        location: Location,
    },
    /// A folder that was discovered gives a component no name. Exit code 2.
    ///
    /// A name becomes part of tags and of a matrix: it has letters, digits and `._-`, 64 at most, begins with a letter or a digit,
    /// and is one that Git takes for a tag.
    ///
    /// Write a `[[component]]` with the folder as its `path` and a `name`.
    #[error("the component in `{folder}` cannot be called `{name}`: {why}")]
    #[diagnostic(
        code("version-detect/component-name"),
        help("write a `[[component]]` with the path `{folder}` and a `name`")
    )]
    ComponentName {
        /// The folder.
        folder: String,
        /// The name that its path gives.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An input has no effect on what the run is about. Exit code 2.
    ///
    /// `manifest`, `version-command` and `tag-prefix` say something of one project, and the run is about all components of
    /// `slipway.toml`; or the component has other tags there. What has no effect would be taken for what was meant.
    ///
    /// Leave the input out, name a component with `component`, or write it into `slipway.toml`.
    #[error("the input `{input}` says nothing of {about}")]
    #[diagnostic(code("version-detect/input-unused"), help("{advice}"))]
    InputUnused {
        /// The input.
        input: &'static str,
        /// What the run is about.
        about: String,
        /// What to do.
        advice: String,
    },
    /// Components depend on each other in a circle. Exit code 2.
    ///
    /// Nothing of the circle can be built first.
    ///
    /// Remove one `depends-on` of the circle: mostly what both need belongs into a component of its own.
    #[error("the components {} depend on each other in a circle", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> "))]
    #[diagnostic(code("version-detect/component-cycle"), help("remove one `depends-on` of the circle"))]
    ComponentCycle {
        /// The names, the first one at the end once more.
        names: Vec<String>,
        /// Where the first one is written.
        location: Option<Location>,
    },
    /// There are too many components, or too many files to look for them. Exit code 2.
    ///
    /// A repository may have 2,000 components, and they are looked for among 200,000 files and folders.
    ///
    /// Name the folders with `[discover] folders`, so that the others are not gone into.
    #[error("there are {what} to look for components in")]
    #[diagnostic(code("version-detect/too-many-components"), help("name fewer folders with `[discover] folders`"))]
    TooManyComponents {
        /// What there are.
        what: String,
    },
    /// Components have problems. Exit code 2.
    ///
    /// Each problem is named with its component, its file and line, and what to do: all of them at once.
    ///
    /// Correct them in any order; the code of each one has its own section on this page.
    #[error("{}", counted(problems))]
    #[diagnostic(code("version-detect/components"), help("{}", mended(problems)))]
    Components {
        /// The problems.
        problems: Vec<Problem>,
    },
    /// A version's tag was pushed, and the manifest has another version. Exit code 2.
    ///
    /// Somebody pushed a version tag by hand to a commit whose manifest carries another version.
    ///
    /// Delete the tag and tag the commit whose manifest carries the tag's version, or let `create-tag` create it.
    #[error("the tag `{tag}` stands for `{tagged}`, and `{}` says `{version}`", .location.file)]
    #[diagnostic(
        code("version-detect/tag-mismatch"),
        help("delete the tag and tag the commit whose {} says `{tagged}`, or let `create-tag` do it", location.file)
    )]
    TagMismatch {
        /// The tag.
        tag: String,
        /// The version in its name.
        tagged: String,
        /// The manifest's version.
        version: String,
        /// Where the version is written.
        location: Location,
    },
    /// A pull request shall be tagged. Exit code 2.
    ///
    /// `create-tag` is set in a run of a pull request. Its merge commit vanishes when the pull request is merged, and
    /// the tag would not.
    #[error("a pull request is not tagged")]
    #[diagnostic(
        code("version-detect/create-tag-on-pull-request"),
        help("set `create-tag` in the workflow of the pushes, or add `if: github.event_name == 'push'` to the step")
    )]
    CreateTagOnPull,
    /// A commit shall be tagged without a token. Exit code 2.
    ///
    /// A tag is created through GitHub's API, and there is no token to call it with.
    #[error("a tag cannot be created without a token for the repository")]
    #[diagnostic(
        code("version-detect/create-tag-needs-token"),
        help("leave `github-token` at its default, or in a plain shell set GITHUB_TOKEN and GITHUB_REPOSITORY")
    )]
    CreateTagNeedsToken,
    /// The commit to tag is not known. Exit code 2.
    ///
    /// `GITHUB_SHA` is not set: the command runs in a plain shell, outside of a Git repository.
    #[error("the commit to tag is not known")]
    #[diagnostic(
        code("version-detect/create-tag-needs-commit"),
        help("GITHUB_SHA must name it; a runner sets it, in a plain shell run the command inside the repository")
    )]
    CreateTagNeedsCommit,
    /// The commit to tag is not the run's. Exit code 2.
    ///
    /// A step has checked out another commit than the one that started the run: with `ref` of `actions/checkout`, or by a commit of
    /// its own. The run's branch speaks for the run's commit alone, and the version was read from the other one.
    ///
    /// Leave `ref` out, so that the run's own commit is checked out. Where another one is wanted, name the branch that it is of with
    /// `branch`: then that commit is tagged.
    #[error("commit {checked_out} is checked out, and the run is about {run}")]
    #[diagnostic(
        code("version-detect/other-commit"),
        help("check out the run's own commit, or name the branch of the one that is checked out with `branch`")
    )]
    OtherCommit {
        /// The run's commit.
        run: String,
        /// The commit that is checked out.
        checked_out: String,
    },
    /// Some tags were created, and others were not. Exit code 1; 130 when the run was cancelled, 4 when GitHub did
    /// not answer in time.
    ///
    /// Each component's tag is a call of its own. Those that were created stay, and where one was at another commit already, the others
    /// were created all the same.
    ///
    /// Do what the cause says, and run it again: a tag at the same commit is found done.
    #[error("{} of {} tags were created", created.len(), created.len() + left.len())]
    #[diagnostic(
        code("version-detect/tags-left"),
        help("{}; then run it again: what is there is found done", help_of(source))
    )]
    TagsLeft {
        /// The tags that are there now.
        created: Vec<String>,
        /// Those that are not.
        left: Vec<String>,
        /// The first cause.
        source: Box<Error>,
    },
    /// The version was released from another commit. Exit code 1.
    ///
    /// This version was released from another commit before. A tag that moves would make two different builds share one
    /// version.
    ///
    /// Raise the version in the manifest. Where a re-run should only do nothing, run the step with `if:
    /// steps.version.outputs.publish == 'true'`.
    #[error("the tag `{tag}` is at commit {there}, not at {here}")]
    #[diagnostic(
        code("version-detect/tag-elsewhere"),
        help(
            "write `{suggestion}` {}, or run this step only where the output `publish` is `true`; a tag is never moved",
            written_in(location)
        )
    )]
    TagElsewhere {
        /// The tag.
        tag: String,
        /// The commit it is at.
        there: String,
        /// The commit that was to be tagged.
        here: String,
        /// What to write.
        suggestion: String,
        /// Where the version is written.
        location: Location,
    },
    /// The run was cancelled between two steps. Exit code 130.
    ///
    /// A person cancelled the job, or a newer run of the same `concurrency:` group did. A tag that was created by then stays.
    ///
    /// Run it again: a tag at the same commit is found done.
    #[error("cancelled before `{tag}` was created")]
    #[diagnostic(code("version-detect/cancelled"), help("re-running is safe: a tag at the same commit is found done"))]
    Cancelled {
        /// The tag.
        tag: String,
    },
    /// The image tag rules give nothing usable. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    ImageTags(#[from] image_ref::ReleaseTagsError),
    /// The event's payload cannot be used. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Context(#[from] ContextError),
    /// GitHub's API refused or failed. Exit codes as the error says, 1 mostly.
    #[error(transparent)]
    #[diagnostic(transparent)]
    GitHub(#[from] GitHubError),
}

impl Error {
    /// The error that two manifests disagree.
    pub(crate) fn ambiguous(first: &Found, second: &Found) -> Self {
        let name = |found: &Found| found.manifest.rsplit('/').next().unwrap_or_default().to_owned();
        let place = |found: &Found| format!("{}:{}", found.file, found.place.line);
        Self::Ambiguous {
            first: place(first),
            first_name: name(first),
            first_version: first.version.clone(),
            second: place(second),
            second_name: name(second),
            second_version: second.version.clone(),
            location: location(&second.file, second.place),
        }
    }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::GitHub(error) => error.exit_code(),
            Self::TagsLeft { source, .. } => source.exit_code(),
            Self::TagElsewhere { .. } | Self::CommandFailed { .. } => ExitCode::Failed,
            Self::CommandTimedOut { .. } => ExitCode::TimedOut,
            Self::Cancelled { .. } => ExitCode::Cancelled,
            Self::FolderMissing { .. }
            | Self::NoManifest { .. }
            | Self::ManifestMissing { .. }
            | Self::ConfigMissing { .. }
            | Self::WorkflowMissing { .. }
            | Self::OutsideRepository { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::TooMuch { .. }
            | Self::Malformed { .. }
            | Self::NoVersion { .. }
            | Self::VersionNotText { .. }
            | Self::Unresolved { .. }
            | Self::NeedsGit { .. }
            | Self::NotAVersion { .. }
            | Self::CommandMissing { .. }
            | Self::CommandOutput { .. }
            | Self::Ambiguous { .. }
            | Self::WrongVersion { .. }
            | Self::Downgrade { .. }
            | Self::SnapshotParent { .. }
            | Self::SnapshotDependency { .. }
            | Self::VersionReused { .. }
            | Self::BaseUnknown { .. }
            | Self::ConfigMalformed { .. }
            | Self::ConfigUnknownKey { .. }
            | Self::ComponentUnknown { .. }
            | Self::ComponentOverlap { .. }
            | Self::ComponentCycle { .. }
            | Self::ComponentName { .. }
            | Self::InputUnused { .. }
            | Self::OtherCommit { .. }
            | Self::TooManyComponents { .. }
            | Self::Components { .. }
            | Self::TagMismatch { .. }
            | Self::CreateTagOnPull
            | Self::CreateTagNeedsToken
            | Self::CreateTagNeedsCommit
            | Self::Context(_)
            | Self::ImageTags(_) => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::GitHub(error) => error.why(),
            Self::Unreadable { source, .. } => Some(source.to_string()),
            Self::Unresolved { why, .. }
            | Self::NotAVersion { why, .. }
            | Self::CommandFailed { why, .. }
            | Self::CommandOutput { why, .. }
            | Self::WrongVersion { why, .. } => Some(why.clone()),
            Self::NeedsGit { .. } => {
                Some("it depends on tags and commits, which a shallow checkout does not have".to_owned())
            }
            Self::Components { problems } => Some(listed(problems)),
            Self::TagsLeft { created, left, source } => {
                let cause = source.why().map_or_else(String::new, |why| format!(": {why}"));
                Some(format!("{source}{cause}\ncreated: {}\nleft: {}", named(created), named(left)))
            }
            Self::OtherCommit { .. } => Some("the run's branch says nothing of that other commit".to_owned()),
            Self::VersionReused { commit, .. } => Some(format!("commit {commit} has the tag of that version")),
            Self::TagElsewhere { .. } => Some("the version was released from that other commit before".to_owned()),
            Self::SnapshotParent { others, .. } | Self::SnapshotDependency { others, .. } => Some(
                std::iter::once(
                    "a snapshot is replaced with every build of it, so this commit would not build the same again",
                )
                .chain(others.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("\nalso "),
            ),
            Self::CreateTagOnPull => {
                Some("its merge commit vanishes when the pull request is merged, and the tag would not".to_owned())
            }
            _ => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Malformed { file, place, .. }
            | Self::VersionNotText { file, place }
            | Self::Unresolved { file, place, .. }
            | Self::ConfigMalformed { file, place, .. }
            | Self::ConfigUnknownKey { file, place, .. }
            | Self::NeedsGit { file, place, .. } => Some(location(file, *place)),
            Self::TagsLeft { source, .. } => source.location(),
            Self::FolderMissing { location, .. }
            | Self::ComponentUnknown { location, .. } | Self::ComponentCycle { location, .. } => location.clone(),
            Self::Components { problems } => problems.iter().find_map(|problem| problem.location.clone()),
            Self::NoVersion { file, .. } | Self::TooLarge { file } | Self::TooMuch { file, .. } => {
                Some(Location::file(file))
            }
            Self::Ambiguous { location, .. }
            | Self::WrongVersion { location, .. }
            | Self::Downgrade { location, .. }
            | Self::SnapshotParent { location, .. }
            | Self::SnapshotDependency { location, .. }
            | Self::VersionReused { location, .. }
            | Self::ComponentOverlap { location, .. }
            | Self::TagMismatch { location, .. }
            | Self::TagElsewhere { location, .. }
            // What a command says stands in no file.
            | Self::NotAVersion { location, .. } => location.line.map(|_| location.clone()),
            _ => None,
        }
    }
}

/// The nearest of the names that are known, as an advice; else what there is.
pub(crate) fn nearest(name: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    match near {
        None => "there is no `slipway.toml` with components: add one, or leave `component` out".to_owned(),
        Some((distance, known)) if distance <= 3 && distance < known.len() => format!("did you mean `{known}`?"),
        Some(_) => {
            let shown: Vec<String> = known.iter().take(20).map(|known| format!("`{known}`")).collect();
            let rest = if known.len() > 20 { ", ..." } else { "" };
            format!("the components are {}{rest}", shown.join(", "))
        }
    }
}

/// The location of a place in a file.
pub(crate) fn location(file: &str, place: Place) -> Location {
    Location { file: file.to_owned(), line: Some(place.line), column: Some(place.column) }
}

/// The line, as the end of a phrase; nothing where there is none.
pub(crate) fn at_line(location: &Location) -> String {
    location.line.map_or_else(String::new, |line| format!(", line {line}"))
}

/// Where to write a version, as the end of a phrase.
fn written_in(location: &Location) -> String {
    match location.line {
        Some(_) => format!("in {}{}", location.file, at_line(location)),
        None => format!("where `{}` takes it from", location.file),
    }
}

/// Names, as a list; a dash where there is none.
fn named(names: &[String]) -> String {
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

/// What an error says to do.
fn help_of(error: &Error) -> String {
    miette::Diagnostic::help(error).map_or_else(|| "do what its cause says".to_owned(), |help| help.to_string())
}
