//! `docker buildx build`, in the order of docker/build-push-action
//! (<https://github.com/docker/build-push-action/blob/master/src/context.ts>).

use oci_image::Compression;

use super::{Commands, Details, each, mounts, shown};
use crate::inputs::Inputs;
use crate::process::{Invocation, WORK};

/// The name of the file that buildx writes what it built to.
pub(crate) const METADATA: &str = "metadata.json";

/// `docker buildx build` into an OCI layout. It never pushes: that is what ecr-push is for.
pub(crate) fn buildx(inputs: &Inputs, details: &Details<'_>) -> Commands {
    let options = &inputs.options;
    let mut args = vec!["buildx".to_owned(), "build".to_owned()];
    args.extend(each("--add-host", &options.add_hosts));
    args.extend(each("--allow", &options.allow));
    args.extend(each("--annotation", details.annotations.written()));
    args.extend(each("--build-arg", inputs.build_args.keys()));
    if !inputs.build_args.contains_key("SOURCE_DATE_EPOCH") {
        args.extend(["--build-arg".to_owned(), "SOURCE_DATE_EPOCH".to_owned()]);
    }
    let layouts = inputs.build_contexts.iter().map(|(name, folder)| {
        let digest = details.layouts.get(name).map_or_else(String::new, |digest| format!("@{digest}"));
        format!("{name}=oci-layout://{}{digest}", shown(folder))
    });
    args.extend(each("--build-context", layouts));
    args.extend(each("--cache-from", &options.cache.from));
    args.extend(each("--cache-to", &options.cache.to));
    args.extend(each("--cgroup-parent", &options.cgroup_parent));
    args.extend(["--file".to_owned(), shown(&inputs.file)]);
    args.extend(each("--label", details.labels.iter().map(|(name, value)| format!("{name}={value}"))));
    args.extend(each("--no-cache-filter", &options.no_cache_filters));
    args.extend(["--output".to_owned(), output(inputs.compression)]);
    let platforms: Vec<String> = inputs.platforms.iter().map(ToString::to_string).collect();
    args.extend(["--platform".to_owned(), platforms.join(",")]);
    args.extend(attestations(inputs));
    args.extend(mounts(inputs));
    args.extend(each("--shm-size", &options.shm_size));
    args.extend(each("--tag", details.references));
    args.extend(each("--target", &inputs.target));
    args.extend(each("--ulimit", &options.ulimits));
    args.extend(each("--builder", &options.buildx_builder));
    args.extend(["--metadata-file".to_owned(), format!("{WORK}/{METADATA}")]);
    args.extend(each("--network", &options.network));
    args.extend(options.no_cache.then(|| "--no-cache".to_owned()));
    args.extend(options.pull.then(|| "--pull".to_owned()));
    args.extend(["--progress", "plain", "--"].map(str::to_owned));
    args.push(shown(&inputs.context));
    Commands { build: Invocation::new("docker", args), take: None }
}

/// The exporter (<https://docs.docker.com/build/exporters/oci-docker/>), with every time of the layers set to the image's.
fn output(compression: Compression) -> String {
    let compression = match compression {
        Compression::Gzip => "",
        Compression::Zstd => ",compression=zstd,force-compression=true",
        Compression::Keep => ",compression=uncompressed,force-compression=true",
    };
    format!("type=oci,\"dest={WORK}/image\",tar=false,rewrite-timestamp=true{compression}")
}

/// What is not asked for is said to be off: buildx attests provenance by default.
fn attestations(inputs: &Inputs) -> Vec<String> {
    let asked = &inputs.options.attestations;
    let mut args = each("--attest", asked.iter().map(|own| &own.parameters));
    for kind in ["provenance", "sbom"] {
        args.extend((!asked.iter().any(|own| own.is(kind))).then(|| format!("--{kind}=false")));
    }
    args
}
