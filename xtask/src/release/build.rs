//! Building the tools of a release as they are shipped.

use std::path::{Path, PathBuf};

use super::target::Target;
use crate::program::{ACTIONS, Program, cargo, target_folder};

/// Builds every tool for a target with the profile `dist`; the folder of the programs.
pub(crate) fn dist(source: &Path, target: Target) -> Result<PathBuf, String> {
    let packages = ACTIONS.iter().flat_map(|name| ["--package", name]);
    let mut program = Program::new(cargo())
        .within(source)
        .args(["build", "--locked", "--profile", "dist", "--target", target.name()])
        .args(packages)
        .env("CARGO_TARGET_DIR", target_folder())
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(source, target));
    for (name, value) in target.build_env()? {
        program = program.env(&name, value);
    }
    if program.status()? != 0 {
        return Err(format!("the release for {} does not build", target.name()));
    }
    Ok(target_folder().join(target.name()).join("dist"))
}

/// No path of this machine gets into a binary: neither the sources' nor the registry's.
fn rustflags(source: &Path, target: Target) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=/slipway", source.display())];
    flags.extend(home.map(|home| format!("--remap-path-prefix={}=/cargo", home.display())));
    flags.extend(target.rustflags().iter().map(|flag| (*flag).to_owned()));
    flags.join("\u{1f}")
}
