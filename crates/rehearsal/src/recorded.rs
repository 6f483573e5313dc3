//! A stand-in for Terraform that plays a recorded plan, for machines without it.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// Writes a `terraform` into `folder` that answers `init`, `plan -out=FILE` and `show -json FILE` from the recorded plan.
pub(crate) fn install(folder: &Path, plan: &Path) -> Result<PathBuf, Error> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    let program = folder.join("terraform");
    let script = SCRIPT.replace("RECORDED_PLAN", &quoted(plan));
    std::fs::write(&program, script).map_err(Error::file(&program))?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).map_err(Error::file(&program))?;
    Ok(folder.to_path_buf())
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

const SCRIPT: &str = r#"#!/bin/sh
# Plays a recorded plan: Terraform or its provider cannot be had on this machine.
set -eu
case "${1:-}" in
  init) echo "rehearsal: a recorded plan stands in for Terraform" ;;
  plan)
    for argument in "$@"; do
      case "$argument" in -out=*) cp RECORDED_PLAN "${argument#-out=}" ;; esac
    done
    echo "rehearsal: this plan was recorded earlier, it was not made now"
    ;;
  show) for argument in "$@"; do :; done; cat "$argument" ;;
  version) echo "Terraform (recorded plan)" ;;
  *) echo "rehearsal: the recorded plan knows init, plan and show only" >&2; exit 2 ;;
esac
"#;
