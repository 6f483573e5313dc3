//! Which change set.

use std::time::Duration;

use aws_client::AwsInputs;

/// How a change set is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// By its name, in a stack that is named too.
    Name { name: String, stack: String },
    /// By its ARN, which does not say the stack; the stack, where it was named, is checked.
    Arn { arn: String, region: String, account: String, stack: Option<String> },
}

/// The change set that is asked for, and how long it may take to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) reference: Reference,
    pub(crate) timeout: Duration,
    /// How to talk to AWS.
    pub(crate) aws: AwsInputs,
}

/// `[a-zA-Z][-a-zA-Z0-9]*`, at most 128 characters
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html>).
const LONGEST_NAME: usize = 128;

impl Reference {
    /// Reads the inputs `change-set` and `stack`. `Err` has the name of the bad input.
    pub(crate) fn parse(change_set: &str, stack: Option<&str>) -> Result<Self, (&'static str, String)> {
        let stack = stack.map(stack_name).transpose().map_err(|why| ("stack", why))?;
        if change_set.starts_with("arn:") {
            let (region, account) = arn(change_set).ok_or_else(|| {
                let why = "not the ARN of a change set; write arn:aws:cloudformation:REGION:ACCOUNT:changeSet/NAME/ID";
                ("change-set", why.to_owned())
            })?;
            return Ok(Self::Arn { arn: change_set.to_owned(), region, account, stack });
        }
        if !is_name(change_set) {
            let why =
                "not the name of a change set; letters, digits and hyphens, a letter first, at most 128 characters";
            return Err(("change-set", why.to_owned()));
        }
        match stack {
            Some(stack) => Ok(Self::Name { name: change_set.to_owned(), stack }),
            None => Err((
                "stack",
                "is missing: the name of a change set needs its stack; or give the ARN in `change-set`".to_owned(),
            )),
        }
    }

    /// The region that the ARN names.
    pub(crate) fn region(&self) -> Option<&str> {
        match self {
            Self::Name { .. } => None,
            Self::Arn { region, .. } => Some(region),
        }
    }

    /// The account that the ARN names.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Name { .. } => None,
            Self::Arn { account, .. } => Some(account),
        }
    }

    /// The stack's name, where it is known.
    pub(crate) fn stack(&self) -> Option<&str> {
        match self {
            Self::Name { stack, .. } => Some(stack),
            Self::Arn { stack, .. } => stack.as_deref(),
        }
    }

    /// What to call it in messages.
    pub(crate) fn shown(&self) -> &str {
        match self {
            Self::Name { name, .. } => name,
            Self::Arn { arn, .. } => arn.split('/').nth(1).unwrap_or(arn),
        }
    }
}

/// The region and the account in `arn:PARTITION:cloudformation:REGION:ACCOUNT:changeSet/NAME/ID`.
fn arn(text: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "cloudformation", region, account, resource] = parts.as_slice() else { return None };
    let words: Vec<&str> = resource.split('/').collect();
    let ["changeSet", name, id] = words.as_slice() else { return None };
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    (is_word(partition) && is_word(region) && is_account && is_name(name) && is_word(id))
        .then(|| ((*region).to_owned(), (*account).to_owned()))
}

/// The name of a stack, or the name in its ARN (`arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/ID`).
fn stack_name(text: &str) -> Result<String, String> {
    let name = match text.split_once(":stack/") {
        Some((before, rest)) if before.starts_with("arn:") => rest.split('/').next().unwrap_or_default(),
        _ => text,
    };
    if is_name(name) { Ok(name.to_owned()) } else { Err("not a stack; write its name or its ARN".to_owned()) }
}

/// Whether a change set or a stack can have this name.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/release-7/0123-abcd";

    #[test]
    fn an_arn_names_region_and_account() {
        let reference = Reference::parse(ARN, None).unwrap();
        assert_eq!((reference.region(), reference.stack(), reference.shown()), (Some("eu-west-1"), None, "release-7"));
    }

    #[test]
    fn a_name_needs_its_stack() {
        assert_eq!(Reference::parse("release-7", None).unwrap_err().0, "stack");
        let stack = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/0123";
        let reference = Reference::parse("release-7", Some(stack)).unwrap();
        assert_eq!((reference.stack(), reference.region()), (Some("shop"), None));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in [
            "",
            "7-release",
            "a b",
            "arn:aws:s3:::bucket",
            "arn:aws:cloudformation:eu-west-1:1:changeSet/a/b",
            "arn:aws:cloudformation:eu-west-1:123456789012:stack/a/b",
            "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/a/b/c",
            "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/a/b?c",
        ] {
            assert_eq!(Reference::parse(bad, Some("shop")).unwrap_err().0, "change-set", "{bad}");
        }
        assert_eq!(Reference::parse(ARN, Some("no stack")).unwrap_err().0, "stack");
    }
}
