//! URI templates, such as `/{Bucket}/{Key+}?uploads`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// What a template found in an address.
#[derive(Debug, Default)]
pub(super) struct Match {
    /// The decoded labels.
    pub(super) labels: BTreeMap<String, String>,
    /// How many parts of path and query are literally in the template.
    pub(super) literals: usize,
}

/// Matches a path as sent and its decoded query against a template.
pub(super) fn matches(template: &str, path: &str, query: &[(String, String)]) -> Option<Match> {
    let (template, wanted) = template.split_once('?').unwrap_or((template, ""));
    let mut found = labels(template, path)?;
    for pair in wanted.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        query.iter().find(|(key, given)| key == name && (value.is_empty() || given == value))?;
        found.literals += 1;
    }
    Some(found)
}

/// Returns the names of the query parameters a template fixes.
pub(super) fn fixed_query(template: &str) -> impl Iterator<Item = &str> {
    let query = template.split_once('?').map_or("", |(_, query)| query);
    query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).filter(|name| !name.is_empty())
}

fn labels(template: &str, path: &str) -> Option<Match> {
    let mut found = Match::default();
    let mut rest = Some(path.strip_prefix('/').unwrap_or(path));
    for part in template.split('/').filter(|part| !part.is_empty()) {
        let label = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let (given, after) = match label {
            Some(label) if label.ends_with('+') => (rest?, None),
            _ => rest?.split_once('/').map_or((rest?, None), |(given, after)| (given, Some(after))),
        };
        match label {
            None if given == part => found.literals += 1,
            Some(label) if !given.is_empty() => {
                let value = percent_decode_str(given).decode_utf8_lossy().into_owned();
                found.labels.insert(label.trim_end_matches('+').to_owned(), value);
            }
            _ => return None,
        }
        rest = after;
    }
    // `/bucket/` addresses the bucket, not a key.
    rest.is_none_or(str::is_empty).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(template: &str, path: &str, query: &[(&str, &str)], expect: Option<&[(&str, &str)]>) {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let found = matches(template, path, &query).map(|found| found.labels);
        let expect = expect.map(|labels| labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        assert_eq!(found, expect, "{template} on {path}");
    }

    #[test]
    fn labels_are_decoded_and_greedy_ones_keep_their_slashes() {
        check("/{Bucket}/{Key+}", "/site/a/b%20c.js", &[], Some(&[("Bucket", "site"), ("Key", "a/b c.js")]));
        check("/{Bucket}/{Key+}", "/site//a/", &[], Some(&[("Bucket", "site"), ("Key", "/a/")]));
        check("/{Bucket}", "/site/a", &[], None);
        check("/{Bucket}", "/site/", &[], Some(&[("Bucket", "site")]));
        check("/{Bucket}/{Key+}", "/site/", &[], None);
        check("/", "/", &[], Some(&[]));
    }

    #[test]
    fn fixed_query_parameters_must_be_there() {
        check("/{Bucket}?list-type=2", "/site", &[("list-type", "2")], Some(&[("Bucket", "site")]));
        check("/{Bucket}?list-type=2", "/site", &[("list-type", "1")], None);
        check("/{Bucket}?delete", "/site", &[("delete", "")], Some(&[("Bucket", "site")]));
        check("/{Bucket}?delete", "/site", &[], None);
    }
}
