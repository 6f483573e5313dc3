//! Which file the version is read from.

use testkit::{FakeRunner, RunOutput};

use crate::run;

/// A run without a token on a branch without rules.
fn runner() -> FakeRunner {
    FakeRunner::new().github("push", "refs/heads/feature/a", testkit::runner::SHA, "acme/shop")
}

fn read(files: &[(&str, &str)], inputs: &[(&str, &str)]) -> RunOutput {
    let runner = files.iter().fold(runner(), |runner, (path, text)| runner.file(path, text));
    run(&inputs.iter().fold(runner, |runner, (name, value)| runner.input(name, value)))
}

#[track_caller]
fn check(files: &[(&str, &str)], inputs: &[(&str, &str)], version: &str, ecosystem: &str, manifest: &str) {
    let output = read(files, inputs);
    output.assert_code(0);
    let found = ["version", "ecosystem", "manifest"].map(|name| output.outputs[name].as_str());
    assert_eq!(found, [version, ecosystem, manifest]);
}

#[track_caller]
fn refused(files: &[(&str, &str)], inputs: &[(&str, &str)], annotation: &str, words: &str) {
    let output = read(files, inputs);
    output.assert_code(2);
    assert!(output.stdout.contains(annotation), "{annotation}: {}", output.stdout);
    assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
}

#[test]
fn each_kind_of_manifest_is_read() {
    check(&[("package.json", "\u{FEFF}{\"version\": \"1.0.0\"}")], &[], "1.0.0", "npm", "package.json");
    check(
        &[("pom.xml", "\u{FEFF}<?xml version=\"1.0\"?>\r\n<project><version>1.0.0</version></project>")],
        &[],
        "1.0.0",
        "maven",
        "pom.xml",
    );
    check(&[("Cargo.toml", "\u{FEFF}[package]\r\nversion = \"1.0.0\"\r\n")], &[], "1.0.0", "cargo", "Cargo.toml");
    check(&[("VERSION", "\u{FEFF}v1.0.0\r\n")], &[], "1.0.0", "plain", "VERSION");
    check(
        &[("a/b/version.txt", "1.0.0")],
        &[("working-directory", "a"), ("manifest", "b/version.txt")],
        "1.0.0",
        "plain",
        "a/b/version.txt",
    );
}

#[test]
fn manifests_that_agree_are_one() {
    let both = [("package.json", "{\"version\": \"1.0.0\"}"), ("VERSION", "1.0.0")];
    check(&both, &[], "1.0.0", "npm", "package.json");
    let tooling = [("package.json", "{\"private\": true}"), ("Cargo.toml", "[package]\nversion = \"1.0.0\"")];
    check(&tooling, &[], "1.0.0", "cargo", "Cargo.toml");
}

#[test]
fn manifests_that_disagree_are_named_and_one_can_be_chosen() {
    let both = [("package.json", "{\"version\": \"1.0.0\"}"), ("VERSION", "# v\n2.0.0")];
    refused(
        &both,
        &[],
        "title=version-detect/ambiguous,file=VERSION,line=2",
        "`package.json:1` says `1.0.0` and `VERSION:2` says `2.0.0`",
    );
    check(&both, &[("manifest", "VERSION")], "2.0.0", "plain", "VERSION");
}

#[test]
fn a_crate_inherits_from_its_workspace() {
    let member = ("crates/a/Cargo.toml", "[package]\nname = \"a\"\nversion.workspace = true\n");
    let root = ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"1.2.0\"\n");
    let here = [("working-directory", "crates/a")];
    check(&[member, root], &here, "1.2.0", "cargo", "crates/a/Cargo.toml");
    check(&[root], &[], "1.2.0", "cargo", "Cargo.toml");
    let unversioned = "[package]\nname = \"a\"\n[workspace.package]\nversion = \"1.2.0\"\n";
    check(&[("Cargo.toml", unversioned)], &[], "0.0.0", "cargo", "Cargo.toml");
    let both = [("Cargo.toml", unversioned), ("VERSION", "2.0.0")];
    check(&both, &[], "2.0.0", "plain", "VERSION");
    refused(
        &[member],
        &here,
        "title=version-detect/unresolved,file=crates/a/Cargo.toml,line=3,col=1",
        "`version.workspace`, which has no value",
    );
    refused(
        &[member, ("Cargo.toml", "[workspace]\n")],
        &here,
        "line=3",
        "Cargo.toml has no `workspace.package.version`",
    );
}

