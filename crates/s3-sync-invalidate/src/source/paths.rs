//! Many paths in one text.

/// What ends each path. No path of a file holds it.
const END: char = '\0';

/// Paths, each once; a million of them take little more memory than their bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    /// All of them, each with its end.
    text: String,
    /// Where each of them starts.
    starts: Vec<usize>,
}

impl Paths {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Adds one.
    pub(crate) fn push(&mut self, path: &str) {
        self.starts.push(self.text.len());
        self.text.push_str(path);
        self.text.push(END);
    }

    /// Sorts them by their bytes.
    pub(crate) fn sort(&mut self) {
        // The end is less than any other byte, so what comes behind it is never compared.
        self.starts.sort_unstable_by_key(|start| &self.text[*start..]);
    }

    /// The one at `index`; nothing where there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        self.starts.get(index).map_or("", |start| self.at(*start))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.starts.iter().map(|start| self.at(*start))
    }

    fn at(&self, start: usize) -> &str {
        self.text[start..].split(END).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_sorted_as_texts_are(paths in prop::collection::hash_set("[ -~é日]{1,6}", 0..40)) {
            let mut some = Paths::default();
            for path in &paths {
                some.push(path);
            }
            prop_assert_eq!((0..some.len()).map(|index| some.get(index)).collect::<Vec<_>>(), paths.iter().collect::<Vec<_>>());
            some.sort();
            let mut sorted: Vec<&str> = paths.iter().map(String::as_str).collect();
            sorted.sort_unstable();
            prop_assert_eq!(some.iter().collect::<Vec<_>>(), sorted);
            prop_assert_eq!(some.get(paths.len()), "");
        }
    }
}
