//! Which repositories and hosts of ECR a build reads and writes besides its destination: what its caches and its Dockerfile name.

use std::collections::{BTreeMap, BTreeSet};

use ecr::Host;
use image_ref::{EcrRegistry, ImageReference};

use crate::clients::BuilderHost;
use crate::dockerfile::words::Lexer;
use crate::dockerfile::{Dockerfile, Kind};
use crate::embedded::stages;
use crate::inputs::Inputs;
use crate::limits::TextBudget;

/// The images that a builder's cache is read from.
pub(crate) fn read_caches(inputs: &Inputs) -> Vec<ImageReference> {
    caches(&inputs.options.cache.from)
}

/// The images that a builder's cache is written to.
pub(crate) fn written_caches(inputs: &Inputs) -> Vec<ImageReference> {
    caches(&inputs.options.cache.to)
}

fn caches(lines: &[String]) -> Vec<ImageReference> {
    let fields = lines.iter().flat_map(|line| line.split(','));
    fields.filter_map(|field| ImageReference::parse(field.trim().strip_prefix("ref=")?).ok()).collect()
}

/// The images from outside that the Dockerfile names, with the variables that are known before the build.
pub(crate) fn images(dockerfile: &Dockerfile, inputs: &Inputs) -> Vec<ImageReference> {
    let lexer = Lexer { escape: dockerfile.escape };
    let mut names = BTreeSet::new();
    for platform in &inputs.platforms {
        let known = stages::globals(dockerfile, inputs, platform, &TextBudget::new()).unwrap_or_default();
        for stage in &dockerfile.stages {
            names.extend(lexer.substitute(&stage.image, &|name| known.get(name).cloned()));
            for instruction in &stage.instructions {
                if let Kind::Copy(transfer) = &instruction.kind {
                    let from = transfer.flags.iter().filter(|flag| flag.name == "from");
                    names.extend(from.filter_map(|flag| flag.value.clone()));
                }
            }
        }
    }
    names.iter().filter_map(|name| ImageReference::parse(name).ok()).collect()
}

/// The hosts of ECR that a builder of others needs a password for: those of its caches, which it cannot do without, and those that the
/// Dockerfile, whose text is `text`, names: an image may be on the machine already. What is public is read without a password.
pub(crate) fn of_builder(text: &str, dockerfile: Option<&Dockerfile>, inputs: &Inputs) -> Vec<BuilderHost> {
    let host = |image: &ImageReference| image.registry.as_ref().map(ToString::to_string);
    let is_private = |name: &String| matches!(Host::of(name), Some(Host::Private(_)));
    let mut hosts: BTreeMap<String, bool> = BTreeMap::new();
    let named = dockerfile.map(|dockerfile| images(dockerfile, inputs)).unwrap_or_default();
    let named = named.iter().filter_map(host).chain(written_in(text));
    let given = inputs.build_args.values().flat_map(|value| written_in(value));
    hosts.extend(named.chain(given).filter(is_private).map(|name| (name, false)));
    hosts.extend(read_caches(inputs).iter().filter_map(host).filter(is_private).map(|name| (name, true)));
    let written = written_caches(inputs);
    hosts.extend(written.iter().filter_map(host).filter(|name| Host::of(name).is_some()).map(|name| (name, true)));
    hosts.into_iter().map(|(name, needed)| BuilderHost { name, needed }).collect()
}

/// The private registries of ECR that a text names, comments but for `# syntax=` left out.
fn written_in(text: &str) -> Vec<String> {
    let is_comment = |line: &str| {
        let comment = line.trim_start().strip_prefix('#');
        comment.is_some_and(|comment| !comment.trim_start().starts_with("syntax"))
    };
    let lines = text.lines().filter(|line| !is_comment(line));
    let words = lines.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')));
    words.filter(|word| EcrRegistry::parse(word).is_ok()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