#[test]
fn a_module_inherits_from_its_parent() {
    let child = "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>${revision}</version></parent></project>";
    let parent = "<project>\n<groupId>g</groupId><artifactId>p</artifactId><version>${revision}</version>\n<properties><revision>1.3.0</revision></properties></project>";
    let here = [("working-directory", "app")];
    check(&[("app/pom.xml", child), ("pom.xml", parent)], &here, "1.3.0", "maven", "app/pom.xml");
    check(
        &[("app/pom.xml", child), (".mvn/maven.config", "-Drevision=1.4.0\n")],
        &here,
        "1.4.0",
        "maven",
        "app/pom.xml",
    );
    let stranger = parent.replace("<artifactId>p<", "<artifactId>q<");
    refused(
        &[("app/pom.xml", child), ("pom.xml", &stranger)],
        &here,
        "file=app/pom.xml,line=1",
        "`${revision}`, which has no value",
    );
}

#[test]
fn a_distribution_of_python_has_the_version_of_its_backend() {
    let project = "[build-system]\nbuild-backend = \"setuptools.build_meta\"\n[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = { attr = \"a.__version__\" }\n";
    let files = [("pyproject.toml", project), ("a/__init__.py", "import os\n__version__ = \"1.3.0\"\n")];
    check(&files, &[], "1.3.0", "python", "pyproject.toml");
    let files = [("pyproject.toml", project), ("a/__init__.py", "__version__ = f()\n")];
    let annotation = "title=version-detect/unresolved,file=a/__init__.py,line=1,col=15";
    refused(&files, &[], annotation, "comes from `f()`, which has no value");
}

#[test]
fn a_version_of_python_has_its_own_spelling_and_no_epoch() {
    let project = |version: &str| format!("[project]\nname = \"a\"\nversion = \"{version}\"\n");
    check(&[("pyproject.toml", &project("1.0.0dev2"))], &[], "1.0.0.dev2", "python", "pyproject.toml");
    let annotation = "title=version-detect/not-a-version,file=pyproject.toml,line=3,col=11";
    refused(
        &[("pyproject.toml", &project("1!2.0"))],
        &[],
        annotation,
        "an epoch, the part before `!`, can be in no image tag",
    );
    refused(&[("pyproject.toml", &project("1.0.0-SNAPSHOT"))], &[], annotation, "write `1.0.0.dev0`");
    refused(&[("pyproject.toml", &project("1.0.0-SNAPSHOT"))], &[], annotation, "(in Python 1.1.0.dev0)");
}

#[test]
fn a_lock_that_has_another_version_is_a_warning() {
    let package = ("package.json", "{\n\"version\": \"1.0.0\"}");
    let lock = |version: &str| {
        format!("{{\n\"version\": \"{version}\", \"packages\": {{\"\": {{\"version\": \"{version}\"}}}}}}")
    };
    let output = read(&[package, ("package-lock.json", &lock("0.9.0"))], &[]);
    output.assert_code(0);
    assert_eq!(output.outputs["version"], "1.0.0");
    let told = "::warning title=version-detect,file=package.json,line=2,col=12::The version in package-lock.json, line 2, is 0.9.0, and in package.json it is 1.0.0";
    assert!(output.stdout.contains(told), "{}", output.stdout);
    let output = read(&[package, ("package-lock.json", &lock("1.0.0"))], &[]);
    assert!(!output.stdout.contains("::warning"), "{}", output.stdout);
    let huge = format!("{}{}", lock("0.9.0"), " ".repeat(5 * 1024 * 1024));
    assert!(
        read(&[package, ("package-lock.json", &huge)], &[]).stdout.contains("::warning"),
        "only its beginning is read"
    );
}

#[test]
fn what_only_git_or_a_tool_knows_is_named() {
    let pom = ("pom.xml", "<project><version>0</version></project>");
    let git = "<extensions><extension>\n<artifactId>jgitver-maven-plugin</artifactId></extension></extensions>";
    refused(
        &[pom, (".mvn/extensions.xml", git)],
        &[],
        "title=version-detect/needs-git,file=.mvn/extensions.xml,line=2,col=1",
        "the version in `.mvn/extensions.xml` is made from Git by `jgitver-maven-plugin`",
    );
}

