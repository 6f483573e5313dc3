//! AWS's own description of its services, as botocore ships it: which operation a request is, and what it asks for.
//!
//! The models come from the pinned tools (`service-2.json` of botocore). Each is digested once into the tool folder, without its
//! documentation, so that a test process reads only what it needs. The HTTP calls of ECR's registry are no AWS
//! operations and are not known here.

mod cache;
mod check;
mod document;
mod errors;
mod identify;
mod parameters;
mod query;
mod reply;
mod service;
mod uri;
mod xml;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use check::Violation;
use document::Document;
use serde_json::Value;

use crate::http::{Reply, Request};
use crate::tools::ToolsError;

/// Why there is no model.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ModelError {
    /// The pinned tools are not there and cannot be installed.
    #[error("AWS's service models are not there: {source}")]
    #[diagnostic(code(aws_model::tools), help("make pip's package index reachable, or set SLIPWAY_TOOLS_DIR"))]
    Tools {
        /// What went wrong.
        #[from]
        source: ToolsError,
    },
    /// botocore has no such service.
    #[error("botocore describes no service named `{service}`")]
    #[diagnostic(code(aws_model::service), help("use the name in the signature's scope, such as `ecs`"))]
    Unknown {
        /// What was asked for.
        service: String,
    },
    /// A model cannot be read or digested.
    #[error("cannot read the service model `{}`: {reason}", path.display())]
    #[diagnostic(code(aws_model::read), help("remove the tool folder, so that it is installed anew"))]
    Read {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
}

/// An operation of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// The service as signatures name it, such as `ecs`.
    pub service: String,
    /// The operation, such as `DescribeServices`.
    pub name: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}

/// One service's model.
#[derive(Debug)]
pub struct Model {
    service: String,
    document: Document,
}

impl Model {
    /// Returns the model of a service, named as in signatures: `ecs`, `ecr`, `s3`, `cloudfront`, `sts`, `iam`, `logs`, ...
    /// A process reads each model once.
    pub fn load(service: &str) -> Result<Arc<Self>, ModelError> {
        cache::load(service)
    }

    /// Returns the model of the service a request is for; `None` when it names none.
    pub fn of(request: &Request) -> Result<Option<Arc<Self>>, ModelError> {
        service::of(request).map(|service| Self::load(&service)).transpose()
    }

    /// Returns the service's name.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Returns the names of all operations.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.document.operations.keys().map(String::as_str)
    }

    /// Returns the service's shapes by their names, each as botocore writes it but for its documentation.
    pub fn shapes(&self) -> Value {
        serde_json::to_value(&self.document.shapes).unwrap_or_default()
    }

    /// Tells which of the service's operations a request is.
    pub fn identify(&self, request: &Request) -> Option<Operation> {
        let name = identify::name(&self.document, request)?;
        Some(Operation { service: self.service.clone(), name: name.to_owned() })
    }

    /// Returns the modeled input of a request: body members, URI labels, query and headers, by the names of their members.
    /// What the model does not know keeps the name it was sent with. `Null` when the request is no operation of this service.
    pub fn parameters(&self, request: &Request) -> Value {
        match identify::name(&self.document, request) {
            Some(name) => parameters::read(&self.document, name, request),
            None => Value::Null,
        }
    }

    /// Returns what is wrong with a request that is one of this service's operations.
    pub(crate) fn check_request(&self, request: &Request) -> Vec<Violation> {
        let Some(name) = identify::name(&self.document, request) else {
            return vec![Violation::new("", format!("{request} is no operation of {}", self.service))];
        };
        let parameters = parameters::read(&self.document, name, request);
        let mut found = check::input(&self.document, name, &parameters);
        found.extend(parameters::strangers(&self.document, name, request));
        found
    }

    /// Returns what is wrong with an answer to an operation.
    pub(crate) fn check_reply(&self, operation: &Operation, request: &Request, reply: &Reply) -> Vec<Violation> {
        reply::check(self, &operation.name, request, reply)
    }
}

/// Tells which AWS operation a request is; `None` when it is none that the models know.
pub fn identify(request: &Request) -> Result<Option<Operation>, ModelError> {
    match Model::of(request) {
        Ok(model) => Ok(model.and_then(|model| model.identify(request))),
        Err(ModelError::Unknown { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
