use actions_core::{Environment, Session};
use clap::{Args as _, FromArgMatches as _};

use super::*;
use crate::args::Args;

const ONE: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const TWO: &str = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const THREE: &str = "333333333333.dkr.ecr.eu-west-1.amazonaws.com";
const ROLE: &str = "--role-to-assume=arn:aws:iam::123456789012:role/build";

fn inputs(flags: &[&str]) -> Inputs {
    let command = Args::augment_args(clap::Command::new("build-and-tag"));
    let fixed = ["build-and-tag", "--image=shop/web", "--tags=1.0.0"];
    let matches = command.try_get_matches_from(fixed.iter().chain(flags)).unwrap();
    Inputs::parse(&Args::from_arg_matches(&matches).unwrap(), &Session::new(Environment::default())).unwrap()
}

/// The images, and the hosts with their needs.
fn of(text: &str, flags: &[&str]) -> (Vec<String>, Vec<(String, Need)>) {
    let text = text.replace("ONE", ONE).replace("TWO", TWO).replace("THREE", THREE);
    let Sources { images, hosts } = named(&text, Dockerfile::parse(&text).ok().as_ref(), &inputs(flags));
    let hosts = hosts.into_iter().map(|BuilderHost { name, need }| (name, need)).collect();
    (images.iter().filter(|image| image.registry.is_some()).map(ToString::to_string).collect(), hosts)
}

#[track_caller]
fn check(text: &str, flags: &[&str], images: &[&str], hosts: &[(&str, Need)]) {
    let (found, needs) = of(text, flags);
    let full = |text: &&str| text.replace("ONE", ONE).replace("TWO", TWO).replace("THREE", THREE);
    assert_eq!(found, images.iter().map(full).collect::<Vec<_>>());
    assert_eq!(needs, hosts.iter().map(|(name, need)| (full(name), *need)).collect::<Vec<_>>());
}

#[test]
fn hosts_are_found_where_they_are_written() {
    let text = "# syntax=123456789012.dkr.ecr.eu-west-1.amazonaws.com/hub/docker/dockerfile:1\n\
                # from 999999999999.dkr.ecr.eu-west-1.amazonaws.com\n\
                ARG BASE=210987654321.dkr.ecr.us-east-1.amazonaws.com/base\n\
                FROM public.ecr.aws/docker/library/alpine\n\
                RUN --mount=from=123456789012.dkr-ecr.eu-west-1.on.aws/tools,target=/t true\n";
    let expect = [
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        "210987654321.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr-ecr.eu-west-1.on.aws",
    ];
    assert_eq!(written_in(text), expect);
}

#[test]
fn an_image_is_what_is_built_on_copied_from_and_mounted() {
    use Need::Image;
    check(
        "FROM ONE/base:1\nCOPY --from=TWO/tools /t /t\n",
        &[],
        &["ONE/base:1", "TWO/tools"],
        &[("ONE", Image), ("TWO", Image)],
    );
    let mount =
        "FROM alpine\nRUN --mount=type=bind,from=ONE/tools:2,target=/t \\\n --mount=target=/u,from=TWO/more true\n";
    check(mount, &[], &["ONE/tools:2", "TWO/more"], &[("ONE", Image), ("TWO", Image)]);
    // The name of a stage, and that of a layout on disk, are no images.
    let stages = "FROM ONE/base AS ONE/stage\nFROM ONE/layout\nCOPY --from=ONE/stage /a /a\nCOPY --from=0 /a /b\n";
    let layout = format!("--build-contexts={ONE}/layout=oci:folder");
    check(stages, &[&layout], &["ONE/base"], &[("ONE", Image)]);
}

#[test]
fn variables_are_those_of_the_build() {
    use Need::{Image, Mentioned};
    let text = "ARG REGISTRY=ONE\nFROM ${REGISTRY}/base:1\nARG TOOLS=tools\nRUN --mount=from=${REGISTRY}/${TOOLS},target=/t true\n";
    check(text, &[], &["ONE/base:1", "ONE/tools"], &[("ONE", Image)]);
    let given = format!("--build-args=REGISTRY={TWO}");
    check(text, &[&given], &["TWO/base:1", "TWO/tools"], &[("TWO", Image), ("ONE", Mentioned)]);
    let own = format!("--build-args=UNUSED={THREE}/x");
    check("FROM alpine\nRUN echo ONE\n", &[&own], &[], &[("ONE", Mentioned), ("THREE", Mentioned)]);
}

#[test]
fn what_the_target_does_not_need_is_only_mentioned() {
    use Need::{Image, Mentioned};
    let text = "FROM ONE/a AS a\nFROM TWO/b AS b\nCOPY --from=a /x /x\nFROM THREE/c AS c\n";
    let all = ["ONE/a", "TWO/b", "THREE/c"];
    check(text, &["--target=b"], &all, &[("ONE", Image), ("TWO", Image), ("THREE", Mentioned)]);
    check(text, &[], &all, &[("THREE", Image), ("ONE", Mentioned), ("TWO", Mentioned)]);
}

#[test]
fn frontends_and_generators_are_images_too() {
    use Need::{Image, Mentioned};
    let text = "# syntax=ONE/hub/docker/dockerfile:1\nFROM scratch\n";
    check(text, &[], &["ONE/hub/docker/dockerfile:1"], &[("ONE", Image)]);
    let other = format!("--build-args=BUILDKIT_SYNTAX={TWO}/frontend");
    check(text, &[&other], &["TWO/frontend"], &[("TWO", Image), ("ONE", Mentioned)]);
    let sbom = format!("--sbom=generator={THREE}/syft:1");
    check("FROM scratch\n", &[&sbom], &["THREE/syft:1"], &[("THREE", Image)]);
}

#[test]
fn caches_come_first_and_public_images_last() {
    use Need::{Cache, Image, Public};
    let text = "FROM TWO/base\nFROM public.ecr.aws/docker/library/alpine:3\nCOPY --from=0 /a /a\n";
    let cache = format!("--cache-from=type=registry,ref={THREE}/cache");
    let public = "public.ecr.aws/docker/library/alpine:3";
    check(text, &[&cache], &["TWO/base", public], &[("THREE", Cache), ("TWO", Image)]);
    check(
        text,
        &[&cache, ROLE],
        &["TWO/base", public],
        &[("THREE", Cache), ("TWO", Image), ("public.ecr.aws", Public)],
    );
    let written = "--cache-to=type=registry,ref=public.ecr.aws/a1b2/cache";
    check("FROM scratch\n", &[written], &[], &[("public.ecr.aws", Cache)]);
}

#[test]
fn only_a_cache_and_with_a_role_an_image_must_have_a_password() {
    let demanded =
        |has_role| [Need::Public, Need::Mentioned, Need::Image, Need::Cache].map(|need| need.is_demanded(has_role));
    assert_eq!(demanded(false), [false, false, false, true]);
    assert_eq!(demanded(true), [false, false, true, true]);
}

#[test]
fn many_stages_do_not_take_long() {
    let text = "FROM a\n".repeat(140_000);
    let start = std::time::Instant::now();
    assert!(of(&text, &[]).0.is_empty());
    assert!(start.elapsed().as_secs() < 10);
}
