//! Programs that write down how they were called: stand-ins of docker, buildah, terraform and the like.

use std::path::PathBuf;

use tempfile::TempDir;

/// A folder of stand-in programs to be put in front of `PATH`.
#[derive(Debug)]
pub struct Recorder {
    folder: TempDir,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// A folder without programs.
    ///
    /// # Panics
    ///
    /// When there is no temporary folder.
    pub fn new() -> Self {
        let folder =
            tempfile::Builder::new().prefix("testkit-recorder-").tempdir().expect("a temporary folder can be made");
        std::fs::create_dir(folder.path().join("bin")).expect("a folder can be made");
        Self { folder }
    }

    /// Adds the program `name`: it writes down its arguments and its environment, then does what `script` (of `sh`) says.
    ///
    /// # Panics
    ///
    /// When the program cannot be written.
    #[must_use]
    pub fn program(self, name: &str, script: &str) -> Self {
        let file = self.folder.path().join("bin").join(name);
        let record = self.folder.path().display();
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"{name}\" \"$@\" >> '{record}/arguments'\nenv >> '{record}/environment'\n{script}\n"
        );
        std::fs::write(&file, text).expect("a program can be written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))
                .expect("a file can be made a program");
        }
        self
    }

    /// The value for `PATH`: these programs in front of all others.
    pub fn path(&self) -> String {
        format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap_or_default())
    }

    /// The program `name`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("bin").join(name)
    }

    /// Every argument of every call, the program's name first, one a line.
    pub fn arguments(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("arguments")).unwrap_or_default()
    }

    /// The environment of every call, `NAME=value`, one a line.
    pub fn environment(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("environment")).unwrap_or_default()
    }
}
