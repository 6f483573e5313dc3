use crate::manifest::memory::{consulted, resolved};

#[test]
fn a_package_without_a_version_has_cargos_own() {
    let check = |text: &str, expect: &str| assert_eq!(resolved(&[("Cargo.toml", text)], "Cargo.toml"), expect);
    check("[package]\nname = \"a\"\n", "default 0.0.0@Cargo.toml:1:1");
    check("# a\n[workspace.package]\nversion = \"1.2.0\"\n[package]\nname = \"a\"\n", "default 0.0.0@Cargo.toml:4:1");
    check("[workspace]\n", "-");
}

#[test]
fn the_files_of_an_inherited_version_are_remembered() {
    let files = [
        ("a/Cargo.toml", "[package]\nversion.workspace = true\n"),
        ("Cargo.toml", "[workspace.package]\nversion = \"1.0.0\"\n"),
    ];
    assert_eq!(resolved(&files, "a/Cargo.toml"), "1.0.0@Cargo.toml:2:11");
    assert_eq!(consulted(&files, "a/Cargo.toml"), ["a/Cargo.toml", "Cargo.toml"]);
}

#[test]
fn an_excluded_package_has_another_root_or_none() {
    let member = ("x/a/Cargo.toml", "[package]\nversion.workspace = true\n");
    let root = |workspace: &str| format!("[workspace]\n{workspace}\n[workspace.package]\nversion = \"1.0.0\"\n");
    let with = |workspace: &str| resolved(&[member, ("Cargo.toml", &root(workspace))], member.0);
    let none = "?version.workspace (no folder above has a Cargo.toml whose `[workspace]` takes this package in)@x/a/Cargo.toml:2:1";
    assert_eq!(with("members = [\"x/*\"]"), "1.0.0@Cargo.toml:4:11");
    assert_eq!(with("exclude = [\"x\"]"), none);
    assert_eq!(with("exclude = [\"x/a\"]\nmembers = [\"x/*\"]"), none);
    assert_eq!(with("exclude = [\"x\"]\nmembers = [\"x/a\"]"), "1.0.0@Cargo.toml:5:11");
    assert_eq!(with("exclude = [\"x/aa\"]"), "1.0.0@Cargo.toml:4:11");
    let outer = root("exclude = [\"y\"]");
    let inner = root("exclude = [\"a\"]").replace("1.0.0", "2.0.0");
    assert_eq!(
        resolved(&[member, ("x/Cargo.toml", &inner), ("Cargo.toml", &outer)], member.0),
        "1.0.0@Cargo.toml:4:11"
    );
}

#[test]
fn a_package_names_the_workspace_of_those_below_it() {
    let root = ("ws/Cargo.toml", "[workspace.package]\nversion = \"1.0.0\"\n");
    let above = ("a/Cargo.toml", "[package]\nversion = \"9.0.0\"\nworkspace = \"../ws\"\n");
    let below = ("a/b/Cargo.toml", "[package]\nversion.workspace = true\n");
    assert_eq!(resolved(&[root, above, below], below.0), "1.0.0@ws/Cargo.toml:2:11");
}

#[test]
fn white_space_around_a_version_is_none_of_it() {
    assert_eq!(resolved(&[("Cargo.toml", "[package]\nversion = \" 1.0.0\"")], "Cargo.toml"), "1.0.0@Cargo.toml:2:11");
}
