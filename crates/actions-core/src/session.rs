//! What one run shares: context, environment, log, cancellation, secrets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::environment::Environment;
use crate::log::{Commands, Log};
use crate::redact::Redactor;
use crate::report::Outputs;

/// The surroundings of one run, handed to every layer that may do I/O.
#[derive(Debug, Clone)]
pub struct Session {
    /// The run's context.
    pub context: Context,
    /// The environment the process started with.
    pub environment: Environment,
    /// The log.
    pub log: Log,
    /// Cancelled on SIGINT or SIGTERM. `apply` has five seconds from then to leave a consistent state.
    pub cancel: CancellationToken,
    /// Whether nothing may be changed.
    pub dry_run: bool,
    pub(crate) secrets: BTreeMap<String, SecretString>,
    /// Outputs that are known before the end.
    pub(crate) early: Arc<Mutex<Outputs>>,
}

impl Session {
    /// A session for library users: the context and the log of `environment`, no secret inputs, never cancelled from outside.
    pub fn new(environment: Environment) -> Self {
        let context = Context::new(&environment);
        let log = Log::new(&context, environment.is_on("RUNNER_DEBUG"), Commands::Stderr, Redactor::default());
        Self::start(environment, log, false)
    }

    /// A session that begins, without secrets yet.
    pub(crate) fn start(environment: Environment, log: Log, dry_run: bool) -> Self {
        let context = Context::new(&environment);
        Self {
            context,
            environment,
            log,
            cancel: CancellationToken::new(),
            dry_run,
            secrets: BTreeMap::new(),
            early: Arc::default(),
        }
    }

    /// The secret input `name`, already masked; `None` when it was not given.
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        self.secrets.get(name)
    }

    /// Masks a secret that the action came by on its way (a registry password, a session token).
    pub fn mask(&self, secret: &SecretString) {
        self.log.mask(secret.expose_secret());
    }

    /// Notes an output for a run that ends without a report: what was made is then found all the same.
    pub fn note_output(&self, name: &str, value: impl Into<String>) {
        self.early.lock().unwrap_or_else(PoisonError::into_inner).set(name, value);
    }

    /// A path for annotations: relative to the workspace where it lies inside it, with `/` on every system.
    pub fn annotation_path(&self, path: &Path) -> String {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let relative = self.context.workspace.as_ref().and_then(|root| absolute.strip_prefix(root).ok());
        let shown = relative.unwrap_or(path).display().to_string();
        if cfg!(windows) { shown.replace('\\', "/") } else { shown }
    }
}
