//! How much a run may delete at most.

/// From so many objects on, a percentage of them means something.
pub(crate) const MANY: usize = 20;

/// The input `max-delete`; by default there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MaxDelete {
    /// How many objects at most.
    objects: Option<usize>,
    /// How many of a hundred at most, of those without a content hash in their names.
    percent: Option<usize>,
}

/// What would be deleted of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// How many objects.
    pub(crate) objects: usize,
    /// How many of them have no content hash in their names.
    pub(crate) plain: usize,
    /// How many objects without one are there.
    pub(crate) plain_before: usize,
}

impl MaxDelete {
    /// Parses `1000`, `50%` or `1000,50%`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut limit = Self { objects: None, percent: None };
        for part in text.split(',').map(str::trim) {
            let (field, number) = match part.strip_suffix('%') {
                Some(number) => (&mut limit.percent, number.trim().parse().ok().filter(|percent| *percent <= 100)),
                None => (&mut limit.objects, part.parse().ok()),
            };
            if field
                .replace(number.ok_or("write a number of objects, a percentage, or both: `1000`, `50%`, `1000,50%`")?)
                .is_some()
            {
                return Err("there can be one number and one percentage".to_owned());
            }
        }
        Ok(limit)
    }

    /// Which limit `deleted` is beyond, in words; `None` when it is within both.
    pub(crate) fn exceeded(self, deleted: Deleted) -> Option<String> {
        let Deleted { objects, plain, plain_before } = deleted;
        if let Some(most) = self.objects.filter(|most| objects > *most) {
            return Some(format!("at most {most} objects"));
        }
        let percent = self.percent.filter(|percent| plain_before >= MANY && plain * 100 > percent * plain_before)?;
        Some(format!(
            "at most {percent} % of the {plain_before} objects that have no content hash in their names, and {plain} of them would go"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(limit: &str, objects: usize, plain: usize, plain_before: usize) -> bool {
        MaxDelete::parse(limit).unwrap().exceeded(Deleted { objects, plain, plain_before }).is_some()
    }

    #[test]
    fn a_number_counts_all_objects() {
        assert!(!is_refused("10", 10, 0, 0));
        assert!(is_refused("10", 11, 0, 0));
        assert!(!is_refused("0", 0, 0, 0) && is_refused("0", 1, 1, 5));
    }

    #[test]
    fn a_percentage_counts_those_whose_names_stay_from_build_to_build() {
        assert!(!is_refused("50%", 1000, 50, 100));
        assert!(is_refused("50%", 51, 51, 100));
        assert!(!is_refused("50%", 19, 19, 19), "of few objects half is nothing special");
        assert!(is_refused("0%", 1, 1, 20) && !is_refused("100%", 20, 20, 20));
    }

    #[test]
    fn either_one_of_both_is_a_limit() {
        assert!(is_refused("10,50%", 11, 0, 100) && !is_refused("10, 50 %", 10, 10, 20));
        assert!(is_refused("50%,1000", 60, 60, 100));
    }

    #[test]
    fn nothing_else_is_a_limit() {
        for text in ["", "x", "10%%", "101%", "-1", "1,2", "5%,6%", "1,"] {
            assert!(MaxDelete::parse(text).is_err(), "{text}");
        }
    }
}
