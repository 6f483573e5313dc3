//! Build arguments that the program that builds would take for its own settings.
//!
//! Their values reach a builder through its environment, so that none is in a command line. `PATH` would decide which programs
//! it finds there, `DOCKER_HOST` who builds, `HTTPS_PROXY` how it reaches a registry.

use actions_core::{Session, lines};

use crate::args::Args;

/// What programs, their runtimes, and the tools that build look at.
const NAMES: [&str; 22] = [
    "ALL_PROXY",
    "BUILDKIT_HOST",
    "CONTAINER_HOST",
    "FTP_PROXY",
    "GIT_DIR",
    "GIT_EXEC_PATH",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GODEBUG",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "PATH",
    "REGISTRY_AUTH_FILE",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
];

/// The same, by what the names begin with: the linker, Docker (<https://docs.docker.com/reference/cli/docker/#environment-variables>),
/// buildx (<https://docs.docker.com/build/building/variables/#build-tool-configuration-variables>), buildah and its storage, traces,
/// the runner's services.
const BEGINNINGS: [&str; 12] = [
    "ACTIONS_",
    "BUILDAH_",
    "BUILDX_",
    "CONTAINERS_",
    "DOCKER_",
    "DYLD_",
    "LD_",
    "OTEL_",
    "REGISTRIES_",
    "SLIPWAY_",
    "STORAGE_",
    "XDG_",
];

/// The names among `build-args` that would change the builder: it has not that very value in its environment already.
pub(super) fn reserved(args: &Args, session: &Session) -> Vec<String> {
    let lines = lines(&args.build_args);
    let pairs = lines.iter().filter_map(|line| line.split_once('='));
    let secrets = lines_of_names(&args.secret_envs);
    pairs
        .map(|(name, value)| (name.trim(), value))
        .filter(|(name, _)| is_reserved(name) || secrets.iter().any(|secret| secret == name))
        .filter(|(name, value)| session.environment.get(name) != Some(*value))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The variables that secrets are in.
fn lines_of_names(secret_envs: &[String]) -> Vec<String> {
    let named = actions_core::lines_or_commas(secret_envs);
    named.iter().filter_map(|line| line.split_once('=')).map(|(_, name)| name.to_owned()).collect()
}

/// Whether a program looks at the variable `name`; on Windows, and for proxies everywhere, whatever its case.
fn is_reserved(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let folded = if cfg!(windows) || upper.ends_with("_PROXY") { upper.as_str() } else { name };
    NAMES.binary_search(&folded).is_ok() || BEGINNINGS.iter().any(|beginning| folded.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_builder_are_known_and_settings_of_a_build_are_not_among_them() {
        assert!(NAMES.is_sorted());
        for name in
            ["PATH", "HOME", "http_proxy", "NO_PROXY", "DOCKER_HOST", "BUILDX_BUILDER", "LD_PRELOAD", "XDG_RUNTIME_DIR"]
        {
            assert!(is_reserved(name), "{name}");
        }
        let own = [
            "VERSION",
            "GIT_COMMIT",
            "GOPROXY",
            "NODE_ENV",
            "BUILDKIT_INLINE_CACHE",
            "SOURCE_DATE_EPOCH",
            "AWS_REGION",
        ];
        for name in own {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
