//! What CloudFormation answered to `DescribeChangeSet`, as `aws_client::call` tells it: objects, lists and text.

use serde_json::Value;

/// One page of an answer, but for the changes that other pages have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stack: String,
    pub(super) status: String,
    /// Why the status is what it is; empty where nothing is said.
    pub(super) reason: String,
    pub(super) execution: String,
    /// The parameters by their names.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) changes: Vec<Change>,
    pub(super) next: Option<String>,
}

/// One change. What is empty was not told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// `Resource`; CloudFormation knows no other type yet.
    pub(super) entity: String,
    pub(super) hooks: String,
    pub(super) action: String,
    pub(super) logical: String,
    pub(super) physical: String,
    pub(super) kind: String,
    pub(super) replacement: String,
    pub(super) policy: String,
    pub(super) drift: String,
    pub(super) scope: Vec<String>,
    pub(super) nested: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) details: Vec<Detail>,
}

/// Why a resource changes, one property or attribute each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Detail {
    /// `Properties`, `Metadata`, `Tags`, ...
    pub(super) attribute: String,
    /// The property's name.
    pub(super) name: String,
    /// Such as `/Properties/Roles/0`.
    pub(super) path: String,
    pub(super) recreation: String,
    /// `None` where there is none, or it was not told.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// `Add`, `Remove`, `Modify` or `SyncWithActual`.
    pub(super) change: String,
    pub(super) evaluation: String,
    pub(super) source: String,
    pub(super) entity: String,
}

impl Described {
    /// Reads an answer; `Err` has the member that is not there.
    pub(super) fn read(answer: &Value) -> Result<Self, &'static str> {
        let parameters = items(&answer["Parameters"]).iter().map(|parameter| {
            let resolved = text(parameter, "ResolvedValue");
            let value = if resolved.is_empty() { text(parameter, "ParameterValue") } else { resolved };
            (text(parameter, "ParameterKey"), value)
        });
        let read = Self {
            id: text(answer, "ChangeSetId"),
            name: text(answer, "ChangeSetName"),
            stack: text(answer, "StackName"),
            status: text(answer, "Status"),
            reason: text(answer, "StatusReason"),
            execution: text(answer, "ExecutionStatus"),
            parameters: parameters.collect(),
            changes: items(&answer["Changes"]).iter().map(Change::read).collect(),
            next: Some(text(answer, "NextToken")).filter(|token| !token.is_empty()),
        };
        match &read {
            Self { status, .. } if status.is_empty() => Err("Status"),
            Self { id, .. } if id.is_empty() => Err("ChangeSetId"),
            Self { stack, .. } if stack.is_empty() => Err("StackName"),
            _ => Ok(read),
        }
    }
}

impl Change {
    fn read(change: &Value) -> Self {
        let resource = &change["ResourceChange"];
        Self {
            entity: text(change, "Type"),
            hooks: text(change, "HookInvocationCount"),
            action: text(resource, "Action"),
            logical: text(resource, "LogicalResourceId"),
            physical: text(resource, "PhysicalResourceId"),
            kind: text(resource, "ResourceType"),
            replacement: text(resource, "Replacement"),
            policy: text(resource, "PolicyAction"),
            drift: text(resource, "ResourceDriftStatus"),
            scope: items(&resource["Scope"]).iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            nested: text(resource, "ChangeSetId"),
            before: text(resource, "BeforeContext"),
            after: text(resource, "AfterContext"),
            details: items(&resource["Details"]).iter().map(Detail::read).collect(),
        }
    }
}

impl Detail {
    fn read(detail: &Value) -> Self {
        let target = &detail["Target"];
        let value = |name: &str| target[name].as_str().map(str::to_owned);
        Self {
            attribute: text(target, "Attribute"),
            name: text(target, "Name"),
            path: text(target, "Path"),
            recreation: text(target, "RequiresRecreation"),
            before: value("BeforeValue"),
            after: value("AfterValue"),
            change: text(target, "AttributeChangeType"),
            evaluation: text(detail, "Evaluation"),
            source: text(detail, "ChangeSource"),
            entity: text(detail, "CausingEntity"),
        }
    }
}

/// The items of a list; an empty list comes as an empty text.
fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
