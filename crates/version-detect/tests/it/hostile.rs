//! Hostile values change nothing but text.

use std::time::Duration;

use testkit::bomb::Bomb;
use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner};

use crate::{REPOSITORY, on_branch, package, run, runner};

fn refused(name: &str, text: &str) -> testkit::RunOutput {
    let server = FakeGitHub::start().unwrap();
    let output = run(&runner(&server).file(name, text));
    output.assert_code(2);
    assert!(output.outputs.is_empty());
    assert!(server.requests().is_empty());
    output
}

#[test]
fn a_branch_that_is_a_command_is_text() {
    let server = FakeGitHub::start().unwrap();
    let runner = on_branch(&server, "$(touch x)`id`</details>").file("VERSION", "1.0.0");
    let output = run(&runner);
    output.assert_code(0);
    assert!(!runner.workspace().join("x").exists());
    let tag = &output.outputs["image-tags"];
    assert!(tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{tag}");
}

#[test]
fn a_version_with_a_newline_or_an_escape_is_none() {
    for version in ["1.0.0\\n::error::x", "1.0.0\\u001b[31m", "1.0.0 ", "../../etc", "$(touch x)", "<b>"] {
        let output = refused("package.json", &package(version));
        assert!(
            output.stdout.contains("title=version-detect/not-a-version,file=package.json,line=3,col=14"),
            "{}",
            output.stdout
        );
        assert!(!output.stdout.contains('\u{1b}') && !output.stderr.contains('\u{1b}'));
        assert!(!output.stdout.lines().any(|line| line.starts_with("::error::")), "{}", output.stdout);
    }
}

#[test]
fn files_outside_the_repository_are_not_read() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("VERSION"), "6.6.6").unwrap();
    let path = outside.path().to_str().unwrap();
    let up = "../".repeat(20);
    let inside = |name: &str, value: String| run(&FakeRunner::new().input(name, &value));
    for output in [
        inside("working-directory", path.to_owned()),
        inside("working-directory", format!("{up}{path}")),
        inside("manifest", format!("{up}{path}/VERSION")),
        inside("manifest", format!("{path}/VERSION")),
    ] {
        output.assert_code(2);
        assert!(!output.stderr.contains("6.6.6"), "{}", output.stderr);
    }
    let linked = FakeRunner::new();
    std::os::unix::fs::symlink(outside.path().join("VERSION"), linked.workspace().join("VERSION")).unwrap();
    let output = run(&linked);
    output.assert_code(2);
    let told = "version-detect/outside-repository: `VERSION` lies outside the repository";
    assert!(output.stderr.contains(told), "{}", output.stderr);
}

#[test]
fn entity_bombs_deep_nesting_and_huge_files_are_refused() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY a \"a\"><!ENTITY b \"&a;&a;&a;\">]><project><version>&b;</version></project>";
    assert!(refused("pom.xml", bomb).stderr.contains("DTD"));
    refused("pom.xml", &format!("<project>{}", "<a>".repeat(300_000)));
    refused("pom.xml", &format!("<project>{}/>", "<a ".repeat(1_300_000)));
    refused("Cargo.toml", &format!("a = {}", "[".repeat(300_000)));
    let huge = format!("{{\"version\": \"1.0.0\", \"x\": \"{}\"}}", "x".repeat(5 * 1024 * 1024));
    assert!(
        refused("package.json", &huge).stderr.contains("version-detect/too-large: `package.json` is larger than 4 MiB")
    );
}

#[test]
fn files_of_two_gigabytes_are_not_read() {
    let names = ["pyproject.toml", "setup.cfg", "setup.py", "Chart.yaml", "a.csproj", "Directory.Build.props"];
    for name in names.into_iter().chain(["gradle.properties", "build.gradle", "build.gradle.kts"]) {
        let runner = FakeRunner::new();
        let file = std::fs::File::create(runner.workspace().join(name)).unwrap();
        file.set_len(2 << 30).unwrap();
        let output = run(&runner);
        output.assert_code(2);
        let told = format!("version-detect/too-large: `{name}` is larger than 4 MiB");
        assert!(output.stderr.contains(&told), "{}", output.stderr);
    }
}

