//! Caches of build steps, as `--cache-from` and `--cache-to` of buildx take them.

use actions_core::{InputErrors, Session};
use image_ref::{EcrRegistry, ImageReference};

use crate::args::Args;

/// Parameters that hold a secret, which would be in a command line.
const SECRET_PARAMETERS: [&str; 6] =
    ["token", "ghtoken", "access_key_id", "secret_access_key", "session_token", "account_key"];

/// Caches to read and to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cache {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    /// The input that asks for one; `None` where none does.
    pub(crate) input: Option<&'static str>,
    /// Whether GitHub's cache is meant and the run has no token for it.
    pub(crate) lacks_token: bool,
}

/// Parses the three inputs.
pub(crate) fn parse(args: &Args, session: &Session, bad: &mut InputErrors) -> Cache {
    // The error would quote it.
    let given = args.cache_from.iter().chain(&args.cache_to).flat_map(|text| text.split([',', '\n']));
    for (name, value) in given.filter_map(|field| field.split_once('=')) {
        if SECRET_PARAMETERS.contains(&name.trim()) {
            session.log.mask(value.trim());
        }
    }
    let mut from = bad.list("cache-from", &super::kept(&args.cache_from), parameters);
    let mut to = bad.list("cache-to", &super::kept(&args.cache_to), parameters);
    if let Some((read, written)) = bad.optional("cache", args.cache.as_deref(), short) {
        from.push(read);
        // What is of a fork, or not yet reviewed, must not get into the steps of others.
        let is_pull = matches!(session.context.event_name.as_deref(), Some("pull_request" | "pull_request_target"));
        to.extend((!is_pull).then_some(written));
    }
    let inputs = [("cache", args.cache.is_some()), ("cache-from", !from.is_empty()), ("cache-to", !to.is_empty())];
    let input = inputs.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name);
    let to: Vec<String> = to.into_iter().map(for_registry).collect();
    let uses_github = from.iter().chain(&to).any(|cache| cache.split(',').any(|field| field == "type=gha"));
    let lacks_token = uses_github && session.environment.get("ACTIONS_RUNTIME_TOKEN").is_none();
    Cache { from, to, input, lacks_token }
}

/// A line of `cache-from` or `cache-to`: parameters, or the name of an image.
fn parameters(line: &str) -> Result<String, String> {
    if !line.contains('=') {
        let image = ImageReference::parse(line).map_err(|error| error.to_string())?;
        return Ok(format!("type=registry,ref={image}"));
    }
    for field in line.split(',') {
        let name = field.split_once('=').map_or(field, |(name, _)| name).trim();
        if SECRET_PARAMETERS.contains(&name) {
            return Err(format!(
                "has `{name}`, which would be in a command line; buildx reads it from the environment"
            ));
        }
    }
    Ok(line.to_owned())
}

/// The short form, as what is read and what is written.
fn short(text: &str) -> Result<(String, String), String> {
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match (kind, rest) {
        ("gha", "") => Ok(("type=gha".to_owned(), "type=gha,mode=max".to_owned())),
        ("gha", scope) => {
            let scope = super::field(&format!("scope={scope}"));
            Ok((format!("type=gha,{scope}"), format!("type=gha,mode=max,{scope}")))
        }
        ("registry", image) if !image.is_empty() => {
            let image = ImageReference::parse(image).map_err(|error| error.to_string())?;
            Ok((format!("type=registry,ref={image}"), format!("type=registry,ref={image},mode=max")))
        }
        ("local", folder) if !folder.is_empty() => {
            let (src, dest) = (super::field(&format!("src={folder}")), super::field(&format!("dest={folder}")));
            Ok((format!("type=local,{src}"), format!("type=local,{dest},mode=max")))
        }
        _ => Err("is neither `registry:IMAGE` nor `gha`, `gha:SCOPE` or `local:FOLDER`".to_owned()),
    }
}

/// ECR takes a cache only as an image manifest with OCI media types, which BuildKit writes by itself from 0.21 on
/// (<https://aws.amazon.com/blogs/containers/announcing-remote-cache-support-in-amazon-ecr-for-buildkit-clients/>).
fn for_registry(cache: String) -> String {
    let is_ecr = cache.split(',').filter_map(|field| field.strip_prefix("ref=")).any(|image| {
        let image = ImageReference::parse(image).ok();
        image.and_then(|image| image.registry).is_some_and(|host| EcrRegistry::parse(host.as_ref()).is_ok())
    });
    if !is_ecr {
        return cache;
    }
    let has = |name: &str| cache.split(',').any(|field| field.split('=').next() == Some(name));
    let missing = ["image-manifest", "oci-mediatypes"].into_iter().filter(|name| !has(name));
    missing.fold(cache.clone(), |cache, name| format!("{cache},{name}=true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:cache";

    #[test]
    fn the_short_form_reads_and_writes() {
        let both = |text| short(text).map(|(from, to)| format!("{from} {to}"));
        assert_eq!(both("gha").unwrap(), "type=gha type=gha,mode=max");
        assert_eq!(both("gha:web").unwrap(), "type=gha,scope=web type=gha,mode=max,scope=web");
        assert_eq!(both("local:/a,b").unwrap(), "type=local,\"src=/a,b\" type=local,\"dest=/a,b\",mode=max");
        assert_eq!(
            both("registry:r.example/a:c").unwrap(),
            "type=registry,ref=r.example/a:c type=registry,ref=r.example/a:c,mode=max"
        );
        assert!(both("s3:x").is_err() && both("registry:").is_err() && both("local").is_err());
    }

    #[test]
    fn ecr_gets_what_it_needs_unless_it_is_said() {
        let added = for_registry(format!("type=registry,ref={ECR}"));
        assert_eq!(added, format!("type=registry,ref={ECR},image-manifest=true,oci-mediatypes=true"));
        let said = format!("type=registry,ref={ECR},image-manifest=false,oci-mediatypes=true");
        assert_eq!(for_registry(said.clone()), said);
        assert_eq!(for_registry("type=registry,ref=r.example/a".to_owned()), "type=registry,ref=r.example/a");
    }

    #[test]
    fn no_secret_goes_into_a_command_line() {
        assert!(parameters("type=s3,secret_access_key=x").is_err());
        assert!(parameters("type=gha,token=x").is_err());
        assert_eq!(parameters("r.example/a:c").unwrap(), "type=registry,ref=r.example/a:c");
    }
}
