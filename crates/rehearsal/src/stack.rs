//! The local stack: the AWS emulator and the stand-ins of GitHub and its OIDC issuer, all on loopback.

use std::path::Path;

use testkit::FakeGitHub;
use testkit::ministack::Ministack;
use testkit::tools::Tools;

use crate::command::Tool;
use crate::config::Config;
use crate::engine::Engine;
use crate::error::Error;
use crate::issuer::Issuer;
use crate::permissions::Grant;

/// The account of the emulator.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The running stack; dropping it ends every process.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) tools: Tools,
    pub(crate) emulator: Ministack,
    pub(crate) github: FakeGitHub,
    pub(crate) issuer: Issuer,
    /// The region that everything is in.
    pub(crate) region: String,
    // Declared behind the emulator, which removes its containers through it when it ends.
    pub(crate) docker: Option<Engine>,
}

impl Stack {
    /// Starts the stack. `docker` runs the tasks where there is one, `emulator_env` is what the emulator needs to go on
    /// from a kept state.
    pub(crate) fn start(
        tools: Tools,
        config: &Config,
        logs: &Path,
        docker: Option<Engine>,
        emulator_env: &[(String, String)],
    ) -> Result<Self, Error> {
        let server = |what| move |reason: String| Error::Server { what, reason };
        let region = config.region();
        let log = logs.join("ministack.log");
        let mut builder = Ministack::builder(&tools).log_file(log).env("MINISTACK_REGION", region);
        if let Some(engine) = &docker {
            builder = builder.docker_host(engine.relayed());
        }
        for (name, value) in emulator_env {
            builder = builder.env(name, value);
        }
        let emulator = builder.start().map_err(|error| server("the AWS emulator")(error.to_string()))?;
        if let Some(engine) = &docker {
            engine.emulator_is_on(emulator.port(), region);
        }
        let github = FakeGitHub::builder()
            .repository(&config.repository)
            .start()
            .map_err(|error| server("the GitHub stand-in")(error.to_string()))?;
        let issuer = Issuer::start(config)?;
        Ok(Self { tools, emulator, github, issuer, region: region.to_owned(), docker })
    }

    /// The AWS command line, a client of its own that knows nothing of Slipway.
    pub(crate) fn aws(&self, folder: &Path) -> Tool {
        let fixed = ["--region", &self.region, "--output", "json"];
        Tool::new(self.tools.aws(), folder).envs(&self.emulator.env()).args(fixed)
    }

    /// What the workflows see: endpoints, the OIDC service for the jobs that may use it, no credentials of their own.
    /// `endpoint` is where AWS calls go, `sts` where those to STS go.
    pub(crate) fn workflow_env(&self, endpoint: &str, sts: &str, grants: &[Grant]) -> Vec<(String, String)> {
        let fixed = [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ENDPOINT_URL_STS", sts),
            ("SLIPWAY_REGISTRY_ENDPOINT", &self.emulator.endpoint()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("GITHUB_API_URL", &self.github.api_url()),
            ("GITHUB_GRAPHQL_URL", &self.github.graphql_url()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        fixed.into_iter().chain(self.issuer.env(grants)).collect()
    }
}
