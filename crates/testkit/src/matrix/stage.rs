//! What every world has: a runner, the servers' faults, the names of requests, and the secrets that nothing may tell.

use std::sync::Arc;

use super::{Named, Namer};
use crate::canary::Canaries;
use crate::fault::{FaultProxy, Faults};
use crate::http::Request;
use crate::runner::FakeRunner;

/// Credentials of AWS that nobody else has.
const SECRET_KEY: &str = "aws/c4nary+Secret&Key\"<0123456789";
const SESSION_TOKEN: &str = "IQoJb3JpZ2luX2VjEcanary+session/token==";

/// What every world has.
pub struct Stage {
    /// The runner.
    pub runner: FakeRunner,
    /// The faults of every server the program talks to.
    pub fronts: Vec<Faults>,
    /// Names requests.
    pub namer: Namer,
    /// What no run may tell, in no form.
    pub secrets: Canaries,
    /// The names of the files that hold a secret as an input.
    pub inputs: &'static [&'static str],
    /// The call by which every run is cancelled, where the scenario is one of cancelled runs.
    pub(super) cancelled_at: Option<Named>,
    /// Stands in front of an emulator, where there is one.
    proxy: Option<FaultProxy>,
}

impl Stage {
    /// A runner, the servers it talks to, and how their requests are named.
    pub fn new(
        runner: FakeRunner,
        fronts: impl IntoIterator<Item = Faults>,
        namer: impl Fn(&Request) -> Option<Named> + Send + Sync + 'static,
    ) -> Self {
        let runner = runner.with_one_certificate();
        let fronts = fronts.into_iter().collect();
        Self {
            runner,
            fronts,
            namer: Arc::new(namer),
            secrets: Canaries::new(),
            inputs: &[],
            cancelled_at: None,
            proxy: None,
        }
    }

    /// A runner with credentials of its own, whose calls of AWS and of ECR's registry go through a proxy to `endpoint`.
    pub fn aws(endpoint: &str, variables: Vec<(String, String)>) -> Self {
        let proxy = FaultProxy::start(endpoint).expect("a proxy");
        let runner = FakeRunner::new()
            .envs(variables)
            .api_url(proxy.url())
            .env("AWS_ENDPOINT_URL", proxy.url())
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
            .env("SLIPWAY_REGISTRY_ENDPOINT", proxy.url());
        let mut stage = Self::new(runner, [proxy.faults().clone()], super::aws);
        stage.proxy = Some(proxy);
        stage.secret("the secret key", SECRET_KEY).secret("the session token", SESSION_TOKEN)
    }

    /// Names requests otherwise.
    #[must_use]
    pub fn naming(mut self, namer: impl Fn(&Request) -> Option<Named> + Send + Sync + 'static) -> Self {
        self.namer = Arc::new(namer);
        self
    }

    /// The address of what stands in front of an emulator, without its scheme; empty where there is none.
    pub fn host(&self) -> String {
        self.proxy.as_ref().map(|proxy| proxy.url()["http://".len()..].to_owned()).unwrap_or_default()
    }

    /// Gives the runner what the scenario needs.
    #[must_use]
    pub fn with(mut self, prepare: impl FnOnce(FakeRunner) -> FakeRunner) -> Self {
        self.runner = prepare(self.runner);
        self
    }

    /// Cancels every run in the moment of its first `call`, which is not answered. What a cancelled run waits for is not cut short: it has
    /// seconds for all of it.
    #[must_use]
    pub fn cancelled_at(mut self, call: Named) -> Self {
        self.cancelled_at = Some(call);
        self
    }

    /// Adds a secret.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets = self.secrets.with(name, value);
        self
    }

    /// Names the files that hold a secret as an input.
    #[must_use]
    pub fn inputs(mut self, names: &'static [&'static str]) -> Self {
        self.inputs = names;
        self
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").field("runner", &self.runner).finish_non_exhaustive()
    }
}
