//! What the action talks through: ECR's API, the registry, and the images it pushes.

use actions_core::Session;
use aws_client::Aws;
use aws_client::policy::Place;
use image_ref::{EcrRegistry, ImageReference, RegistryHost, RepositoryName};
use loopback::Pace;
use oci_registry::{Auth, Endpoint, Registry};
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::login::Login;
use crate::origin::Origins;
use crate::policy::repository_arn;
use crate::source::OpenImage;

/// The clients of one run.
#[derive(Debug)]
pub struct Clients {
    pub(crate) ecr: aws_sdk_ecr::Client,
    /// The images, in the order of the inputs.
    pub(crate) images: Vec<OpenImage>,
    aws: Aws,
    registry_override: Option<Endpoint>,
    login: Login,
    registry: OnceCell<Registry>,
}

impl Clients {
    /// Looks whether there are images, obtains credentials, then opens the images, which may take its time.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        inputs.images.iter().try_for_each(|image| image.source.must_exist())?;
        let aws = Aws::connect(&inputs.aws, session).await?;
        let login = Login::new(&aws);
        let mut origins = Origins::new(inputs, &aws, &login, session);
        let mut images = Vec::new();
        for image in &inputs.images {
            images.push(OpenImage::open(&image.source, &mut origins, session).await?);
        }
        Ok(Self {
            ecr: aws_sdk_ecr::Client::new(aws.config()),
            images,
            registry_override: inputs.registry_override.clone(),
            login,
            registry: OnceCell::new(),
            aws,
        })
    }

    /// The region.
    pub(crate) fn region(&self) -> &str {
        self.aws.region()
    }

    /// The pace of waits.
    pub(crate) fn pace(&self) -> Pace {
        self.aws.pace()
    }

    /// The ARN of a repository, for errors; of any account (`*`) when it is not known.
    pub(crate) fn arn(&self, registry_id: Option<&str>, repository: &RepositoryName) -> Option<String> {
        let account = self.aws.place().account.clone().unwrap_or_else(|| "*".to_owned());
        repository_arn(&Place { account: Some(account), ..self.aws.place().clone() }, registry_id, repository)
    }

    /// The client of the registry that holds the repository `uri`; logs in on first use.
    pub(crate) async fn registry(&self, uri: &ImageReference, session: &Session) -> Result<&Registry, Error> {
        self.registry
            .get_or_try_init(async || {
                let endpoint = self.endpoint(uri)?;
                let auth = self.auth(session).await?;
                Registry::new(endpoint, auth.clone()).map_err(Error::Registry)
            })
            .await
    }

    /// Where the registry answers. The password goes to a host of ECR, or to this machine in a rehearsal.
    fn endpoint(&self, uri: &ImageReference) -> Result<Endpoint, Error> {
        if let Some(endpoint) = &self.registry_override {
            return Ok(endpoint.clone());
        }
        let host = uri.registry.as_ref().map_or("", RegistryHost::as_str);
        let registry = EcrRegistry::parse(host).map_err(|_| Error::ForeignRegistry { registry: host.to_owned() })?;
        let config = self.aws.config();
        let is_on = |setting: Option<bool>| setting.unwrap_or_default();
        // ECR's API tells the usual name; the registry has one for each of the same settings.
        let registry = registry.variant(is_on(config.use_fips()), is_on(config.use_dual_stack()));
        Endpoint::parse(&format!("https://{}", registry.host())).map_err(Error::Registry)
    }

    /// The registry's password; asks for it on first use.
    pub(crate) async fn auth(&self, session: &Session) -> Result<&Auth, Error> {
        self.login.auth(session).await
    }
}
