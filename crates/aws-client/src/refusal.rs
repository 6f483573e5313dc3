//! Why a job's token does not become a role's credentials: what people really meet, each with the token's claims and the line to
//! change.

use actions_core::{ActionError, ExitCode};

use crate::claims::Claims;
use crate::error::{ApiError, ApiErrorKind};

/// STS does not exchange the job's OIDC token for a role's credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum Refusal {
    /// The role's trust policy does not name this job. Exit code 1.
    ///
    /// The `sub` of the token is not the one of the policy: another repository or branch, an `environment:` that replaces the
    /// branch, or a subject with immutable ids where the policy has names alone. AWS gives the same answer for a role that does
    /// not exist and for an `aud` condition that does not fit.
    ///
    /// Write the condition that the message prints into the role's trust policy, or let a job with the trusted branch
    /// or environment assume it.
    #[error("role `{role}` does not trust this job")]
    #[diagnostic(code("aws/subject-not-trusted"), help("{}", subject_help(role, claims)))]
    Subject {
        /// The role.
        role: String,
        /// What the token says.
        claims: Box<Claims>,
        /// What STS answered.
        why: String,
    },
    /// The account's identity provider does not take the token's audience. Exit code 1.
    ///
    /// The OIDC provider in IAM lists the audiences it accepts (its client ids), and the token's `aud` is not among them.
    ///
    /// Add the token's `aud` to the provider's client ids (`client_id_list` in Terraform), and name the same one in
    /// the trust policy.
    #[error("account {} does not accept tokens for `{}`", account(role), claims.audience)]
    #[diagnostic(
        code("aws/audience-not-accepted"),
        help(
            "add `{}` to the client ids of the account's OIDC provider `{}`: in Terraform `client_id_list = [\"{}\"]` of \
             aws_iam_openid_connect_provider; the trust policy's `{}:aud` must be the same",
            claims.audience, claims.issuer, claims.audience, claims.issuer
        )
    )]
    Audience {
        /// The role.
        role: String,
        /// What the token says.
        claims: Box<Claims>,
        /// What STS answered.
        why: String,
    },
    /// The role's account knows no identity provider for the token's issuer. Exit code 1.
    ///
    /// Either the provider was never created, or the role's ARN names the wrong account.
    ///
    /// Correct the account in `role-to-assume`, or create the provider in that account.
    #[error("account {} has no OIDC provider for `{}`", account(role), claims.issuer)]
    #[diagnostic(
        code("aws/no-identity-provider"),
        help(
            "check that account {} is the right one in `role-to-assume`; if it is, create the provider there: \
             `aws iam create-open-id-connect-provider --url https://{} --client-id-list {}`",
            account(role), claims.issuer, claims.audience
        )
    )]
    NoProvider {
        /// The role.
        role: String,
        /// What the token says.
        claims: Box<Claims>,
        /// What STS answered.
        why: String,
    },
    /// The role is in an account that `allowed-account-ids` does not list. Exit code 2.
    ///
    /// The role's ARN names the account; the token was not sent to it.
    #[error("role `{role}` is in account {}, which is not in `allowed-account-ids` ({allowed})", account(role))]
    #[diagnostic(
        code("aws/role-of-wrong-account"),
        help(
            "correct the account in `role-to-assume` (which variable it comes from may depend on the job's `environment:`), or add \
             it to `allowed-account-ids`; nothing was changed"
        )
    )]
    WrongAccount {
        /// The role.
        role: String,
        /// The accounts that were allowed.
        allowed: String,
        /// What the token says.
        claims: Box<Claims>,
    },
}

impl Refusal {
    /// What STS's answer means for a token with these claims; `None` for a failure that is not about the token.
    pub(crate) fn of(error: &ApiError, role: &str, claims: &Claims) -> Option<Self> {
        let (role, claims) = (role.to_owned(), Box::new(claims.clone()));
        let why = error.why()?;
        if error.kind == ApiErrorKind::AccessDenied {
            return Some(Self::Subject { role, claims, why });
        }
        // One service code stands for several causes, and only the words tell them apart.
        let message = error.message.to_ascii_lowercase();
        match error.code.as_deref() {
            Some("InvalidIdentityToken") if message.contains("audience") => Some(Self::Audience { role, claims, why }),
            Some("InvalidIdentityToken") if message.contains("no openidconnect provider") => {
                Some(Self::NoProvider { role, claims, why })
            }
            _ => None,
        }
    }
}

impl ActionError for Refusal {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::WrongAccount { .. } => ExitCode::BadInput,
            Self::Subject { .. } | Self::Audience { .. } | Self::NoProvider { .. } => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        Some(match self {
            Self::Subject { claims, why, .. }
            | Self::Audience { claims, why, .. }
            | Self::NoProvider { claims, why, .. } => {
                format!("{why}\nthe job's token says: {claims}")
            }
            Self::WrongAccount { claims, .. } => format!("the job's token says: {claims}"),
        })
    }
}

/// The account in a role's ARN.
fn account(role: &str) -> &str {
    role.split(':').nth(4).unwrap_or_default()
}

/// The condition to write, and what usually is between it and the one that is there.
fn subject_help(role: &str, claims: &Claims) -> String {
    let repository = claims.subject.split(':').take(2).collect::<Vec<_>>().join(":");
    let context = match &claims.environment {
        Some(environment) => format!(
            "the job has `environment: {environment}`, so `sub` names it and not the branch: a policy for `{repository}:ref:{}` does not \
             fit; change the condition, or take `environment:` away",
            claims.git_ref
        ),
        None if claims.subject.ends_with(":pull_request") => {
            "the run is about a pull request, so `sub` names neither branch nor environment".to_owned()
        }
        None => format!("the job has no `environment:`, so a policy for `{repository}:environment:NAME` does not fit"),
    };
    let ids = if claims.has_immutable_ids() {
        "the subject has the numbers of owner and repository (immutable subject claims): a policy with the names alone does not fit"
    } else {
        "the subject has names alone: a policy with numbers behind them (`OWNER@ID/NAME@ID`, immutable subject claims) does not fit"
    };
    format!(
        "the role's trust policy needs this line, for the provider `{}`:\n{}\n{context}\n{ids}\nif the policy is right, check that the \
         role exists in account {}",
        claims.issuer,
        claims.condition(),
        account(role)
    )
}
