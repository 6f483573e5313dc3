//! The check of requests in front of an emulator.

use std::sync::Arc;

use super::contract::Contract;
use crate::fault::{FaultProxy, Faults};
use crate::http::Request;
use crate::server::StartError;

/// A [`FaultProxy`] that holds requests to AWS's models. All are passed on; dropping the proxy panics with the list of what
/// breaks the models. An emulator's answers are its own affair and not checked.
///
/// A registry below `/v2/`, as ECR's emulator serves it on the same port, is no AWS operation and passes unseen.
#[derive(Debug)]
pub struct ContractProxy {
    proxy: FaultProxy,
    contract: Arc<Contract>,
}

impl ContractProxy {
    /// Starts a proxy in front of `upstream`, such as `http://127.0.0.1:4566`.
    pub fn start(upstream: &str) -> Result<Self, StartError> {
        let contract = Arc::new(Contract::open()?);
        let checked = Arc::clone(&contract);
        let proxy = FaultProxy::start_checked(upstream, move |request| {
            if !request.path.starts_with("/v2/") {
                checked.request(request);
            }
            None
        })?;
        let unanswered = Arc::clone(&contract);
        proxy.watch_faults(move |request| drop(unanswered.request(request)));
        Ok(Self { proxy, contract })
    }

    /// Allows what stands at `path` of an operation's input although the model does not know it.
    pub fn declare_unknown(&self, operation: &str, path: &str) {
        self.contract.declare_unknown(operation, path);
    }

    /// Returns and forgets what broke the models.
    pub fn violations(&self) -> Vec<String> {
        self.contract.take()
    }

    /// Returns the proxy's own address.
    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// Returns the faults of the proxy.
    pub fn faults(&self) -> &Faults {
        self.proxy.faults()
    }

    /// Returns the requests that arrived, those answered by a fault included.
    pub fn requests(&self) -> Vec<Request> {
        self.proxy.requests()
    }
}

impl Drop for ContractProxy {
    fn drop(&mut self) {
        self.contract.assert_kept();
    }
}
