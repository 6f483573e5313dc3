//! Why a job's token does not become a role's credentials: what people really meet, each with the token's claims and the line to
//! change.

mod explanation;

use actions_core::{ActionError, ExitCode};

use crate::claims::Claims;
use crate::error::{ApiError, ApiErrorKind};
pub(crate) use explanation::{Explanation, is_emulated};

/// STS does not exchange the job's OIDC token for a role's credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum Refusal {
    /// The role's trust policy does not name this job. Exit code 1.
    ///
    /// The `sub` of the token is not the one of the policy: another repository or branch, an `environment:` that replaces the
    /// branch, or a subject with immutable ids where the policy has names alone. AWS gives the same answer for a role that does
    /// not exist and for an `aud` condition that does not fit; a rehearsal tells them apart.
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
    /// The token's audience is not one that the account's identity provider or the role's trust policy takes. Exit code 1.
    ///
    /// The OIDC provider in IAM lists the audiences it accepts (its client ids), and the trust policy names one in its `aud` condition;
    /// the token's `aud` must be among both. AWS itself does not tell that the trust policy is the reason (see
    /// `aws/subject-not-trusted`), a rehearsal does.
    ///
    /// Change the line that the message prints, in the provider's client ids (`client_id_list` in Terraform) or in the trust
    /// policy; or ask for an audience that is taken with the input `audience`.
    #[error("{} does not accept tokens for `{}`", acceptor.who(role), claims.audience)]
    #[diagnostic(code("aws/audience-not-accepted"), help("{}", audience_help(role, claims, acceptor)))]
    Audience {
        /// The role.
        role: String,
        /// Who does not take the audience.
        acceptor: Acceptor,
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

/// Who takes audiences, with those it takes where they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptor {
    /// The account's OIDC provider, by its client ids.
    Provider(Vec<String>),
    /// The role's trust policy, by its `aud` condition.
    TrustPolicy(Vec<String>),
}

impl Acceptor {
    fn who(&self, role: &str) -> String {
        match self {
            Self::Provider(_) => format!("account {}", account(role)),
            Self::TrustPolicy(_) => format!("the trust policy of role `{role}`"),
        }
    }

    /// What it takes, in a line of its own; nothing where that is not known.
    fn accepted(&self) -> String {
        let (what, audiences) = match self {
            Self::Provider(audiences) => ("the provider's client ids are", audiences),
            Self::TrustPolicy(audiences) => ("the trust policy accepts", audiences),
        };
        if audiences.is_empty() { String::new() } else { format!("\n{what} `{}`", audiences.join("`, `")) }
    }
}

impl Refusal {
    /// What STS's answer means for a token with these claims, and what an emulator says beside it; `None` for a failure that is not
    /// about the token.
    pub(crate) fn of(error: &ApiError, role: &str, claims: &Claims, more: Option<Explanation>) -> Option<Self> {
        let (role, claims) = (role.to_owned(), Box::new(claims.clone()));
        let Explanation { reason, audiences } = more.unwrap_or_default();
        let reason = if reason.is_empty() { reason } else { format!("\nthe emulator says: {reason}") };
        let why = format!("{}{reason}", error.why()?);
        if error.kind == ApiErrorKind::AccessDenied {
            return Some(match audiences {
                Some(audiences) => Self::Audience { role, acceptor: Acceptor::TrustPolicy(audiences), claims, why },
                None => Self::Subject { role, claims, why },
            });
        }
        // One service code stands for several causes, and only the words tell them apart.
        let message = error.message.to_ascii_lowercase();
        match error.code.as_deref() {
            Some("InvalidIdentityToken") if message.contains("audience") => {
                let acceptor = Acceptor::Provider(audiences.unwrap_or_default());
                Some(Self::Audience { role, acceptor, claims, why })
            }
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
            Self::Subject { claims, why, .. } | Self::NoProvider { claims, why, .. } => {
                format!("{why}\nthe job's token says: {claims}")
            }
            Self::Audience { acceptor, claims, why, .. } => {
                format!("{why}\nthe job's token says: {claims}{}", acceptor.accepted())
            }
            Self::WrongAccount { claims, .. } => format!("the job's token says: {claims}"),
        })
    }
}

/// The account in a role's ARN.
fn account(role: &str) -> &str {
    role.split(':').nth(4).unwrap_or_default()
}

/// The line to change, and the other way out.
fn audience_help(role: &str, claims: &Claims, acceptor: &Acceptor) -> String {
    let Claims { issuer, audience, .. } = claims;
    match acceptor {
        Acceptor::Provider(others) => {
            let all: Vec<String> = others.iter().chain([audience]).map(|id| format!("\"{id}\"")).collect();
            format!(
                "add `{audience}` to the client ids of the account's OIDC provider `{issuer}`: in Terraform `client_id_list = [{}]` of \
                 aws_iam_openid_connect_provider; the trust policy's `{issuer}:aud` must be the same",
                all.join(", ")
            )
        }
        Acceptor::TrustPolicy(others) => {
            let other = others.first().map_or("", String::as_str);
            format!(
                "change this line in the trust policy of `{role}`:\n\"{issuer}:aud\": \"{audience}\"\nor, where the policy is right, \
                 set the input `audience` to what it accepts (`{other}`), which the client ids of the account's OIDC provider must list"
            )
        }
    }
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
