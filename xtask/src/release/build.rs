//! Building the tools of a release as they are shipped.

use std::path::{Path, PathBuf};

use super::source::git;
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
        .env("SLIPWAY_COMMIT", commit(source)?)
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(source, target));
    for (name, value) in target.build_env()? {
        program = program.env(&name, value);
    }
    if program.status()? != 0 {
        return Err(format!("the release for {} does not build", target.name()));
    }
    let folder = target_folder().join(target.name()).join("dist");
    for name in ACTIONS {
        target.slim(&folder.join(format!("{name}{}", target.suffix())))?;
    }
    Ok(folder)
}

/// What `--binary-version` names: the commit of the sources, marked where they differ from it.
fn commit(source: &Path) -> Result<String, String> {
    git(source, &["describe", "--always", "--exclude=*", "--abbrev=40", "--dirty"])
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

#[cfg(test)]
mod tests {
    use super::commit;
    use crate::release::source::{commit_all, git};

    #[test]
    fn a_changed_tree_is_not_its_commit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        git(folder.path(), &["init", "--quiet"]).expect("git runs");
        std::fs::write(folder.path().join("file"), "one").expect("the folder is ours");
        commit_all(folder.path(), "one").expect("it is committed");
        git(folder.path(), &["tag", "v1.0.0"]).expect("git runs");
        let head = git(folder.path(), &["rev-parse", "HEAD"]).expect("git runs");
        assert_eq!(commit(folder.path()), Ok(head.clone()));
        std::fs::write(folder.path().join("file"), "two").expect("the folder is ours");
        assert_eq!(commit(folder.path()), Ok(format!("{head}-dirty")));
    }
}
