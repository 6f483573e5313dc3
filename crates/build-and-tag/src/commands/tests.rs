use std::collections::BTreeMap;
use std::path::PathBuf;

use image_ref::{ImageReference, ImageTag};
use oci_image::Platform;

use super::*;
use crate::args::BuilderChoice;
use crate::inputs::Tagging;

fn inputs() -> Inputs {
    Inputs {
        compression: oci_image::Compression::Gzip,
        destination: None,
        context: PathBuf::from("ctx"),
        file: PathBuf::from("ctx/Dockerfile"),
        file_shown: "ctx/Dockerfile".to_owned(),
        image: ImageReference::parse("shop/web").unwrap(),
        tagging: Tagging::Given(vec![ImageTag::parse("1.0.0").unwrap()]),
        builder: BuilderChoice::Auto,
        build_args: BTreeMap::from([("TOKEN".to_owned(), "s3cret".to_owned())]),
        build_contexts: BTreeMap::new(),
        labels: BTreeMap::new(),
        target: Some("app".to_owned()),
        platform: Platform::parse("linux/arm64/v8").unwrap(),
        output: PathBuf::from("out"),
        hidden: PathBuf::from("out"),
        epoch: None,
        version: None,
        docker_config: None,
        sha: None,
        source: None,
    }
}

fn told(make: fn(&Inputs, &Details<'_>) -> Commands) -> String {
    let references = ["shop/web:1.0.0".to_owned(), "shop/web:latest".to_owned()];
    let labels = [("a".to_owned(), "$(touch x) --flag".to_owned())];
    let commands = make(&inputs(), &Details { references: &references, labels: &labels, epoch: 1_700_000_000 });
    let lines = |invocation: &Invocation| format!("{} {:?}", invocation.program, invocation.args);
    format!("{}\n{}", lines(&commands.build), lines(&commands.take))
}

#[test]
fn docker_gets_each_argument_as_it_is() {
    insta::assert_snapshot!(told(docker), @r#"
    docker ["build", "--file", "ctx/Dockerfile", "--tag", "shop/web:1.0.0", "--tag", "shop/web:latest", "--label", "a=$(touch x) --flag", "--build-arg", "TOKEN", "--target", "app", "--platform", "linux/arm64/v8", "--", "ctx"]
    docker ["image", "inspect", "--format", "{{.Id}}", "shop/web:1.0.0"]
    "#);
}

#[test]
fn buildah_needs_neither_daemon_nor_overlay() {
    insta::assert_snapshot!(told(buildah), @r#"
    buildah ["--storage-driver", "vfs", "bud", "--isolation", "chroot", "--timestamp", "1700000000", "--file", "ctx/Dockerfile", "--tag", "shop/web:1.0.0", "--tag", "shop/web:latest", "--label", "a=$(touch x) --flag", "--build-arg", "TOKEN", "--target", "app", "--os", "linux", "--arch", "arm64", "--variant", "v8", "--", "ctx"]
    buildah ["--storage-driver", "vfs", "push", "shop/web:1.0.0"]
    "#);
}

#[test]
fn no_command_line_holds_the_value_of_a_build_argument() {
    assert!(!told(docker).contains("s3cret") && !told(buildah).contains("s3cret"));
}
