//! Medians: the one figure of several runs that a busy machine does not move much.

/// The median of some figures; zero of none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The distance between the quartiles, each the median of a half without the middle one; zero of fewer than two.
pub(crate) fn spread(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    median(&sorted[sorted.len() - half..]) - median(&sorted[..half])
}

#[cfg(test)]
mod tests {
    use super::{median, spread};

    #[test]
    fn is_as_wide_as_the_middle_half() {
        for (figures, width) in [(&[][..], 0.0), (&[3.0], 0.0), (&[1.0, 2.0], 1.0), (&[9.0, 1.0, 3.0, 2.0, 5.0], 5.5)] {
            assert!((spread(figures) - width).abs() < f64::EPSILON, "{figures:?}");
        }
    }

    #[test]
    fn is_the_one_in_the_middle() {
        for (figures, middle) in [(&[][..], 0.0), (&[3.0], 3.0), (&[9.0, 1.0, 2.0], 2.0), (&[4.0, 1.0, 2.0, 9.0], 3.0)]
        {
            assert!((median(figures) - middle).abs() < f64::EPSILON, "{figures:?}");
        }
    }
}
