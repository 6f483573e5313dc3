//! STS as far as the emulator does not go: a token is exchanged only for a role whose trust policy lets it in, and is refused as
//! AWS refuses it (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>).

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use testkit::http::{Reply, Request, send};
use testkit::{Fault, FaultProxy};

use crate::error::Error;
use crate::stack::ACCOUNT;
use crate::trust;

/// The audience of a provider that the emulator does not know, as everybody registers it.
const USUAL_AUDIENCE: &str = "sts.amazonaws.com";

/// A proxy in front of STS. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Sts {
    proxy: FaultProxy,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

/// A token that was brought for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// The role's ARN.
    pub(crate) role: String,
    /// The token's subject.
    pub(crate) subject: String,
    /// Why it was refused.
    pub(crate) refused: Option<Refusal>,
}

/// Why a token is not exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The token itself is not accepted.
    Token { message: String },
    /// The role is not there, or its trust policy does not let the token in. AWS does not say which.
    Trust { reason: String },
}

impl Refusal {
    /// The reason, as the rehearsal knows it.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Token { message } => message,
            Self::Trust { reason } => reason,
        }
    }

    /// The answer of AWS.
    fn reply(&self) -> Reply {
        let (status, code, message) = match self {
            Self::Token { message } => (400, "InvalidIdentityToken", message.as_str()),
            Self::Trust { .. } => (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        };
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
        );
        Reply::xml(status, body)
    }
}

impl Sts {
    /// Starts in front of `upstream`, which answers every call; roles are looked up at `emulator`.
    pub(crate) fn start(upstream: &str, emulator: &str) -> Result<Self, Error> {
        let proxy = FaultProxy::start(upstream)
            .map_err(|error| Error::Server { what: "the proxy in front of STS", reason: error.to_string() })?;
        let exchanges = Arc::new(Mutex::new(Vec::new()));
        let (noted, emulator) = (Arc::clone(&exchanges), emulator.to_owned());
        proxy.faults().add(
            Fault::rewrite(move |request, reply| {
                let Some(exchange) = judge(request, &emulator) else { return reply };
                let answer = exchange.refused.as_ref().map_or(reply, Refusal::reply);
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
                answer
            })
            .always(),
        );
        Ok(Self { proxy, exchanges })
    }

    /// The address for `AWS_ENDPOINT_URL_STS`.
    pub(crate) fn url(&self) -> String {
        self.proxy.url()
    }

    /// The tokens that were brought so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Judges a request; `None` when it exchanges no token.
fn judge(request: &Request, emulator: &str) -> Option<Exchange> {
    // The parameters come in the body; a query may hold them as well.
    let form = Request { query: Some(request.text()), ..request.clone() };
    let parameter = |name: &str| form.query_value(name).or_else(|| request.query_value(name));
    if parameter("Action")? != "AssumeRoleWithWebIdentity" {
        return None;
    }
    let role = parameter("RoleArn").unwrap_or_default();
    let claims = testkit::oidc::claims(&parameter("WebIdentityToken").unwrap_or_default());
    let Some(claims) = claims else {
        let message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
        let refused = Some(Refusal::Token { message: message.to_owned() });
        return Some(Exchange { role, subject: String::new(), refused });
    };
    let subject = claims["sub"].as_str().unwrap_or_default().to_owned();
    let refused = admit(&role, &claims, emulator).err();
    Some(Exchange { role, subject, refused })
}

/// Decides in the order of AWS: the token first, then the role.
fn admit(role: &str, claims: &Value, emulator: &str) -> Result<(), Refusal> {
    let issuer = trust::issuer(claims);
    let audiences = audiences(&issuer, emulator);
    if !audiences.iter().any(|audience| claims["aud"] == *audience) {
        return Err(Refusal::Token { message: "Incorrect token audience".to_owned() });
    }
    let refuse = |reason: String| Refusal::Trust { reason };
    let mut parts = role.split(':').skip(4);
    let (account, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if account != ACCOUNT {
        return Err(refuse(format!("the role is in account {account}; everything rehearsed is in {ACCOUNT}")));
    }
    let name = resource.rsplit('/').next().unwrap_or_default();
    let policy = trust_policy(name, emulator).ok_or_else(|| refuse(format!("there is no role `{name}`")))?;
    trust::decide(&policy, claims).map_err(|reason| refuse(format!("trust policy of `{name}`: {reason}")))
}

/// The audiences that are registered for the issuer.
fn audiences(issuer: &str, emulator: &str) -> Vec<String> {
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}");
    let registered = iam(emulator, "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", &arn)
        .and_then(|text| texts_below(&text, "ClientIDList"));
    registered.unwrap_or_else(|| vec![USUAL_AUDIENCE.to_owned()])
}

/// The trust policy of the role `name`.
fn trust_policy(name: &str, emulator: &str) -> Option<Value> {
    let text = iam(emulator, "GetRole", "RoleName", name)?;
    let encoded = texts_below(&text, "AssumeRolePolicyDocument")?.concat();
    let form = format!("policy={encoded}");
    let (_, policy) = url::form_urlencoded::parse(form.as_bytes()).next()?;
    serde_json::from_str(&policy).ok()
}

/// The texts below the first element `name` of an XML document, those of its children included.
fn texts_below(xml: &str, name: &str) -> Option<Vec<String>> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let element = document.descendants().find(|node| node.tag_name().name() == name)?;
    let texts = element.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text());
    Some(texts.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect())
}

/// Asks IAM; the answer's text, where there is one.
fn iam(emulator: &str, action: &str, parameter: &str, value: &str) -> Option<String> {
    let pairs = [("Action", action), ("Version", "2010-05-08"), (parameter, value)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let scope = "test/20260101/us-east-1/iam/aws4_request";
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")),
    ];
    let reply = send("POST", &format!("{emulator}/"), &headers, body.as_bytes()).ok()?;
    reply.is_success().then(|| reply.to_text())
}

#[cfg(test)]
mod tests;
