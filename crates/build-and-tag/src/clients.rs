//! Whom the action talks to: registries, and ECR's API for those that are Amazon's.

use std::path::PathBuf;

use actions_core::Session;
use aws_client::{Aws, AwsInputs};
use ecr::{Host, Logins};
use image_ref::{EcrRegistry, RegistryHost};
use oci_registry::{Auth, Endpoint, Registry};
use tokio::sync::{Mutex, OnceCell};

use crate::docker_login::{DockerLogin, Passwords};
use crate::embedded::credentials;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::published::Destination;

/// The clients of one run. Nobody asks AWS for anything before a registry of ECR is named.
#[derive(Debug)]
pub struct Clients {
    aws: AwsInputs,
    docker_config: Option<PathBuf>,
    registry_override: Option<Endpoint>,
    logins: OnceCell<Logins>,
    /// What a builder of others is handed, by host.
    passwords: Mutex<Passwords>,
}

impl Clients {
    /// Obtains credentials where the inputs name a registry of ECR that is asked before the build.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        let clients = Self {
            aws: inputs.aws.clone(),
            docker_config: inputs.docker_config.clone(),
            registry_override: inputs.registry_override.clone(),
            logins: OnceCell::new(),
            passwords: Mutex::default(),
        };
        if let Some(registry) = inputs.asked().and_then(Destination::ecr) {
            clients.logins(registry.region(), session).await?;
        }
        Ok(clients)
    }

    /// The passwords of ECR; obtains credentials on first use. A region that no input names is that of the first registry.
    async fn logins(&self, region: &str, session: &Session) -> Result<&Logins, Error> {
        let connect = async || {
            let region = self.aws.region.clone().or_else(|| Some(region.to_owned()));
            let inputs = AwsInputs { region, ..self.aws.clone() };
            Ok::<_, Error>(Logins::new(Box::pin(Aws::connect(&inputs, session)).await?))
        };
        self.logins.get_or_try_init(connect).await
    }

    /// The configuration that calls ECR's API about a registry.
    pub(crate) async fn aws(&self, registry: &EcrRegistry, session: &Session) -> Result<&Aws, Error> {
        Ok(self.logins(registry.region(), session).await?.aws())
    }

    /// A client of the registry `name`, with the credentials that Docker has for it; of a private one of ECR with those that ECR gives
    /// where Docker has none. `failed` makes the error of what is wrong with the registry itself.
    pub(crate) async fn registry(
        &self,
        name: &str,
        session: &Session,
        failed: impl Fn(oci_registry::Error) -> Error,
    ) -> Result<Registry, Error> {
        let known = credentials::of(name, self.docker_config.as_deref(), session);
        let ecr = EcrRegistry::parse(name);
        if let (Ok(registry), Auth::Anonymous) = (&ecr, &known) {
            return self.ecr(registry, session, failed).await;
        }
        let overridden = self.registry_override.clone().filter(|_| ecr.is_ok());
        let endpoint = overridden.map_or_else(|| endpoint(name), Ok);
        endpoint.and_then(|endpoint| Registry::new(endpoint, known)).map_err(failed)
    }

    /// A client of a private registry of ECR, with the password that ECR gives.
    pub(crate) async fn ecr(
        &self,
        registry: &EcrRegistry,
        session: &Session,
        failed: impl Fn(oci_registry::Error) -> Error,
    ) -> Result<Registry, Error> {
        let logins = self.logins(registry.region(), session).await?;
        let own = || ecr::endpoint(registry, logins.aws());
        let endpoint = self.registry_override.clone().map_or_else(own, Ok).map_err(&failed)?;
        let auth = logins.auth(&Host::Private(registry.clone()), session).await?;
        Registry::new(endpoint, auth).map_err(failed)
    }

    /// Gets the passwords that a builder of others needs for `hosts`: those of ECR that Docker has no credentials for. Where they are only
    /// `wanted` and not needed, it is told why there are none, and the builder tries its own luck.
    pub(crate) async fn log_builder_in(&self, hosts: &[BuilderHost], session: &Session) -> Result<(), Error> {
        for BuilderHost { name, needed } in hosts {
            let Some(host) = Host::of(name) else { continue };
            if credentials::is_known(name, self.docker_config.as_deref()) {
                continue;
            }
            match self.password(&host, session).await {
                Ok(auth) => self.passwords.lock().await.add(name, &auth),
                Err(error) if *needed || self.aws.role.is_some() => return Err(error),
                Err(error) => session.log.warning(format!(
                    "the builder gets no password for `{name}`, which the Dockerfile names: {error}. Set `role-to-assume`, or log in before \
                     this step"
                )),
            }
        }
        Ok(())
    }

    async fn password(&self, host: &Host, session: &Session) -> Result<Auth, Error> {
        let region = match host {
            Host::Private(registry) => registry.region(),
            Host::Public => "us-east-1",
        };
        Ok(self.logins(region, session).await?.auth(host, session).await?)
    }

    /// Docker's configuration for a builder, with the passwords that it was given; `None` where there are none.
    pub(crate) async fn docker_login(&self, session: &Session) -> Result<Option<DockerLogin>, Error> {
        let passwords = self.passwords.lock().await;
        if passwords.is_empty() {
            return Ok(None);
        }
        DockerLogin::create(&passwords, self.docker_config.as_deref(), session).map(Some)
    }
}

/// A registry that a builder of others talks to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BuilderHost {
    /// Its host.
    pub(crate) name: String,
    /// Whether the build cannot do without: an input names it.
    pub(crate) needed: bool,
}

fn endpoint(name: &str) -> Result<Endpoint, oci_registry::Error> {
    match RegistryHost::parse(name) {
        Ok(host) => Endpoint::of(&host),
        Err(_) => Endpoint::parse(name),
    }
}
