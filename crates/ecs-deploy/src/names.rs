//! Names of clusters and services.

use std::fmt;

use serde::Serialize;

/// The name or the ARN of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClusterName(String);

/// The name or the ARN of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceName(String);

impl ClusterName {
    /// Parses a name or an ARN.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text, ":cluster/").map(Self)
    }

    /// The text as ECS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name alone.
    pub fn name(&self) -> &str {
        last(&self.0)
    }
}

impl ServiceName {
    /// Parses a name or an ARN.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text, ":service/").map(Self)
    }

    /// The text as ECS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name alone.
    pub fn name(&self) -> &str {
        last(&self.0)
    }

    /// The cluster that the ARN names; a short name and an ARN of the old form name none.
    pub fn cluster(&self) -> Option<&str> {
        let (_, path) = self.0.split_once(":service/")?;
        path.split_once('/').map(|(cluster, _)| cluster)
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The last part of an ARN's path, or the whole text.
pub(crate) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// `family:revision` of a task definition's ARN.
pub(crate) fn revision_name(arn: &str) -> &str {
    last(arn)
}

/// The family of a task definition's ARN, or of `family:revision`.
pub(crate) fn family(name: &str) -> &str {
    let name = revision_name(name);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

/// ECS allows up to 255 letters, digits, `-` and `_`
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>).
fn parse(text: &str, arn_part: &str) -> Result<String, String> {
    let name = match text.strip_prefix("arn:") {
        Some(_) if text.contains(arn_part) => last(text),
        Some(_) => return Err(format!("an ARN without `{arn_part}`")),
        None => text,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let allowed_in_arn = |c: char| allowed(c) || c == ':' || c == '/';
    if (1..=255).contains(&name.len())
        && name.chars().all(allowed)
        && text.len() <= 2048
        && text.chars().all(allowed_in_arn)
    {
        Ok(text.to_owned())
    } else {
        Err("not a name; use letters, digits, `-` and `_`, or the whole ARN".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_and_arns_and_nothing_else() {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web";
        assert_eq!(ServiceName::parse(arn).unwrap().name(), "web");
        assert_eq!(ServiceName::parse(arn).unwrap().as_str(), arn);
        assert_eq!(ServiceName::parse(arn).unwrap().cluster(), Some("prod"));
        assert_eq!(ServiceName::parse("arn:aws:ecs:eu-west-1:1:service/web").unwrap().cluster(), None);
        assert_eq!(ServiceName::parse("web").unwrap().cluster(), None);
        assert_eq!(ClusterName::parse("prod_1").unwrap().to_string(), "prod_1");
        for bad in
            ["", "a b", "$(touch x)", "prod/web", "arn:aws:ecs:eu-west-1:1:task/web", "a\nb", "arn:`$(x)`:service/web"]
        {
            assert!(ServiceName::parse(bad).is_err(), "{bad}");
        }
    }
}
