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
