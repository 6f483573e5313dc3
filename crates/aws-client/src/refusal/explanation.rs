//! What an emulator of STS says of a refusal beside AWS's words, so that a rehearsal can tell apart what AWS does not.

use actions_core::Environment;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Deserialize;

use crate::claims::shown;

/// Why a token was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Explanation {
    /// The condition that does not fit, in a sentence.
    pub(crate) reason: String,
    /// The audiences that would have been taken, where the token's is what is wrong.
    pub(crate) audiences: Option<Vec<String>>,
}

impl Explanation {
    /// The explanation in an answer, without what could leave its line. AWS gives none.
    pub(crate) fn of(response: &HttpResponse) -> Option<Self> {
        let text = response.headers().get(loopback::REFUSAL_HEADER)?;
        let said: Self = serde_json::from_str(text).ok()?;
        let audiences = said.audiences.map(|audiences| audiences.iter().map(|audience| shown(audience)).collect());
        Some(Self { reason: plain(&said.reason), audiences })
    }
}

/// The reason quotes in backticks itself.
fn plain(reason: &str) -> String {
    reason.chars().filter(|c| !c.is_control()).take(1000).collect()
}

/// Whether STS is one of this machine.
pub(crate) fn is_emulated(environment: &Environment) -> bool {
    let endpoint = ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"].iter().find_map(|name| environment.get(name));
    endpoint.is_some_and(loopback::is_loopback_url)
}
