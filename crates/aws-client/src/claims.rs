//! What a job's OIDC token says, for errors: the claims that a trust policy is about, never the token.

use std::fmt;

use serde_json::Value;

/// The most of a claim that is shown.
const LONGEST: usize = 300;

/// The claims of a token that decide whether a role trusts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it, as condition keys begin: `token.actions.githubusercontent.com`.
    pub issuer: String,
    /// `sub`: the repository with the environment, the pull request or the ref.
    pub subject: String,
    /// `aud`: for whom it is.
    pub audience: String,
    /// `ref`: the branch or the tag.
    pub git_ref: String,
    /// `environment`: the job's, where it has one.
    pub environment: Option<String>,
}

impl Claims {
    /// Reads the claims of a token; `None` for what is no JWT. Nothing is verified: they are only shown.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        let padded = format!("{payload}{}", "=".repeat((4 - payload.len() % 4) % 4));
        let claims: Value = serde_json::from_slice(&aws_smithy_types::base64::decode(padded).ok()?).ok()?;
        let text = |name: &str| claims[name].as_str().map(shown);
        Some(Self {
            issuer: text("iss")?.trim_start_matches("https://").to_owned(),
            subject: text("sub")?,
            audience: text("aud").unwrap_or_default(),
            git_ref: text("ref").unwrap_or_default(),
            environment: text("environment"),
        })
    }

    /// Whether the subject names the numbers of owner and repository behind their names
    /// (<https://docs.github.com/en/actions/reference/security/oidc>).
    pub(crate) fn has_immutable_ids(&self) -> bool {
        let repository = self.subject.split(':').nth(1).unwrap_or_default();
        repository.split('/').all(|name| name.rsplit_once('@').is_some_and(|(_, id)| is_number(id)))
    }

    /// The condition of a trust policy that this token fits, as JSON.
    pub(crate) fn condition(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let (sub, aud) = (format!("{}:sub", self.issuer), format!("{}:aud", self.issuer));
        format!(
            r#""Condition": {{"StringEquals": {{{}: {}, {}: {}}}}}"#,
            quoted(&sub),
            quoted(&self.subject),
            quoted(&aud),
            quoted(&self.audience)
        )
    }
}

impl fmt::Display for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sub `{}`, aud `{}`, ref `{}`, ", self.subject, self.audience, self.git_ref)?;
        match &self.environment {
            Some(environment) => write!(f, "environment `{environment}`"),
            None => f.write_str("no environment"),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A claim without what could leave its line.
pub(crate) fn shown(claim: &str) -> String {
    claim.chars().map(|c| if c.is_control() || c == '`' { '?' } else { c }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::Claims;

    #[test]
    fn claims_are_read_from_a_token_of_any_length() {
        for subject in [
            "repo:a/b:ref:refs/heads/main",
            "repo:a/b:ref:refs/heads/mai",
            "repo:a/b:ref:refs/heads/ma",
            "repo:a/ü:x?>",
        ] {
            let oidc = testkit::FakeOidc::builder().claim("sub", subject).start().unwrap();
            let bearer = format!("bearer {}", oidc.request_token());
            let answer = testkit::http::send("GET", &oidc.request_url(), &[("authorization", &bearer)], b"").unwrap();
            let claims = Claims::of(answer.to_json()["value"].as_str().unwrap()).unwrap();
            assert_eq!(claims.subject, subject);
            assert_eq!(claims.issuer, "token.actions.githubusercontent.com");
        }
        assert_eq!(Claims::of("no token"), None);
        assert_eq!(Claims::of("a.!!!.c"), None);
    }

    #[test]
    fn ids_are_seen_behind_both_names() {
        let claims = |subject: &str| Claims {
            issuer: "i".to_owned(),
            subject: subject.to_owned(),
            audience: "a".to_owned(),
            git_ref: String::new(),
            environment: None,
        };
        assert!(claims("repo:acme@12/shop@34:pull_request").has_immutable_ids());
        assert!(!claims("repo:acme/shop:environment:a@1/b@2").has_immutable_ids());
        assert_eq!(claims("s\"").condition(), r#""Condition": {"StringEquals": {"i:sub": "s\"", "i:aud": "a"}}"#);
    }
}