#[test]
fn a_build_of_gradle_has_the_version_that_its_files_tell() {
    let root =
        ("build.gradle.kts", "allprojects {\n  group = \"g\"\n  version = providers.gradleProperty(\"v\").get()\n}\n");
    let files = [
        root,
        ("settings.gradle.kts", "include(\"a\")"),
        ("gradle.properties", "v=1.3.0\n"),
        ("a/build.gradle.kts", ""),
    ];
    check(&files, &[], "1.3.0", "gradle", "build.gradle.kts");
    check(&files, &[("working-directory", "a")], "1.3.0", "gradle", "a/build.gradle.kts");
    let named = [("gradle.properties", "version=1.4.0"), ("build.gradle", "version = f()")];
    check(&named, &[("manifest", "gradle.properties")], "1.4.0", "gradle", "gradle.properties");
    let annotation = "title=version-detect/unresolved,file=build.gradle,line=1,col=11";
    refused(&named, &[], annotation, "comes from `f()`, which has no value");
    refused(&named, &[], annotation, "`version-command: ./gradlew -q properties --property version`");
    let git = [("build.gradle", "plugins {\n  id 'nebula.release' version '20.0.0'\n}\n")];
    refused(
        &git,
        &[],
        "title=version-detect/needs-git,file=build.gradle,line=2,col=6",
        "made from Git by `nebula.release`",
    );
}

#[test]
fn a_command_tells_what_files_do_not() {
    let with = |command: &str| read(&[("package.json", "{}")], &[("version-command", command)]);
    let output = with("printf '%s\\n' 1.2.0-rc.1");
    output.assert_code(0);
    let found = ["version", "ecosystem", "manifest"].map(|name| output.outputs[name].as_str());
    assert_eq!(found, ["1.2.0-rc.1", "command", ""]);
    let failing = with("sh -c 'echo no tags >&2; exit 3'");
    failing.assert_code(1);
    assert!(failing.stdout.contains("::error title=version-detect/command-failed::"), "{}", failing.stdout);
    assert!(failing.stderr.contains("exit status: 3") && failing.stderr.contains("no tags"), "{}", failing.stderr);
    let missing = with("no-such-program-here");
    missing.assert_code(2);
    assert!(missing.stdout.contains("::error title=version-detect/command-missing::"), "{}", missing.stdout);
    assert!(missing.stderr.contains("there is no program `no-such-program-here` on the PATH"), "{}", missing.stderr);
    let piped = with("echo 1.0.0 | tr a b");
    piped.assert_code(2);
    assert!(piped.stderr.contains("it is started without a shell, so `|`"), "{}", piped.stderr);
    let waiting = [("version-command", "sleep 1000"), ("version-command-timeout", "1s")];
    let left = read(&[], &waiting);
    left.assert_code(4);
    assert!(left.stdout.contains("::error title=version-detect/command-timed-out::"), "{}", left.stdout);
    refused(
        &[],
        &[("version-command", "printf '1\\n2'")],
        "::error title=version-detect/command-output::",
        "it wrote 2 lines to standard output",
    );
    let endless = with("yes");
    endless.assert_code(1);
    assert!(endless.stderr.contains("it wrote more than 64 KiB"), "{}", endless.stderr);
    refused(
        &[],
        &[("version-command", "echo ${x}")],
        "::error title=version-detect/not-a-version::",
        "`${x}` in `echo ${x}` is not a version",
    );
    refused(&[], &[("version-command", "echo 'x")], "title=", "a quote in it does not end");
    refused(&[], &[("version-command", "echo 1"), ("manifest", "VERSION")], "title=", "together with `manifest`");
}

