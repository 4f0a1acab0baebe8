//! The memory limit: what does not fit names itself and the least that would do.

use pipeline::{Budget, RunError, RunRequest, Stop};
use test_support::runtime;

use crate::support::{Installation, completed, operator_sets};

/// What a run says that has too little.
async fn refusal(installation: &mut Installation, limit: u64) -> Option<(String, u64)> {
    let cutoff = *operator_sets().cutoffs.last().unwrap();
    let request = RunRequest { memory: Budget::new(limit), ..installation.request(cutoff) };
    let error = match installation.try_request(&request).await {
        Ok(outcome) => {
            completed(outcome);
            return None;
        }
        Err(error) => error,
    };
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<memory_budget::OutOfMemory>() {
            assert!(refused.to_string().contains("--memory-limit"), "{refused}");
            return Some((refused.consumer.to_owned(), refused.needed));
        }
        cause = error.source();
    }
    panic!("{error}");
}

#[test]
fn every_consumer_names_itself_and_the_least_that_works_works() {
    runtime().block_on(async {
        let mut expected = Installation::of(&operator_sets()).await;
        completed(expected.try_run(*operator_sets().cutoffs.last().unwrap()).await.unwrap());

        let mut installation = Installation::of(&operator_sets()).await;
        let (consumer, _) = refusal(&mut installation, 1).await.unwrap();
        assert_eq!(consumer, "events being folded");
        // Silver takes more than the rest here: let it be there already.
        let stop = Stop::default();
        stop.request();
        let request = RunRequest { stop, ..installation.request(*operator_sets().cutoffs.last().unwrap()) };
        let error = installation.try_request(&request).await.unwrap_err();
        assert!(matches!(error, RunError::Interrupted { .. }), "{error}");

        let mut consumers = Vec::new();
        let mut limit = 1;
        // Each time with what was said to be the least: it gets further, and at last through.
        while let Some((consumer, least)) = refusal(&mut installation, limit).await {
            assert!(least > limit, "{consumer}: {least} is not more than {limit}");
            assert_eq!(installation.gold().await, [""; 0], "nobody sees a part");
            if consumers.last() != Some(&consumer) {
                consumers.push(consumer);
            }
            limit = least;
        }
        for consumer in
            ["texts", "submissions", "registrations", "numbers of earners", "state of a day", "rows being computed"]
        {
            assert!(consumers.iter().any(|name| name == consumer), "{consumer} is not among {consumers:?}");
        }
        assert!(installation.gold().await == expected.gold().await, "fewer days at once, same rows");
    });
}

#[test]
fn a_run_reserves_and_gives_everything_back() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let memory = Budget::new(64 << 20);
        let request = RunRequest { memory: memory.clone(), ..installation.request(operator_sets().cutoffs[0]) };
        let outcome: Result<_, RunError> = installation.try_request(&request).await;
        completed(outcome.unwrap());
        assert!(memory.peak() > 10_000, "{memory:?}");
        assert_eq!(memory.used(), 0);
    });
}
