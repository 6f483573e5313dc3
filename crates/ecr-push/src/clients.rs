//! What the action talks through: ECR's API, the registry, and the images it pushes.

use std::sync::OnceLock;

use actions_core::Session;
use aws_client::Aws;
use aws_client::policy::Place;
use ecr::{Host, Logins, PrivateRegistry, PublicName, PublicRegistry};
use image_ref::{EcrRegistry, ImageReference, RegistryHost, RepositoryName};
use loopback::Pace;
use oci_registry::{Auth, Endpoint, Registry};
use tokio::sync::OnceCell;

use crate::destination::RegistryType;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::origin::Origins;
use crate::policy::repository_arn;
use crate::source::OpenImage;

/// The clients of one run.
#[derive(Debug)]
pub struct Clients {
    /// The public registry, where that is written to.
    pub(crate) public: Option<PublicRegistry>,
    /// The images, in the order of the inputs.
    pub(crate) images: Vec<OpenImage>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    registry_override: Option<Endpoint>,
    logins: Logins,
    registry: OnceCell<Registry>,
}

impl Clients {
    /// Looks whether there are images, obtains credentials, then opens the images, which may take its time.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        inputs.images.iter().try_for_each(|image| image.source.must_exist())?;
        let aws = Aws::connect(&inputs.aws, session).await?;
        let logins = Logins::new(aws);
        let mut origins = Origins::new(inputs, &logins, session);
        let mut images = Vec::new();
        for image in &inputs.images {
            images.push(OpenImage::open(&image.source, &mut origins, session).await?);
        }
        Ok(Self {
            ecr: OnceLock::new(),
            public: (inputs.registry() == RegistryType::Public)
                .then(|| PublicRegistry::new(logins.aws(), inputs.registry_id())),
            images,
            registry_override: inputs.registry_override.clone(),
            logins,
            registry: OnceCell::new(),
        })
    }

    /// The SDK's client of ECR, for what is created and for scans. A push of an image that is there does without: to make it takes as
    /// long as all of that push.
    pub(crate) fn ecr(&self) -> &aws_sdk_ecr::Client {
        self.ecr.get_or_init(|| aws_sdk_ecr::Client::new(self.logins.aws().config()))
    }

    /// The API of the private registry of that account; `None` is the account of the credentials.
    pub(crate) fn private(&self, registry_id: Option<&str>) -> PrivateRegistry {
        PrivateRegistry::new(self.logins.aws(), registry_id)
    }

    /// The region.
    pub(crate) fn region(&self) -> &str {
        self.logins.aws().region()
    }

    /// The pace of waits.
    pub(crate) fn pace(&self) -> Pace {
        self.logins.aws().pace()
    }

    /// The ARN of a repository, for errors; of any account (`*`) when it is not known.
    pub(crate) fn arn(&self, registry_id: Option<&str>, repository: &RepositoryName) -> Option<String> {
        if let Some((public, name)) = self.public.as_ref().zip(PublicName::parse(repository.as_str())) {
            return Some(public.arn(&name));
        }
        let place = self.logins.aws().place();
        let account = place.account.clone().unwrap_or_else(|| "*".to_owned());
        repository_arn(&Place { account: Some(account), ..place.clone() }, registry_id, repository)
    }

    /// The client of the registry that holds the repository `uri`; logs in on first use.
    pub(crate) async fn registry(&self, uri: &ImageReference, session: &Session) -> Result<&Registry, Error> {
        self.registry
            .get_or_try_init(async || {
                let endpoint = self.endpoint(uri)?;
                let auth = self.auth(session).await?;
                let host = self.public.as_ref().map(|_| Host::Public);
                ecr::registry(host.as_ref(), endpoint, auth).map_err(Error::Registry)
            })
            .await
    }

    /// Where the registry answers. The password goes to a host of ECR, or to this machine in a rehearsal.
    fn endpoint(&self, uri: &ImageReference) -> Result<Endpoint, Error> {
        if let Some(endpoint) = &self.registry_override {
            return Ok(endpoint.clone());
        }
        let host = uri.registry.as_ref().map_or("", RegistryHost::as_str);
        if let (Some(_), Some(host), Some(Host::Public)) = (&self.public, &uri.registry, Host::of(host)) {
            return Endpoint::of(host).map_err(Error::Registry);
        }
        let registry = EcrRegistry::parse(host).map_err(|_| Error::ForeignRegistry { registry: host.to_owned() })?;
        ecr::endpoint(&registry, self.logins.aws()).map_err(Error::Registry)
    }

    /// The registry's password; asks for it on first use.
    pub(crate) async fn auth(&self, session: &Session) -> Result<Auth, Error> {
        Ok(match self.public {
            Some(_) => self.logins.auth(&Host::Public, session).await?,
            None => self.logins.of_region(self.region(), session).await?,
        })
    }
}
