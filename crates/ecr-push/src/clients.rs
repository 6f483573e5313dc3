//! What the action talks through: ECR's API, the registry, and the image it pushes.

use actions_core::{ExposeSecret as _, SecretString, Session};
use aws_client::policy::Place;
use aws_client::{Aws, api_error};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image_ref::{EcrRegistry, ImageReference, RegistryHost, RepositoryName};
use oci_registry::{Auth, Endpoint, Registry};
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::policy::repository_arn;
use crate::source::OpenImage;

/// The clients of one run.
#[derive(Debug)]
pub struct Clients {
    pub(crate) ecr: aws_sdk_ecr::Client,
    pub(crate) image: OpenImage,
    aws: Aws,
    registry_override: Option<Endpoint>,
    auth: OnceCell<Auth>,
    registry: OnceCell<Registry>,
}

impl Clients {
    /// Looks whether there is an image, obtains credentials, then opens the image, which may take its time.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        inputs.source.must_exist()?;
        let aws = Aws::connect(&inputs.aws, session).await?;
        let image = OpenImage::open(&inputs.source, session).await?;
        Ok(Self {
            ecr: aws_sdk_ecr::Client::new(aws.config()),
            image,
            aws,
            registry_override: inputs.registry_override.clone(),
            auth: OnceCell::new(),
            registry: OnceCell::new(),
        })
    }

    /// The region.
    pub(crate) fn region(&self) -> &str {
        self.aws.region()
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
                Registry::believing(endpoint, auth.clone(), aws_client::authorities()).map_err(Error::Registry)
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
        Endpoint::parse(&format!("https://{}", registry.host())).map_err(Error::Registry)
    }

    /// The registry's password; asks for it on first use.
    pub(crate) async fn auth(&self, session: &Session) -> Result<&Auth, Error> {
        self.auth.get_or_try_init(async || self.log_in(session).await).await
    }

    /// Asks for the registry's password, which lives for twelve hours and opens every registry the caller may use.
    async fn log_in(&self, session: &Session) -> Result<Auth, Error> {
        const OPERATION: &str = "GetAuthorizationToken";
        let incomplete = || Error::IncompleteAnswer { operation: OPERATION, missing: "a token" };
        let answer = self
            .ecr
            .get_authorization_token()
            .send()
            .await
            .map_err(|error| api_error("ecr", OPERATION, "*".to_owned(), &error))?;
        let token = answer.authorization_data().first().and_then(|data| data.authorization_token());
        let token = SecretString::from(token.ok_or_else(incomplete)?);
        session.mask(&token);
        let pair = STANDARD.decode(token.expose_secret()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = SecretString::from(pair.ok_or_else(incomplete)?);
        let (username, password) = pair.expose_secret().split_once(':').ok_or_else(incomplete)?;
        let password = SecretString::from(password);
        session.mask(&password);
        Ok(Auth::Basic { username: username.to_owned(), password })
    }
}
