//! Whom the action talks to: registries, and ECR's API for those that are Amazon's.

use std::collections::{BTreeMap, BTreeSet};

use actions_core::Session;
use aws_client::{Aws, AwsInputs};
use ecr::{Host, Logins};
use image_ref::{EcrRegistry, RegistryHost};
use oci_registry::{Auth, Endpoint, Registry};
use tokio::sync::{Mutex, OnceCell};

use crate::error::Error;
use crate::inputs::Inputs;
use crate::logins::builder::BuilderLogin;
use crate::logins::helper::Passwords;
use crate::logins::{AuthFiles, Reader};
use crate::published::Destination;
use crate::registries::{BuilderHost, Need};

/// In place of a region: nobody is logged in to AWS.
const NOBODY: &str = "";

/// The clients of one run. Nobody asks AWS for anything before a registry of ECR is named.
#[derive(Debug)]
pub struct Clients {
    aws: AwsInputs,
    auth_files: AuthFiles,
    registry_override: Option<Endpoint>,
    logins: OnceCell<Logins>,
    /// The password of the public registry; `None` where the role may not have it, which is asked about once.
    public: OnceCell<Option<Auth>>,
    /// What a builder of others is handed, by host.
    passwords: Mutex<Passwords>,
}

impl Clients {
    /// Obtains credentials where the inputs name a registry of ECR that is asked before the build.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        let clients = Self {
            aws: inputs.aws.clone(),
            auth_files: AuthFiles::of(&session.environment),
            registry_override: inputs.registry_override.clone(),
            logins: OnceCell::new(),
            public: OnceCell::new(),
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

    /// A client of the registry `name`, with the credentials that Docker has for it. Of a registry of ECR ECR's own count more where there
    /// is a role, and of a private one where Docker has none. `failed` makes the error of what is wrong with the registry itself.
    pub(crate) async fn registry(
        &self,
        name: &str,
        session: &Session,
        failed: impl Fn(oci_registry::Error) -> Error,
    ) -> Result<Registry, Error> {
        let host = Host::of(name);
        let auth = match host.as_ref().filter(|_| self.aws.role.is_some()) {
            Some(Host::Private(registry)) => return self.ecr(registry, session, failed).await,
            Some(Host::Public) => match self.public(name, session).await {
                Some(auth) => auth,
                None => self.auth_files.auth(name, session)?,
            },
            None => self.auth_files.auth(name, session)?,
        };
        if let (Some(Host::Private(registry)), Auth::Anonymous) = (&host, &auth) {
            return self.ecr(registry, session, failed).await;
        }
        let overridden = self.registry_override.clone().filter(|_| host.is_some());
        let endpoint = overridden.map_or_else(|| endpoint(name), Ok);
        endpoint.and_then(|endpoint| ecr::registry(host.as_ref(), endpoint, auth)).map_err(failed)
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
        let host = Host::Private(registry.clone());
        let auth = logins.auth(&host, session).await?;
        ecr::registry(Some(&host), endpoint, auth).map_err(failed)
    }

    /// The password of the public registry, which is read without one too: that there is none is only said.
    async fn public(&self, name: &str, session: &Session) -> Option<Auth> {
        let ask = async || {
            let answer = self.password(&Host::Public, session).await;
            answer.inspect_err(|error| session.log.line(without_password(name, error))).ok()
        };
        self.public.get_or_init(ask).await.clone()
    }

    /// Gets the passwords that a builder of others, which reads the logins of `reader`, needs for `hosts`, of which the most needed come
    /// first: those of ECR. Without a role a login that is there counts more. Where the build may do without one it is told why there is
    /// none, and the builder tries its own luck.
    pub(crate) async fn log_builder_in(
        &self,
        hosts: &[BuilderHost],
        reader: Reader,
        session: &Session,
    ) -> Result<(), Error> {
        let has_role = self.aws.role.is_some();
        let nobody = has_role || hosts.is_empty();
        let known = if nobody { BTreeSet::new() } else { self.auth_files.hosts(reader)? };
        let mut refused: BTreeMap<&str, (String, Vec<&str>)> = BTreeMap::new();
        let hosts = hosts.iter().filter(|wanted| !known.contains(&wanted.name));
        let hosts: Vec<_> = hosts.filter_map(|wanted| Some((wanted, Host::of(&wanted.name)?))).collect();
        for (BuilderHost { name, need }, host) in &hosts {
            // What was refused about one is refused about all of its region; without credentials for AWS, about all that are left.
            let place = if refused.contains_key(NOBODY) { NOBODY } else { host.region() };
            if let Some((_, names)) = refused.get_mut(place) {
                names.push(name);
                continue;
            }
            match self.password(host, session).await {
                Ok(auth) => self.passwords.lock().await.add(name, &auth),
                Err(error) if need.is_demanded(has_role) => return Err(error),
                Err(error) if *need == Need::Public => session.log.line(without_password(name, &error)),
                Err(error) => {
                    let place = if matches!(error, Error::Connect(_)) { NOBODY } else { place };
                    refused.insert(place, (error.to_string(), vec![name]));
                }
            }
        }
        for (why, names) in refused.values() {
            session.log.warning(format!(
                "the builder gets no password for `{}`, which the Dockerfile or a build argument names: {why}. Set `role-to-assume`, or log \
                 in before this step",
                names.join("`, `")
            ));
        }
        Ok(())
    }

    async fn password(&self, host: &Host, session: &Session) -> Result<Auth, Error> {
        Ok(self.logins(host.region(), session).await?.auth(host, session).await?)
    }

    /// The configuration of a builder that reads the logins of `reader`, with the passwords that it was given; `None` where there are none.
    pub(crate) async fn builder_login(&self, reader: Reader, session: &Session) -> Result<Option<BuilderLogin>, Error> {
        let passwords = self.passwords.lock().await;
        if passwords.is_empty() {
            return Ok(None);
        }
        BuilderLogin::create(reader, &passwords, &self.auth_files, session).map(Some)
    }
}

/// What is told where the public registry is read as anybody may.
fn without_password(name: &str, error: &Error) -> String {
    format!("`{name}` is read without a password, as far as its limits for that go: {error}")
}

fn endpoint(name: &str) -> Result<Endpoint, oci_registry::Error> {
    match RegistryHost::parse(name) {
        Ok(host) => Endpoint::of(&host),
        Err(_) => Endpoint::parse(name),
    }
}