#[test]
fn what_nests_without_end_is_refused() {
    refused("pyproject.toml", &format!("a = {}", "[".repeat(300_000)));
    assert!(refused("pyproject.toml", &"[[a]]\n".repeat(200_000)).stderr.contains("it has more than 1 MiB"));
    refused("Chart.yaml", &format!("version: {}", "[".repeat(300_000)));
    refused("a.csproj", &format!("<Project>{}", "<a>".repeat(300_000)));
    refused("setup.py", &format!("setup(version={}", "(".repeat(300_000)));
    refused("build.gradle", &"a {".repeat(150_000));
    refused("build.gradle.kts", &format!("version = {}", "(".repeat(150_000)));
    let doctype =
        "<!DOCTYPE a [<!ENTITY a \"a\">]><Project><PropertyGroup><Version>&a;</Version></PropertyGroup></Project>";
    assert!(refused("a.csproj", doctype).stderr.contains("DTD"));
}

#[test]
fn a_version_that_takes_too_much_to_read_is_refused() {
    let list = vec!["\"V\""; 20].join(",");
    let project = format!(
        "[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = {{ file = [{list}] }}\n"
    );
    let runner = FakeRunner::new().file("V", " ".repeat(4 * 1024 * 1024)).file("pyproject.toml", project);
    let output = run(&runner);
    output.assert_code(2);
    assert!(output.stdout.contains("::error title=version-detect/too-much,file=V::"), "{}", output.stdout);
    let told = "the version of `pyproject.toml` takes more than 2,000 files or 64 MiB to read";
    assert!(output.stderr.contains(told), "{}", output.stderr);
}

#[test]
fn a_manifest_that_is_a_folder_or_no_text_is_refused() {
    let runner = FakeRunner::new().file("package.json/x", "1.0.0").input("manifest", "package.json");
    let output = run(&runner);
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/unreadable: `package.json` cannot be read"), "{}", output.stderr);
    let runner = FakeRunner::new().file("VERSION/x", "1.0.0");
    run(&runner).assert_code(2);
    let binary = FakeRunner::new();
    std::fs::write(binary.workspace().join("VERSION"), b"1.0.0\n\xff\xfe").unwrap();
    let output = run(&binary);
    output.assert_code(2);
    assert!(output.stdout.contains("file=VERSION,line=2"), "{}", output.stdout);
}

#[test]
fn a_hostile_repository_or_address_goes_nowhere() {
    let server = FakeGitHub::start().unwrap();
    let with = |name: &str, value: &str| run(&runner(&server).file("VERSION", "1.0.0").env(name, value));
    with("GITHUB_REPOSITORY", "../../user").assert_code(2);
    with("GITHUB_REPOSITORY", "acme/shop/../../x").assert_code(2);
    with("GITHUB_API_URL", "file:///etc/passwd").assert_code(2);
    assert!(server.requests().is_empty());
    let named = runner(&server).github("push", "refs/heads/::error::x", SHA, REPOSITORY).file("VERSION", "1.0.0");
    let output = run(&named);
    output.assert_code(0);
    assert!(!output.stdout.lines().any(|line| line.starts_with("::error")), "{}", output.stdout);
}

#[test]
fn an_answer_that_drips_for_ever_is_left() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let bomb = Bomb::dripping(head, " ", Duration::from_millis(2)).unwrap();
    let runner = FakeRunner::new()
        .api_url(bomb.url())
        .github("push", "refs/heads/main", SHA, REPOSITORY)
        .input("github-token", "ghs_x")
        .input("create-tag", "true")
        .file("VERSION", "1.0.0\n")
        // Two minutes for an answer are 120 ms.
        .env("SLIPWAY_TIME_DIVISOR", "1000");
    let output = run(&runner);
    output.assert_code(1);
    assert!(output.stderr.contains("github/timed-out"), "{}", output.stderr);
    assert!(bomb.requests() > 1, "it was asked once more");
}
