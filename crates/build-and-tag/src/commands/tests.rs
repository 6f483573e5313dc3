use actions_core::{Environment, Session};
use clap::{Args as _, FromArgMatches as _};
use secrecy::SecretString;

use super::*;
use crate::args::Args;
use crate::options::Secret;
use crate::options::secrets::SecretSource;

/// The inputs that `flags` stand for, with a context `ctx`, and variables of the environment.
fn inputs(flags: &[&str]) -> Inputs {
    let command = Args::augment_args(clap::Command::new("build-and-tag"));
    let fixed = ["build-and-tag", "--image=shop/web", "--tags=1.0.0", "--context=ctx", "--output-folder=out"];
    let matches = command.try_get_matches_from(fixed.iter().chain(flags)).unwrap();
    let variables = [("NPM_TOKEN", "s3cret-of-npm"), ("GITHUB_EVENT_NAME", "push")];
    let environment: Environment =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Inputs::parse(&Args::from_arg_matches(&matches).unwrap(), &Session::new(environment)).unwrap()
}

fn told(make: fn(&Inputs, &Details<'_>) -> Commands, inputs: &Inputs) -> String {
    let references = ["shop/web:1.0.0".to_owned(), "shop/web:latest".to_owned()];
    let labels = BTreeMap::from([("a".to_owned(), "$(touch x) --flag".to_owned())]);
    let layouts = inputs.build_contexts.keys().map(|name| (name.clone(), Digest::of(b"base"))).collect();
    let annotations = inputs.options.annotations.over(&BTreeMap::from([("v".to_owned(), "1".to_owned())]));
    let details = Details {
        references: &references,
        labels: &labels,
        annotations: &annotations,
        layouts: &layouts,
        epoch: 1_700_000_000,
    };
    let commands = make(inputs, &details);
    commands.take.iter().fold(commands.build.shown(), |text, take| format!("{text}\n{}", take.shown()))
}

const PLAIN: [&str; 4] =
    ["--build-args=TOKEN=s3cret", "--target=app", "--platforms=linux/arm64/v8", "--file=ctx/Dockerfile"];

#[test]
fn docker_gets_each_argument_as_it_is() {
    insta::assert_snapshot!(told(docker, &inputs(&PLAIN)), @"
    docker build --file ctx/Dockerfile --tag shop/web:1.0.0 --tag shop/web:latest --label 'a=$(touch x) --flag' --build-arg TOKEN --target app --platform linux/arm64/v8 --iidfile '{work}/image-id' -- ctx
    docker image inspect --format '{{json .Config.Labels}}'
    ");
}

#[test]
fn buildah_needs_neither_daemon_nor_overlay() {
    insta::assert_snapshot!(told(buildah, &inputs(&PLAIN)), @"
    buildah --storage-driver vfs bud --isolation chroot '--identity-label=false' --timestamp 1700000000 --file ctx/Dockerfile --tag shop/web:1.0.0 --tag shop/web:latest --label 'a=$(touch x) --flag' --build-arg TOKEN --target app --os linux --arch arm64 --variant v8 --iidfile '{work}/image-id' -- ctx
    buildah --storage-driver vfs push
    ");
}

#[test]
fn no_command_line_holds_the_value_of_a_build_argument() {
    for make in [docker, buildah, buildx] {
        assert!(!told(make, &inputs(&PLAIN)).contains("s3cret"));
    }
}

#[test]
fn what_run_needs_is_told_to_each_builder_in_its_words() {
    let flags = ["--network=none", "--add-hosts=db:10.0.0.1", "--no-cache=true", "--pull=true"];
    let inputs = inputs(&flags);
    insta::assert_snapshot!(told(docker, &inputs), @"
    docker build --file ctx/Dockerfile --tag shop/web:1.0.0 --tag shop/web:latest --label 'a=$(touch x) --flag' --add-host db:10.0.0.1 --network none --no-cache --pull --platform linux/amd64 --iidfile '{work}/image-id' -- ctx
    docker image inspect --format '{{json .Config.Labels}}'
    ");
    insta::assert_snapshot!(told(buildah, &inputs), @"
    buildah --storage-driver vfs bud --isolation chroot '--identity-label=false' --timestamp 1700000000 --file ctx/Dockerfile --tag shop/web:1.0.0 --tag shop/web:latest --label 'a=$(touch x) --flag' --add-host db:10.0.0.1 --network none --no-cache --pull-always --os linux --arch amd64 --iidfile '{work}/image-id' -- ctx
    buildah --storage-driver vfs push
    ");
    insta::assert_snapshot!(told(buildx, &inputs), @r#"docker buildx build --add-host db:10.0.0.1 --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform linux/amd64 '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --network none --no-cache --pull --progress plain -- ctx"#);
}

#[test]
fn limits_of_run_are_told_to_each_builder() {
    let flags = ["--shm-size=2g", "--ulimit=nofile=1024:4096\nnproc=9", "--cgroup-parent=/ci"];
    let limits = inputs(&flags);
    for make in [docker, buildah, buildx] {
        let told = told(make, &limits);
        for flag in ["--shm-size 2g", "--ulimit 'nofile=1024:4096' --ulimit 'nproc=9'", "--cgroup-parent /ci"] {
            assert!(told.contains(flag), "{flag}: {told}");
        }
    }
    let filtered = inputs(&["--no-cache-filters=deps,build"]);
    assert!(told(buildx, &filtered).contains("--no-cache-filter deps --no-cache-filter build"));
    let demands = crate::features::Builder::Buildah.check(&filtered);
    assert!(demands.unwrap_err().to_string().contains("buildah"));
}

#[test]
fn buildx_writes_a_layout_and_never_pushes() {
    insta::assert_snapshot!(told(buildx, &inputs(&PLAIN)), @r#"docker buildx build --build-arg TOKEN --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform linux/arm64/v8 '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --target app --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
    let all =
        ["--build-contexts=base=oci:./base", "--compression=zstd", "--buildx-builder=mine", "--allow=network.host"];
    insta::assert_snapshot!(told(buildx, &inputs(&all)), @r#"docker buildx build --allow network.host --build-arg SOURCE_DATE_EPOCH --build-context 'base=oci-layout://./base@sha256:cae662172fd450bb0cd710a769079c05bfc5d8e35efa6576edc7d0377afdd4a2' --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true,compression=zstd,force-compression=true' --platform linux/amd64 '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --builder mine --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
}

#[test]
fn buildx_caches_in_ecr_as_ecr_takes_it() {
    let cache = "--cache=registry:123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:cache";
    insta::assert_snapshot!(told(buildx, &inputs(&[cache, "--cache-from=type=gha,scope=main"])), @r#"docker buildx build --build-arg SOURCE_DATE_EPOCH --cache-from 'type=gha,scope=main' --cache-from 'type=registry,ref=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:cache' --cache-to 'type=registry,ref=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:cache,mode=max,image-manifest=true,oci-mediatypes=true' --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform linux/amd64 '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
}

#[test]
fn buildx_gets_secrets_by_the_name_of_a_variable_or_a_file() {
    let mut inputs = inputs(&["--secret-envs=npm=NPM_TOKEN", "--secret-files=key=./my key", "--ssh=default"]);
    let source = SecretSource::Value(SecretString::from("s3cret"));
    inputs.options.secrets.push(Secret { id: "token".to_owned(), source, input: "secrets" });
    insta::assert_snapshot!(told(buildx, &inputs), @r#"docker buildx build --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform linux/amd64 '--provenance=false' '--sbom=false' --secret 'id=npm,env=NPM_TOKEN' --secret 'id=key,src=./my key' --secret 'id=token,env=SLIPWAY_SECRET_2' --ssh default --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
    insta::assert_snapshot!(told(buildah, &inputs), @"
    buildah --storage-driver vfs bud --isolation chroot '--identity-label=false' --timestamp 1700000000 --file ctx/Dockerfile --tag shop/web:1.0.0 --tag shop/web:latest --label 'a=$(touch x) --flag' --secret 'id=npm,env=NPM_TOKEN' --secret 'id=key,src=./my key' --secret 'id=token,env=SLIPWAY_SECRET_2' --ssh default --os linux --arch amd64 --iidfile '{work}/image-id' -- ctx
    buildah --storage-driver vfs push
    ");
}

#[test]
fn buildx_attests_what_is_asked_for() {
    let asked = inputs(&["--provenance=mode=max", "--sbom=true", "--attests=type=x,generator=me/it"]);
    insta::assert_snapshot!(told(buildx, &asked), @r#"docker buildx build --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform linux/amd64 --attest 'type=x,generator=me/it' --attest 'type=provenance,mode=max' --attest 'type=sbom' --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
}

#[test]
fn buildx_attests_nothing_for_lambda() {
    insta::assert_snapshot!(told(buildx, &inputs(&["--provenance=true", "--sbom=true", "--lambda=true"])), @r#"docker buildx build --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform linux/amd64 '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
}

#[test]
fn buildx_builds_several_platforms_at_once() {
    insta::assert_snapshot!(told(buildx, &inputs(&["--platforms=linux/amd64,linux/arm64\nlinux/amd64"])), @r#"docker buildx build --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform 'linux/amd64,linux/arm64' '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
}

#[test]
fn buildx_annotates_at_each_level() {
    let flags =
        ["--platforms=linux/amd64,linux/arm64", "--annotations=default\na=b, c\nindex,manifest-descriptor:d=e=f"];
    insta::assert_snapshot!(told(buildx, &inputs(&flags)), @r#"docker buildx build --annotation 'manifest:a=b, c' --annotation 'manifest:v=1' --annotation 'index:d=e=f' --annotation 'manifest-descriptor:d=e=f' --build-arg SOURCE_DATE_EPOCH --file ctx/Dockerfile --label 'a=$(touch x) --flag' --output 'type=oci,"dest={work}/image",tar=false,rewrite-timestamp=true' --platform 'linux/amd64,linux/arm64' '--provenance=false' '--sbom=false' --tag shop/web:1.0.0 --tag shop/web:latest --metadata-file '{work}/metadata.json' --progress plain -- ctx"#);
}

#[test]
fn an_old_buildx_is_refused_for_what_it_cannot_do() {
    use crate::observe::Buildx;
    let buildx = |minor, driver: &str, containerd| Buildx {
        version: semver::Version::new(0, minor, 0),
        driver: driver.to_owned(),
        containerd,
    };
    let refusal = |buildx: &Buildx, flags: &[&str]| {
        buildx.refusal(&inputs(flags)).map(|error| {
            let code = miette::Diagnostic::code(&error).unwrap().to_string();
            format!("{code}: {}", actions_core::ActionError::why(&error).unwrap())
        })
    };
    insta::assert_snapshot!(refusal(&buildx(9, "docker-container", false), &[]).unwrap(), @"build-and-tag/builder-unusable: it is version 0.9.0, and an OCI layout as output needs 0.10.0");
    insta::assert_snapshot!(refusal(&buildx(11, "docker-container", false), &["--annotations=a=b"]).unwrap(), @"build-and-tag/builder-unusable: it is version 0.11.0, and the input `annotations` needs 0.12.0");
    insta::assert_snapshot!(refusal(&buildx(30, "docker", false), &[]).unwrap(), @"build-and-tag/buildx-driver: its driver is `docker`, and the daemon does not keep its images in containerd's store");
    assert_eq!(refusal(&buildx(10, "docker-container", false), &[]), None);
    assert_eq!(refusal(&buildx(12, "docker", true), &["--annotations=a=b"]), None);
}