#[test]
fn a_command_sees_no_secret_and_the_rules_hold_for_what_it_says() {
    let secret = runner().env("ACTIONS_RUNTIME_TOKEN", "x").env("AWS_SECRET_ACCESS_KEY", "x");
    let command = "sh -c 'env | grep -cE \"^(GITHUB_TOKEN|INPUT_|AWS_|ACTIONS_)\"; true'";
    assert_eq!(run(&secret.input("version-command", command)).outputs["version"], "0");
    // Nor what any other step's variable is called, nor the files through which this step speaks.
    let step = || runner().env("NPM_TOKEN", "1.0.0-s3cr3t").env("GITHUB_RUN_NUMBER", "7");
    let says = |name: &str| step().input("version-command", &format!("sh -c 'echo 1.0.0-x${name}'"));
    assert_eq!(run(&says("NPM_TOKEN")).outputs["version"], "1.0.0-x");
    assert_eq!(run(&says("GITHUB_RUN_NUMBER")).outputs["version"], "1.0.0-x7");
    for name in ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"] {
        let empty = format!("sh -c 'test -z \"${name}\" && echo 1.0.0'");
        let output = run(&step().env("GITHUB_STATE", "/tmp/state").input("version-command", &empty));
        assert_eq!(output.outputs["version"], "1.0.0", "{name}");
        let asked = run(&step().input("version-command", "echo 1.0.0").input("version-command-env", name));
        asked.assert_code(2);
    }
    let passed =
        step().input("version-command", "sh -c 'echo $NPM_TOKEN'").input("version-command-env", "OTHER\nNPM_TOKEN");
    assert_eq!(run(&passed).outputs["version"], "1.0.0-s3cr3t");
    run(&step().input("version-command", "echo 1.0.0").input("version-command-env", "A B")).assert_code(2);
    let ruled = FakeRunner::new().github("push", "refs/heads/main", testkit::runner::SHA, "acme/shop");
    let output = run(&ruled.input("version-command", "echo 1.0.0-SNAPSHOT"));
    output.assert_code(2);
    assert!(output.stdout.contains("::error title=version-detect/wrong-version::"), "{}", output.stdout);
    assert!(output.stderr.contains("write `1.0.0` where `echo 1.0.0-SNAPSHOT` takes it from"), "{}", output.stderr);
}

#[test]
fn what_is_missing_is_named() {
    refused(&[], &[], "::error title=version-detect/no-manifest", "` has no manifest with a version");
    refused(&[], &[], "::error title=version-detect/no-manifest", "pyproject.toml, setup.cfg, setup.py, build.gradle");
    refused(
        &[],
        &[("working-directory", "nowhere")],
        "::error title=version-detect/folder-missing",
        "`nowhere` is not a folder",
    );
    refused(
        &[],
        &[("manifest", "no.txt")],
        "::error title=version-detect/manifest-missing",
        "the manifest `no.txt` does not exist",
    );
    refused(
        &[("package.json", "{}")],
        &[("manifest", "package.jsn")],
        "::error title=version-detect/manifest-missing",
        "help: did you mean `package.json`? `manifest` is",
    );
    refused(
        &[("slipway.toml", "")],
        &[("config", "slipwy.toml")],
        "::error title=version-detect/config-missing",
        "the configuration `slipwy.toml` does not exist",
    );
    refused(
        &[("slipway.toml", "")],
        &[("config", "slipwy.toml")],
        "::error title=version-detect/config-missing",
        "help: did you mean `slipway.toml`? `config` is",
    );
    refused(
        &[("package.json", "{}")],
        &[],
        "title=version-detect/no-version,file=package.json",
        "`package.json` has no version",
    );
    refused(&[("VERSION", "\n")], &[], "file=VERSION", "`VERSION` has no version");
}

#[test]
fn what_is_broken_is_named_with_its_place() {
    refused(
        &[("package.json", "{\n  \"version\": \"1.0.0\",\n}")],
        &[],
        "title=version-detect/malformed,file=package.json,line=3,col=1",
        "trailing comma",
    );
    refused(&[("pom.xml", "<project>\n<version>1</project>")], &[], "file=pom.xml,line=2", "cannot be understood");
    refused(
        &[("Cargo.toml", "[package]\nversion = 1.0\n")],
        &[],
        "title=version-detect/version-not-text,file=Cargo.toml,line=2,col=11",
        "not a text",
    );
    refused(&[("VERSION", "1.0.0\n2.0.0\n")], &[], "file=VERSION,line=2,col=1", "a second line");
}
