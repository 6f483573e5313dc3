//! Names that may have been meant.

/// How many names are suggested.
const MOST: usize = 3;

/// The names nearest to `wanted`, the nearest first; those with nothing in common are left out.
pub(crate) fn nearest(wanted: &str, names: &[String]) -> Vec<String> {
    let mut near: Vec<(usize, &String)> = names
        .iter()
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, name)| {
            *distance * 2 <= wanted.len().max(name.len()) || name.contains(wanted) || wanted.contains(name.as_str())
        })
        .collect();
    near.sort();
    near.into_iter().take(MOST).map(|(_, name)| name.clone()).collect()
}

/// The number of letters to insert, remove or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant() {
        let names = ["slipway/backend", "slipway/frontend", "other", "backend"].map(str::to_owned);
        assert_eq!(nearest("slipway/bakend", &names), ["slipway/backend", "slipway/frontend"]);
        assert_eq!(nearest("backend", &names), ["backend", "slipway/backend"]);
        assert!(nearest("zzz", &names).is_empty());
    }

    #[test]
    fn counts_changed_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
