//! Floats: seconds, sizes and their ratios. No money is computed here.
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "seconds and ratios, not amounts")]

/// One number as a part or multiple of another; 0 where there is nothing to compare with.
pub(crate) fn ratio(a: u64, b: u64) -> f64 {
    ratio_of(a as f64, b as f64)
}

/// As [`ratio`].
pub(crate) fn ratio_of(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// A sum.
pub(crate) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().sum()
}

/// The difference.
pub(crate) fn minus(a: f64, b: f64) -> f64 {
    a - b
}

/// The middle one; the mean of the middle two where there are as many on both sides. 0 of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match (values.len() % 2, values.get(half)) {
        (1, Some(&middle)) => middle,
        (0, Some(&above)) => (values.get(half.saturating_sub(1)).copied().unwrap_or(above) + above) / 2.0,
        _ => 0.0,
    }
}

/// Bytes as MiB.
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// Something per second.
pub(crate) fn per_second(count: u64, seconds: f64) -> f64 {
    ratio_of(count as f64, seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 100.0]), 3.0);
        assert_eq!(median([1.0, 2.0, 4.0, 100.0]), 3.0);
        assert_eq!(median([]), 0.0);
    }
}
