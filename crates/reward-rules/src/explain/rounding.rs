//! How a division and its rounding are put into words.
//!
//! PostgreSQL chooses a scale for each quotient and rounds it there, so a floor may act on what was rounded up already (Q6). In strict mode it
//! does not.

use pg_numeric::Numeric;

/// `floor(a × b / c) = result`, and whether the division has rounded up before.
pub(crate) fn floored(a: &Numeric, b: &Numeric, c: &Numeric, result: &Numeric) -> String {
    let rounded = (a * b).floor_div(c).is_ok_and(|floor| floor != *result);
    let note = if rounded { ", where the division itself rounds up to an integer" } else { "" };
    format!("floor({a} × {b} / {c}) = {result}{note}")
}

/// `floor(amount × bips / 10000) = result`, with the same note.
pub(crate) fn cut_words(amount: &Numeric, bips: i32, result: &Numeric) -> String {
    floored(amount, &Numeric::from(bips), &Numeric::from(10_000), result)
}

/// The quotient as PostgreSQL rounds it, if there is one.
pub(crate) fn quotient(weight: &Numeric, total: &Numeric) -> Option<Numeric> {
    weight.pgdiv(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q6_a_division_that_rounds_up_is_said_to() {
        let n = |text: &str| text.parse::<Numeric>().unwrap();
        let (x, result) = (n("200000000000000005"), n("20000000000000001"));
        assert_eq!(crate::cut(&x, 1000).unwrap(), result);
        assert!(cut_words(&x, 1000, &result).ends_with("where the division itself rounds up to an integer"));
        assert_eq!(cut_words(&n("7"), 1000, &n("0")), "floor(7 × 1000 / 10000) = 0");
    }
}
