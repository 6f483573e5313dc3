//! Why there is no usable configuration.

use actions_core::{ActionError, ExitCode};

use crate::error::ApiError;
use crate::refusal::Refusal;

/// No usable configuration.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ConnectError {
    /// No region is known. Exit code 2.
    ///
    /// No input and no variable names the region, and the region of a call cannot be guessed.
    #[error("no AWS region is set")]
    #[diagnostic(code("aws/no-region"), help("set the input `aws-region`, or AWS_REGION in the environment"))]
    NoRegion,
    /// No credentials were found. Exit code 2.
    ///
    /// `role-to-assume` is not set, and neither the environment nor a profile nor the machine offers credentials. What
    /// each source answered is printed under `why`.
    #[error("no AWS credentials were found")]
    #[diagnostic(
        code("aws/no-credentials"),
        help(
            "in a workflow set the input `role-to-assume` and give the job `permissions: id-token: write`; at a shell log in \
             (`aws sso login`) or set AWS_PROFILE"
        )
    )]
    NoCredentials {
        /// What each source answered.
        why: String,
    },
    /// The job may not ask for an OIDC token. Exit code 2.
    ///
    /// The job's permissions do not include `id-token: write`. A `permissions:` block takes away everything it does not
    /// name; pull requests from forks never get a token.
    #[error("the job cannot get an OIDC token for `{role}`")]
    #[diagnostic(
        code("aws/no-id-token"),
        help(
            "write these lines into job `{job}` of the workflow (a job's `permissions:` replace those of the workflow), and into the job \
             that calls it where it is a reusable one:\npermissions:\n  contents: read\n  id-token: write"
        )
    )]
    NoIdToken {
        /// The role.
        role: String,
        /// The job.
        job: String,
    },
    /// The job's token would be asked for over a connection that others can read. Exit code 2.
    ///
    /// `ACTIONS_ID_TOKEN_REQUEST_URL` is neither an `https` address nor one of this machine, and the request for a token
    /// carries `ACTIONS_ID_TOKEN_REQUEST_TOKEN`, with which anybody gets the job's tokens. An earlier step may have changed the variable
    /// through `GITHUB_ENV`. Nothing was sent.
    #[error("the job's OIDC token service `{service}` is not reached over https")]
    #[diagnostic(
        code("aws/insecure-token-service"),
        help(
            "find out which step sets ACTIONS_ID_TOKEN_REQUEST_URL, and take that away: GitHub gives every job an https address of its own"
        )
    )]
    InsecureTokenService {
        /// The service, without its path.
        service: String,
    },
    /// The job's token would be sent to STS over a connection that others can read. Exit code 2.
    ///
    /// `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_STS` or the profile's `endpoint_url` is neither an `https` address nor one of this
    /// machine, and whoever reads the job's token on the way can assume the role with it. Nothing was sent, and no token was asked for.
    #[error("the job's OIDC token would go to `{endpoint}` without https")]
    #[diagnostic(
        code("aws/insecure-endpoint"),
        help(
            "find out what sets AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS or the profile's `endpoint_url`, and take that away or give it an \
             https address: plain http is for an emulator on this machine"
        )
    )]
    InsecureEndpoint {
        /// The endpoint, without its path.
        endpoint: String,
    },
    /// This machine knows no certificate authority. Exit code 2.
    ///
    /// AWS is reached over TLS, and without the certificates of authorities nobody can tell AWS from somebody else. Small container
    /// images lack them, and `SSL_CERT_FILE` and `SSL_CERT_DIR` may name places without any. What was looked for is printed under `why`.
    #[error("this machine has no CA certificates, so no connection to AWS can be trusted")]
    #[diagnostic(
        code("aws/no-ca-certificates"),
        help(
            "install them (`apt-get install ca-certificates`, `apk add ca-certificates`), or let SSL_CERT_FILE name a file of PEM \
             certificates; unset SSL_CERT_FILE and SSL_CERT_DIR where they name none"
        )
    )]
    NoCertificates {
        /// What was found in their place.
        why: String,
    },
    /// The role could not be assumed. Exit code 1.
    ///
    /// The token service or STS gave no usable answer, or the ambient credentials may not assume the role. Their words are
    /// printed under `why`; a token that STS refuses has codes of its own.
    #[error("role `{role}` cannot be assumed")]
    #[diagnostic(
        code("aws/role-not-assumed"),
        help(
            "check that the role exists, and that its trust policy names this repository in `sub` (repo:OWNER/REPO:ref:refs/heads/BRANCH \
             or repo:OWNER/REPO:environment:NAME) and `sts.amazonaws.com` in `aud`"
        )
    )]
    RoleNotAssumed {
        /// The role.
        role: String,
        /// What STS or the token service answered.
        why: String,
    },
    /// The account is not one of `allowed-account-ids`. Exit code 2.
    ///
    /// The role or the profile belongs to another account than the ones that this workflow may touch. The check comes
    /// before the first change.
    #[error("the credentials belong to account {account}, which is not in `allowed-account-ids` ({allowed})")]
    #[diagnostic(
        code("aws/wrong-account"),
        help("use credentials of an allowed account, or add the account if it was meant; nothing was changed")
    )]
    WrongAccount {
        /// The account of the credentials.
        account: String,
        /// The accounts that were allowed.
        allowed: String,
    },
    /// STS does not exchange the job's token.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
    /// The account could not be asked for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Api(#[from] ApiError),
}

impl ActionError for ConnectError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoRegion
            | Self::NoCredentials { .. }
            | Self::NoIdToken { .. }
            | Self::InsecureTokenService { .. }
            | Self::InsecureEndpoint { .. }
            | Self::NoCertificates { .. }
            | Self::WrongAccount { .. } => ExitCode::BadInput,
            Self::RoleNotAssumed { .. } => ExitCode::Failed,
            Self::Refused(refusal) => refusal.exit_code(),
            Self::Api(error) => error.exit_code(),
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoCredentials { why } | Self::NoCertificates { why } | Self::RoleNotAssumed { why, .. } => {
                Some(why.clone())
            }
            Self::NoIdToken { .. } => {
                Some("the job's permissions do not include `id-token: write`, so GitHub offers it no token".to_owned())
            }
            Self::InsecureTokenService { .. } => Some(
                "the request would show ACTIONS_ID_TOKEN_REQUEST_TOKEN to everybody on the way; nothing was sent"
                    .to_owned(),
            ),
            Self::InsecureEndpoint { .. } => Some(
                "whoever reads the token on the way can assume the role with it; nothing was sent, and no token was asked for"
                    .to_owned(),
            ),
            Self::Refused(refusal) => refusal.why(),
            Self::Api(error) => error.why(),
            Self::NoRegion | Self::WrongAccount { .. } => None,
        }
    }
}
