//! STS as far as the emulator does not go: a token is exchanged only for a role whose trust policy lets it in, and is refused as
//! AWS refuses it (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>).

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use testkit::http::{Reply, Request, send};
use testkit::{Fault, FaultProxy};

use crate::error::Error;
use crate::stack::ACCOUNT;
use crate::trust::{self, Bearer, Untrusted};

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
    Token { message: &'static str, why: Untrusted },
    /// The role is not there, or its trust policy does not let the token in. AWS does not say which.
    Trust(Untrusted),
}

impl Refusal {
    /// The reason, as the rehearsal knows it.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Token { why, .. } | Self::Trust(why) => &why.reason,
        }
    }

    /// The answer of AWS, and the explanation that an emulator may add.
    fn reply(&self) -> Reply {
        let (status, code, message, why) = match self {
            Self::Token { message, why } => (400, "InvalidIdentityToken", *message, why),
            Self::Trust(why) => (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", why),
        };
        let explanation = json!({ "reason": why.reason, "audiences": why.audiences });
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
        );
        Reply::xml(status, body).with_header(loopback::REFUSAL_HEADER, ascii(&explanation.to_string()))
    }
}

/// JSON as a header can hold it.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    json.chars().fold(String::new(), |mut text, sign| {
        if sign.is_ascii() {
            text.push(sign);
        } else {
            text.extend(sign.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
        text
    })
}

impl Sts {
    /// Starts in front of `upstream`, which answers every call; roles are looked up at `emulator`. A provider that it does not have has
    /// these `client_ids`.
    pub(crate) fn start(upstream: &str, emulator: &str, client_ids: &[String]) -> Result<Self, Error> {
        let proxy = FaultProxy::start(upstream)
            .map_err(|error| Error::Server { what: "the proxy in front of STS", reason: error.to_string() })?;
        let exchanges = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&exchanges);
        let iam = Iam { emulator: emulator.to_owned(), client_ids: client_ids.to_vec() };
        proxy.faults().add(
            Fault::rewrite(move |request, reply| {
                let Some(exchange) = judge(request, &iam) else { return reply };
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
fn judge(request: &Request, iam: &Iam) -> Option<Exchange> {
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
        let refused = Some(Refusal::Token { message, why: message.to_owned().into() });
        return Some(Exchange { role, subject: String::new(), refused });
    };
    let subject = claims["sub"].as_str().unwrap_or_default().to_owned();
    let session = parameter("RoleSessionName").unwrap_or_default();
    let refused = admit(&Bearer { role: &role, session: &session, claims: &claims }, iam).err();
    Some(Exchange { role, subject, refused })
}

/// Decides in the order of AWS: the token first, then the role.
fn admit(bearer: &Bearer<'_>, iam: &Iam) -> Result<(), Refusal> {
    let audience = bearer.claims["aud"].as_str().unwrap_or_default();
    let audiences = iam.audiences(bearer.issuer());
    if !audiences.iter().any(|known| known == audience) {
        let reason = format!("`{audience}` is not among the provider's client ids");
        let why = Untrusted { reason, audiences: Some(audiences) };
        return Err(Refusal::Token { message: "Incorrect token audience", why });
    }
    let refuse = |reason: String| Refusal::Trust(reason.into());
    let mut parts = bearer.role.split(':').skip(4);
    let (account, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if account != ACCOUNT {
        return Err(refuse(format!("the role is in account {account}; everything rehearsed is in {ACCOUNT}")));
    }
    let name = resource.rsplit('/').next().unwrap_or_default();
    let role = iam.role(name).ok_or_else(|| refuse(format!("there is no role `{name}`")))?;
    if role.arn != bearer.role {
        return Err(refuse(format!("there is no role `{}`; `{name}` is `{}`", bearer.role, role.arn)));
    }
    let of_policy = |why: Untrusted| Untrusted { reason: format!("trust policy of `{name}`: {}", why.reason), ..why };
    trust::decide(&role.trust_policy, bearer).map_err(|why| Refusal::Trust(of_policy(why)))
}

/// The emulator's IAM.
#[derive(Debug)]
struct Iam {
    emulator: String,
    /// Those of a provider that the emulator does not have.
    client_ids: Vec<String>,
}

/// A role, as far as a token is concerned.
struct Role {
    arn: String,
    trust_policy: Value,
}

impl Iam {
    /// The audiences that are registered for the issuer.
    fn audiences(&self, issuer: &str) -> Vec<String> {
        let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}");
        let registered = self
            .ask("GetOpenIDConnectProvider", "OpenIDConnectProviderArn", &arn)
            .and_then(|text| texts_below(&text, "ClientIDList"));
        registered.unwrap_or_else(|| self.client_ids.clone())
    }

    /// The role `name`.
    fn role(&self, name: &str) -> Option<Role> {
        let text = self.ask("GetRole", "RoleName", name)?;
        let encoded = texts_below(&text, "AssumeRolePolicyDocument")?.concat();
        let form = format!("policy={encoded}");
        let (_, policy) = url::form_urlencoded::parse(form.as_bytes()).next()?;
        let arn = texts_below(&text, "Arn")?.concat();
        Some(Role { arn, trust_policy: serde_json::from_str(&policy).ok()? })
    }

    /// Asks; the answer's text, where there is one.
    fn ask(&self, action: &str, parameter: &str, value: &str) -> Option<String> {
        let pairs = [("Action", action), ("Version", "2010-05-08"), (parameter, value)];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let scope = "test/20260101/us-east-1/iam/aws4_request";
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", &format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")),
        ];
        let reply = send("POST", &format!("{}/", self.emulator), &headers, body.as_bytes()).ok()?;
        reply.is_success().then(|| reply.to_text())
    }
}

/// The texts below the first element `name` of an XML document, those of its children included.
fn texts_below(xml: &str, name: &str) -> Option<Vec<String>> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let element = document.descendants().find(|node| node.tag_name().name() == name)?;
    let texts = element.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text());
    Some(texts.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect())
}

#[cfg(test)]
mod tests;
