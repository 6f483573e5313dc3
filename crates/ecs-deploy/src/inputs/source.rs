//! Where the task definition comes from.

use std::path::PathBuf;

use actions_core::InputErrors;

use crate::args::DefinitionArgs;
use crate::names::last;

/// Where the task definition comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// What the service runs now.
    #[default]
    Service,
    /// A file.
    File(PathBuf),
    /// The newest revision of a family.
    Family(String),
    /// A revision, as an ARN or as `family:revision`.
    Revision(String),
}

impl Source {
    /// How ECS names it, when it is registered already.
    pub(crate) fn registered(&self) -> Option<&str> {
        match self {
            Self::Family(name) | Self::Revision(name) => Some(name),
            Self::Service | Self::File(_) => None,
        }
    }

    /// The file.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::Service | Self::Family(_) | Self::Revision(_) => None,
        }
    }
}

/// The source, by the precedence of the official render action: file, ARN, family. What is given beside is noted.
pub(super) fn parse(args: &DefinitionArgs, notes: &mut Vec<String>, bad: &mut InputErrors) -> Source {
    let given = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let file = given(&args.task_definition);
    let arn = given(&args.task_definition_arn);
    let family = given(&args.task_definition_family);
    let revision = given(&args.task_definition_revision);
    let inputs = [
        ("task-definition", file.is_some()),
        ("task-definition-arn", arn.is_some()),
        ("task-definition-family", family.is_some()),
        ("task-definition-revision", revision.is_some() && (family.is_none() || file.is_some() || arn.is_some())),
    ];
    let mut given = inputs.into_iter().filter(|(_, given)| *given).map(|(name, _)| name);
    if let Some(used) = given.next() {
        notes.extend(given.map(|name| format!("`{name}` is not used, because `{used}` is given")));
    }
    match (file, arn, family) {
        // What the output `task-definition` of an earlier step holds.
        (Some(arn), _, _) if arn.starts_with("arn:") => {
            bad.optional("task-definition", Some(&arn), revision_of).unwrap_or_default()
        }
        (Some(path), _, _) => Source::File(PathBuf::from(path)),
        (None, Some(arn), _) => bad.optional("task-definition-arn", Some(&arn), revision_of).unwrap_or_default(),
        (None, None, Some(family)) => of_family(&family, revision.as_deref(), bad),
        (None, None, None) if revision.is_some() => {
            let help = "name its family in `task-definition-family`".to_owned();
            bad.add("task-definition-revision", "needs `task-definition-family`", Some(help));
            Source::Service
        }
        (None, None, None) => Source::Service,
    }
}

fn of_family(family: &str, revision: Option<&str>, bad: &mut InputErrors) -> Source {
    let family = bad.optional("task-definition-family", Some(family), family_name);
    let number = bad.optional("task-definition-revision", revision, revision_number);
    match (family, number) {
        (Some(family), Some(number)) => Source::Revision(format!("{family}:{number}")),
        (Some(family), None) => Source::Family(family),
        (None, _) => Source::Service,
    }
}

/// Parses the ARN of a revision, or `family:revision`; a bare family means its newest.
fn revision_of(text: &str) -> Result<Source, String> {
    const HINT: &str = "not a revision; write family:revision, or the ARN of a task definition";
    let short = match text.strip_prefix("arn:") {
        Some(_) if text.len() <= 2048 && text.contains(":task-definition/") => last(text),
        Some(_) => return Err(HINT.to_owned()),
        None => text,
    };
    let in_arn = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '-' | '_');
    if !text.chars().all(in_arn) {
        return Err(HINT.to_owned());
    }
    match short.split_once(':') {
        Some((family, number)) if family_name(family).is_ok() && revision_number(number).is_ok() => {
            Ok(Source::Revision(text.to_owned()))
        }
        None if family_name(short).is_ok() => Ok(Source::Family(text.to_owned())),
        _ => Err(HINT.to_owned()),
    }
}

fn family_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=255).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("not a family; use letters, digits, `-` and `_`".to_owned())
    }
}

fn revision_number(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "not the number of a revision".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(file: &str, arn: &str, family: &str, revision: &str) -> DefinitionArgs {
        let some = |text: &str| Some(text.to_owned());
        DefinitionArgs {
            task_definition: some(file),
            task_definition_arn: some(arn),
            task_definition_family: some(family),
            task_definition_revision: some(revision),
            ..DefinitionArgs::default()
        }
    }

    fn source(args: &DefinitionArgs) -> (Source, Vec<String>) {
        let (mut notes, mut bad) = (Vec::new(), InputErrors::new());
        let source = parse(args, &mut notes, &mut bad);
        assert!(bad.is_empty(), "{bad}");
        (source, notes)
    }

    #[test]
    fn file_arn_family_come_in_this_order_and_the_rest_is_noted() {
        assert_eq!(source(&DefinitionArgs::default()).0, Source::Service);
        assert_eq!(source(&args("", "", "shop", "")), (Source::Family("shop".into()), vec![]));
        assert_eq!(source(&args("", "", "shop", "7")), (Source::Revision("shop:7".into()), vec![]));
        let arn = "arn:aws-us-gov:ecs:us-gov-west-1:1:task-definition/shop:7";
        assert_eq!(source(&args("", arn, "", "")), (Source::Revision(arn.into()), vec![]));
        assert_eq!(source(&args("", "shop:7", "", "")).0, Source::Revision("shop:7".into()));
        assert_eq!(source(&args("", "shop", "", "")).0, Source::Family("shop".into()));
        assert_eq!(source(&args(arn, "", "", "")).0, Source::Revision(arn.into()));
        let (file, notes) = source(&args("td.json", "no-arn at all", "a family", "a revision"));
        assert_eq!(file, Source::File("td.json".into()));
        assert_eq!(
            notes,
            [
                "`task-definition-arn` is not used, because `task-definition` is given",
                "`task-definition-family` is not used, because `task-definition` is given",
                "`task-definition-revision` is not used, because `task-definition` is given",
            ]
        );
    }

    #[test]
    fn what_names_no_revision_is_refused() {
        for bad_args in [
            args("", "arn:aws:ecs:eu-west-1:1:service/prod/web", "", ""),
            args("arn:aws:ecs:eu-west-1:1:service/prod/web", "", "", ""),
            args("", "shop:", "", ""),
            args("", "shop:0", "", ""),
            args("", "$(touch x):1", "", ""),
            args("", "", "a b", ""),
            args("", "", "shop", "newest"),
            args("", "", "", "7"),
        ] {
            let mut bad = InputErrors::new();
            parse(&bad_args, &mut Vec::new(), &mut bad);
            assert!(!bad.is_empty(), "{bad_args:?}");
        }
    }
}
