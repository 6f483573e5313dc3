//! The runner's OIDC endpoint: gives out a job's ID token for an audience.
//!
//! The token has the form of a JWT and GitHub's claims, but no valid signature: nothing here verifies one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::fault::Faults;
use crate::http::{Reply, Request};
use crate::server::{Server, StartError, blocking};

/// The bearer token which [`FakeOidc`] expects.
pub const REQUEST_TOKEN: &str = "testkit-oidc-request-token";

/// A running OIDC stand-in.
#[derive(Debug)]
pub struct FakeOidc {
    server: Server,
    issued: Arc<Mutex<Vec<String>>>,
}

/// What a request's token says beside the fixed claims.
type ClaimsFor = Box<dyn Fn(&Request) -> Map<String, Value> + Send + Sync>;

/// Sets the claims of a [`FakeOidc`].
pub struct FakeOidcBuilder {
    claims: Map<String, Value>,
    claims_for: Option<ClaimsFor>,
    token: Option<String>,
}

impl std::fmt::Debug for FakeOidcBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeOidcBuilder").field("claims", &self.claims).finish_non_exhaustive()
    }
}

impl FakeOidc {
    /// Starts a stand-in with the claims of a push to `main` of `acme/shop`.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Starts from the default claims and lets them be changed.
    pub fn builder() -> FakeOidcBuilder {
        let claims = json!({
            "iss": "https://token.actions.githubusercontent.com",
            "sub": "repo:acme/shop:ref:refs/heads/main",
            "repository": "acme/shop",
            "repository_owner": "acme",
            "ref": "refs/heads/main",
            "ref_type": "branch",
            "event_name": "push",
            "actor": "octocat",
            "run_id": "1",
            "run_attempt": "1",
            "runner_environment": "github-hosted",
        });
        let Value::Object(claims) = claims else {
            unreachable!("the literal above is an object");
        };
        FakeOidcBuilder { claims, claims_for: None, token: None }
    }

    /// Returns the server's address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the value of `ACTIONS_ID_TOKEN_REQUEST_URL`; as GitHub's, it has a query already.
    pub fn request_url(&self) -> String {
        format!("{}/idtoken?api-version=2.0", self.server.url())
    }

    /// Returns the value of `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub fn request_token(&self) -> &'static str {
        REQUEST_TOKEN
    }

    /// Returns both variables a job with `id-token: write` has.
    pub fn env(&self) -> Vec<(String, String)> {
        vec![
            ("ACTIONS_ID_TOKEN_REQUEST_URL".to_owned(), self.request_url()),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN".to_owned(), REQUEST_TOKEN.to_owned()),
        ]
    }

    /// Returns the tokens given out so far.
    pub fn issued(&self) -> Vec<String> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the recorded requests.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }

    /// Returns the faults of this server.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }
}

impl FakeOidcBuilder {
    /// Sets a claim; `aud`, `iat` and `exp` are set for each token.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Gives out this token alone, so that it is known before anybody asks.
    #[must_use]
    pub fn token(mut self, jwt: impl Into<String>) -> Self {
        self.token = Some(jwt.into());
        self
    }

    /// Adds claims that depend on the request, whose query the caller of [`FakeOidc::request_url`] may have extended.
    #[must_use]
    pub fn claims_for(mut self, claims: impl Fn(&Request) -> Map<String, Value> + Send + Sync + 'static) -> Self {
        self.claims_for = Some(Box::new(claims));
        self
    }

    /// Starts the server.
    pub fn start(self) -> Result<FakeOidc, StartError> {
        let issued = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&issued);
        let (fixed, claims_for, token) = (self.claims, self.claims_for, self.token);
        let server = Server::start(blocking(move |request| {
            let mut claims = fixed.clone();
            claims.extend(claims_for.iter().flat_map(|claims_for| claims_for(request)));
            let reply = answer(request, &claims).map(|jwt| token.clone().unwrap_or(jwt));
            if let Ok(jwt) = &reply {
                log.lock().unwrap_or_else(PoisonError::into_inner).push(jwt.clone());
            }
            match reply {
                Ok(jwt) => Reply::json(200, &json!({"count": jwt.len(), "value": jwt})),
                Err(reply) => reply,
            }
        }))?;
        Ok(FakeOidc { server, issued })
    }
}

fn answer(request: &Request, claims: &Map<String, Value>) -> Result<String, Reply> {
    let refuse = |status, message: &str| Err(Reply::json(status, &json!({"message": message})));
    if request.method != "GET" || request.path != "/idtoken" {
        return refuse(404, "Not Found");
    }
    let (scheme, token) = request.header("authorization").and_then(|value| value.split_once(' ')).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") || token != REQUEST_TOKEN {
        return refuse(401, "the request token is missing or wrong");
    }
    let default = || "https://github.com/acme".to_owned();
    let audience = request.query_value("audience").unwrap_or_else(default);
    Ok(encode(claims, &audience))
}

fn encode(claims: &Map<String, Value>, audience: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut claims = claims.clone();
    claims.insert("aud".to_owned(), audience.into());
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + 300).into());
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"alg": "RS256", "kid": "testkit", "typ": "JWT"}));
    let signature = URL_SAFE_NO_PAD.encode("not a signature");
    format!("{header}.{}.{signature}", part(&Value::Object(claims)))
}

/// Reads the claims of a token without checking its signature.
pub fn claims(jwt: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use super::{FakeOidc, REQUEST_TOKEN, claims};
    use crate::http::send;

    #[test]
    fn gives_a_token_for_the_audience_asked_for() {
        let oidc =
            FakeOidc::builder().claim("sub", "repo:acme/api:environment:prod").start().expect("the server starts");
        let url = format!("{}&audience=sts.amazonaws.com", oidc.request_url());
        let bearer = format!("bearer {REQUEST_TOKEN}");
        let reply = send("GET", &url, &[("authorization", &bearer)], b"").expect("the server answers");
        let jwt = reply.to_json()["value"].as_str().map(str::to_owned).expect("the answer has a token");
        let claims = claims(&jwt).expect("the token has claims");
        assert_eq!(claims["aud"], "sts.amazonaws.com");
        assert_eq!(
            (&claims["sub"], &claims["repository"]),
            (&"repo:acme/api:environment:prod".into(), &"acme/shop".into())
        );
        assert_eq!(oidc.issued(), [jwt]);
    }

    #[test]
    fn refuses_a_request_without_the_request_token() {
        let oidc = FakeOidc::start().expect("the server starts");
        let reply =
            send("GET", &oidc.request_url(), &[("authorization", "bearer other")], b"").expect("the server answers");
        assert_eq!(reply.status, 401);
        assert!(oidc.issued().is_empty());
    }
}
