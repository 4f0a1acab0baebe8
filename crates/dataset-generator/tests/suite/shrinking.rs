//! Smaller datasets stay valid.

use crate::invariants::check;
use dataset_generator::{Params, generate};

#[test]
fn stays_valid() {
    for seed in 0..40 {
        let whole = generate(&Params::draw(seed));
        let mut dataset = whole.clone();
        let submissions = dataset.submissions();
        let half: Vec<_> = submissions.iter().copied().take(submissions.len() / 2).collect();
        dataset.retain_submissions(|hash| half.contains(&hash));
        assert_eq!(dataset.submission_count(), half.len());
        check(&dataset);
        let gone = dataset.addresses("staker").into_iter().next();
        dataset.retain_stakers(|staker| Some(staker) != gone);
        assert!(gone.is_none_or(|staker| !dataset.addresses("staker").contains(&staker)));
        check(&dataset);
        dataset.truncate_cutoffs(whole.params.cutoffs.len().div_ceil(2));
        check(&dataset);
        dataset.retain_cutoffs(|cutoff| Some(cutoff) == whole.params.cutoffs.first());
        dataset.drop_after_last_cutoff();
        dataset.drop_unused_blocks();
        check(&dataset);
        assert!(dataset.row_count() < whole.row_count(), "seed {seed}");
    }
}
