//! Every check finds what it is for, and nothing else.

use bronze::{Finding, FindingKind, Severity, validate};
use chrono::NaiveDate;
use tokio_postgres::Client;

use crate::clean::CLEAN;
use crate::support::with_tables;

/// The day after all of the clean source's blocks.
const CUTOFF: &str = "2025-01-12";

async fn findings(client: &Client, cutoff: &str) -> Vec<Finding> {
    let cutoff: NaiveDate = cutoff.parse().unwrap();
    validate(client, None, cutoff, None).await.unwrap()
}

/// What the checks find after a change to the clean source, which is taken back.
async fn after(client: &Client, change: &str, cutoff: &str) -> Vec<Finding> {
    client.batch_execute("BEGIN").await.unwrap();
    client.batch_execute(change).await.unwrap_or_else(|error| panic!("{change}: {error:?}"));
    let found = findings(client, cutoff).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    found
}

fn with_clean_source(test: impl AsyncFnOnce(&Client)) {
    with_tables(async |client| {
        client.batch_execute(CLEAN).await.unwrap();
        test(client).await;
        assert_eq!(findings(client, CUTOFF).await, [], "the source is as it was");
    });
}

/// Asserts that a change is found once, as this kind, in this table, under this key.
async fn found_once(client: &Client, kind: FindingKind, table: &str, key: &str, change: &str) -> Finding {
    let found = after(client, change, CUTOFF).await;
    let [finding] = found.as_slice() else { panic!("{change}: {found:#?}") };
    assert_eq!((finding.kind, finding.table, finding.key.as_str()), (kind, table, key), "{change}");
    assert_eq!((finding.severity, finding.quarantinable), (kind.severity(), kind.quarantinable()), "{change}");
    assert!(!finding.reason.is_empty());
    finding.clone()
}

fn repeated(digit: char, times: usize) -> String {
    format!("0x{}", digit.to_string().repeat(times))
}

const V1: &str = "reward_submissions";
const V2: &str = "operator_directed_reward_submissions";
const V21: &str = "operator_directed_operator_set_reward_submissions";
const UNIQUE: &str = "unique_stake_reward_submissions";
const TOTAL: &str = "total_stake_reward_submissions";

/// The submission tables with the digit their hash consists of.
const SUBMISSIONS: [(&str, char); 5] = [(V1, '1'), (V2, '2'), (V21, '3'), (UNIQUE, '4'), (TOTAL, '5')];

#[test]
fn names_and_flags_are_pinned() {
    let pinned: Vec<(&str, Severity, bool)> =
        FindingKind::ALL.iter().map(|kind| (kind.name(), kind.severity(), kind.quarantinable())).collect();
    assert_eq!(
        pinned,
        [
            ("submission_address", Severity::Error, true),
            ("submission_duration", Severity::Error, true),
            ("submission_amount", Severity::Error, true),
            ("submission_multiplier", Severity::Error, true),
            ("submission_reward_type", Severity::Error, true),
            ("submission_two_tables", Severity::Error, true),
            ("submission_duplicate", Severity::Error, true),
            ("missing_block", Severity::Error, false),
            ("event_address", Severity::Error, false),
            ("share_size", Severity::Error, false),
            ("share_block_time", Severity::Error, false),
            ("submission_times", Severity::Warning, false),
            ("submission_disagrees", Severity::Warning, false),
            ("submission_repeated_strategy", Severity::Warning, false),
            ("submission_late_end", Severity::Warning, false),
            ("split_range", Severity::Warning, false),
            ("magnitude_range", Severity::Warning, false),
        ]
    );
}

#[test]
fn nothing_is_wrong_with_nothing() {
    with_tables(async |client| assert_eq!(findings(client, CUTOFF).await, []));
}

#[test]
fn submission_address() {
    with_clean_source(async |client| {
        let kind = FindingKind::SubmissionAddress;
        for (table, digit) in SUBMISSIONS {
            let key = repeated(digit, 64);
            for column in ["avs", "token"] {
                // Both rows, so that they agree; the two reasons differ by strategy.
                let change = format!("UPDATE {table} SET {column} = upper({column})");
                let found = after(client, &change, CUTOFF).await;
                assert!(!found.is_empty(), "{change}");
                assert!(
                    found.iter().all(|finding| (finding.kind, finding.table) == (kind, table) && finding.key == key),
                    "{change}: {found:#?}"
                );
            }
            let digits = |digit: &str, times: usize| format!("0x{}", digit.repeat(times));
            for bad in
                [digits("A", 40), digits("g", 40), digits("1", 39), digits("1", 41), String::new(), "1".repeat(42)]
            {
                let change =
                    format!("DELETE FROM {table} WHERE strategy_index = 0; UPDATE {table} SET strategy = '{bad}'");
                let found = after(client, &change, CUTOFF).await;
                assert!(!found.is_empty(), "{change}");
                assert!(found.iter().all(|finding| finding.kind == kind && finding.key == key), "{change}: {found:#?}");
            }
            let bad = format!("0x{}", "1".repeat(63));
            let change =
                format!("DELETE FROM {table} WHERE strategy_index = 1; UPDATE {table} SET reward_hash = '{bad}'");
            let found = after(client, &change, CUTOFF).await;
            assert!(!found.is_empty() && found.iter().all(|finding| finding.kind == kind && finding.key == bad));
        }
        for table in [V2, V21] {
            let change = format!("UPDATE {table} SET operator = 'x' WHERE operator_index = 1");
            let found = after(client, &change, CUTOFF).await;
            assert_eq!(found.len(), 2, "{found:#?}");
            assert!(found.iter().all(|finding| finding.kind == kind && finding.reason.contains("operator x")));
        }
    });
}

#[test]
fn submission_duration() {
    with_clean_source(async |client| {
        let kind = FindingKind::SubmissionDuration;
        for (table, digit) in SUBMISSIONS {
            let key = repeated(digit, 64);
            for days in [0, -1, -7] {
                let change = format!(
                    "UPDATE {table} SET duration = {days} * 86400, end_timestamp = start_timestamp + {days} * interval '1 day'"
                );
                found_once(client, kind, table, &key, &change).await;
            }
            let change = format!(
                "UPDATE {table} SET duration = 86399, end_timestamp = start_timestamp + interval '86399 seconds'"
            );
            let kinds: Vec<FindingKind> = after(client, &change, CUTOFF).await.iter().map(|found| found.kind).collect();
            assert_eq!(kinds, [kind, FindingKind::SubmissionTimes], "{table}");
        }
    });
}

#[test]
fn submission_amount() {
    with_clean_source(async |client| {
        for (table, digit) in SUBMISSIONS {
            // An indexer's amounts are numeric without precision: anything goes.
            for amount in
                ["-1", "0.5", "1e38", "'NaN'", "'Infinity'", "'-Infinity'", "99999999999999999999999999999999999999.1"]
            {
                // Every row: they agree.
                let change = format!("UPDATE {table} SET amount = {amount}");
                let key = repeated(digit, 64);
                let finding = found_once(client, FindingKind::SubmissionAmount, table, &key, &change).await;
                assert!(finding.reason.starts_with("amount "), "{}", finding.reason);
            }
            for amount in ["0", "1.000", "1e38 - 1"] {
                assert_eq!(after(client, &format!("UPDATE {table} SET amount = {amount}"), CUTOFF).await, []);
            }
        }
    });
}

#[test]
fn submission_multiplier() {
    with_clean_source(async |client| {
        for (table, digit) in SUBMISSIONS {
            let set = |value: &str| format!("UPDATE {table} SET multiplier = {value} WHERE strategy_index = 1");
            let key = repeated(digit, 64);
            let kind = FindingKind::SubmissionMultiplier;
            for value in ["-1", "'NaN'"] {
                found_once(client, kind, table, &key, &set(value)).await;
            }
            // An indexer's own column may be without precision.
            let widen = format!("ALTER TABLE {table} ALTER multiplier TYPE numeric");
            for value in ["1e78", "0.1", "'Infinity'", "'-Infinity'"] {
                let finding = found_once(client, kind, table, &key, &format!("{widen}; {}", set(value))).await;
                assert!(finding.reason.contains(&format!("strategy {}", repeated('1', 40))), "{}", finding.reason);
            }
            assert_eq!(after(client, &format!("{widen}; {}", set("1.0")), CUTOFF).await, []);
        }
    });
}

#[test]
fn submission_reward_type() {
    with_clean_source(async |client| {
        for kind in ["", "AVS", "unique_stake", "all_staker"] {
            let change = format!("UPDATE {V1} SET reward_type = '{kind}'");
            found_once(client, FindingKind::SubmissionRewardType, V1, &repeated('1', 64), &change).await;
        }
        for kind in ["avs", "all_stakers", "all_earners"] {
            assert_eq!(after(client, &format!("UPDATE {V1} SET reward_type = '{kind}'"), CUTOFF).await, []);
        }
    });
}

#[test]
fn submission_two_tables() {
    with_clean_source(async |client| {
        let kind = FindingKind::SubmissionTwoTables;
        for (index, (table, digit)) in SUBMISSIONS.into_iter().enumerate() {
            for (other, _) in &SUBMISSIONS[index + 1..] {
                let key = repeated(digit, 64);
                let change = format!("UPDATE {other} SET reward_hash = '{key}'");
                let first = table.min(other);
                let finding = found_once(client, kind, first, &key, &change).await;
                assert!(finding.reason.contains(table) && finding.reason.contains(other), "{}", finding.reason);
            }
        }
    });
}

#[test]
fn submission_duplicate() {
    with_clean_source(async |client| {
        for (table, digit) in SUBMISSIONS {
            // The second row of a strategy index comes from another log and is of another strategy.
            let change = format!("UPDATE {table} SET strategy_index = 0, log_index = 90 + strategy_index");
            let found = after(client, &change, CUTOFF).await;
            let operators = if table == V2 || table == V21 { 2 } else { 1 };
            assert_eq!(found.len(), operators, "{found:#?}");
            for finding in found {
                assert_eq!((finding.kind, finding.table), (FindingKind::SubmissionDuplicate, table));
                assert_eq!(finding.key, repeated(digit, 64));
                assert!(finding.reason.starts_with("has 2 rows with strategy_index 0"), "{}", finding.reason);
                assert_eq!(finding.reason.contains("operator_index"), operators == 2);
            }
        }
    });
}

#[test]
fn submission_duplicate_of_another_avs() {
    with_clean_source(async |client| {
        for table in [V21, UNIQUE, TOTAL] {
            // One block, hash and index, but two avss: silver keeps one of the rows.
            let change = format!(
                "UPDATE {table} SET strategy_index = 0, log_index = 90 + strategy_index, avs = pg_temp.a(strategy_index::text)"
            );
            let found = after(client, &change, CUTOFF).await;
            assert!(found.iter().any(|finding| finding.kind == FindingKind::SubmissionDuplicate), "{found:#?}");
        }
    });
}

#[test]
fn missing_block() {
    with_clean_source(async |client| {
        let tables = [
            V1,
            V2,
            V21,
            UNIQUE,
            TOTAL,
            "avs_operator_state_changes",
            "staker_share_deltas",
            "operator_share_deltas",
            "staker_delegation_changes",
            "operator_avs_splits",
            "operator_pi_splits",
            "operator_set_splits",
            "default_operator_splits",
            "operator_set_operator_registrations",
            "operator_set_strategy_registrations",
            "operator_allocations",
            "operator_max_magnitudes",
        ];
        for table in tables {
            let change = format!("UPDATE {table} SET block_number = 77");
            found_once(client, FindingKind::MissingBlock, table, "77", &change).await;
        }
        // A sample's block need not be listed, nor the one a magnitude takes effect at.
        let change = "UPDATE operator_restaked_strategies SET block_number = 77; \
                      UPDATE operator_allocations SET effective_block = 77";
        assert_eq!(after(client, change, CUTOFF).await, []);
        // A missing block beyond the first one at the cutoff cannot matter; before it, it is the only thing to say.
        for (cutoff, expected) in [("2020-01-01", &[][..]), (CUTOFF, &[FindingKind::MissingBlock][..])] {
            let change = format!("UPDATE {V1} SET block_number = 77, amount = -1");
            let found = after(client, &change, cutoff).await;
            assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), expected);
        }
        // No more than twenty.
        let change = "INSERT INTO staker_delegation_changes SELECT pg_temp.a('7'), pg_temp.a('5'), true, 100 + i, 1 \
                      FROM generate_series(1, 30) i";
        let keys: Vec<String> = after(client, change, CUTOFF).await.into_iter().map(|finding| finding.key).collect();
        assert_eq!(keys, (101..121).map(|block: u32| block.to_string()).collect::<Vec<_>>());
    });
}

#[test]
fn event_address() {
    with_clean_source(async |client| {
        let columns: [(&str, &[&str]); 13] = [
            ("avs_operator_state_changes", &["operator", "avs"]),
            ("staker_share_deltas", &["staker", "strategy"]),
            ("operator_share_deltas", &["operator", "strategy"]),
            ("staker_delegation_changes", &["staker", "operator"]),
            ("operator_avs_splits", &["operator", "avs"]),
            ("operator_pi_splits", &["operator"]),
            ("operator_set_splits", &["operator", "avs"]),
            ("operator_set_operator_registrations", &["operator", "avs"]),
            ("operator_set_strategy_registrations", &["strategy", "avs"]),
            ("operator_allocations", &["operator", "strategy", "avs"]),
            ("operator_max_magnitudes", &["operator", "strategy"]),
            ("excluded_addresses", &["address"]),
            ("operator_restaked_strategies", &["operator", "avs", "strategy"]),
        ];
        for (table, columns) in columns {
            for column in columns {
                let mixed_is_fine = table == "operator_restaked_strategies";
                let upper = format!("0x{}", "A".repeat(40));
                for bad in ["", "0x12", &format!("0x{}", "g".repeat(40)), &format!("0x{}", "1".repeat(41)), &upper] {
                    let change = format!("UPDATE {table} SET {column} = '{bad}'");
                    if mixed_is_fine && bad == upper {
                        assert_eq!(after(client, &change, CUTOFF).await, []);
                        continue;
                    }
                    let finding = found_once(client, FindingKind::EventAddress, table, bad, &change).await;
                    assert!(finding.reason.starts_with(&format!("column {column}:")), "{}", finding.reason);
                }
            }
        }
    });
}

#[test]
fn share_size() {
    with_clean_source(async |client| {
        let kind = FindingKind::ShareSize;
        for (table, holder, digit) in
            [("staker_share_deltas", "staker", '7'), ("operator_share_deltas", "operator", '5')]
        {
            let key = format!("{} in strategy {}", repeated(digit, 40), repeated('0', 40));
            for shares in ["0.5", "1e78", "-1e78", "'NaN'", "'Infinity'", "'-Infinity'"] {
                let change = format!("UPDATE {table} SET shares = {shares}");
                found_once(client, kind, table, &key, &change).await;
                // The run of the block's day does not read it.
                assert_eq!(after(client, &change, "2025-01-10").await, [], "{change}");
            }
            for shares in ["1e78 - 1", "1 - 1e78", "7.0"] {
                assert_eq!(after(client, &format!("UPDATE {table} SET shares = {shares}"), CUTOFF).await, []);
            }

            // More deltas of the same holder and strategy, each in a log of its own after the first row's.
            let index = if holder == "staker" { "strategy_index," } else { "" };
            let zero = if holder == "staker" { "0," } else { "" };
            let deltas = |holder_of: &str, rows: &[(&str, u32, u32)]| {
                let mut change = String::new();
                for (shares, log, block) in rows {
                    change.push_str(&format!(
                        "INSERT INTO {table} ({holder}, strategy, shares, {index} transaction_hash, log_index, block_time, \
                         block_date, block_number) SELECT {holder_of}, pg_temp.a('0'), {shares}, {zero} pg_temp.h('e'), \
                         {log}, block_time, to_char(block_time, 'YYYY-MM-DD'), number FROM blocks WHERE number = {block};"
                    ));
                }
                change
            };
            let same = format!("pg_temp.a('{digit}')");
            // Beyond 10^78 only in the middle: up, up, down.
            let middle = deltas(&same, &[("6e77", 20, 1), ("6e77", 21, 1), ("-9e77", 22, 1)]);
            found_once(client, kind, table, &key, &middle).await;
            let below = deltas(&same, &[("-6e77", 20, 1), ("-6e77", 21, 1), ("9e77", 22, 1)]);
            found_once(client, kind, table, &key, &below).await;
            // The same deltas in another order stay within bounds: block before log, whatever the order of the rows.
            let within = deltas(&same, &[("6e77", 1, 2), ("6e77", 20, 1), ("-9e77", 22, 1)]);
            assert_eq!(after(client, &within, CUTOFF).await, []);
            // Beyond only from the second block on.
            let later = deltas(&same, &[("6e77", 20, 1), ("6e77", 1, 2)]);
            found_once(client, kind, table, &key, &later).await;
            assert_eq!(after(client, &later, "2025-01-11").await, []);
            // Two holders do not add up.
            let two = deltas(&same, &[("6e77", 20, 1)]) + &deltas("pg_temp.a('d')", &[("6e77", 21, 1)]);
            assert_eq!(after(client, &two, CUTOFF).await, []);
        }
    });
}

#[test]
fn share_block_time() {
    with_clean_source(async |client| {
        for table in ["staker_share_deltas", "operator_share_deltas"] {
            for change in ["block_time = '2025-01-10 12:00:01'", "block_date = '2025-01-11'", "block_number = 2"] {
                let change = format!("UPDATE {table} SET {change}");
                let key = if change.contains("number") { "2" } else { "1" };
                found_once(client, FindingKind::ShareBlockTime, table, key, &change).await;
                assert_eq!(after(client, &change, "2025-01-10").await, [], "{change}");
            }
            // Either of the two times suffices to be read.
            let later = format!("UPDATE {table} SET block_number = 2");
            assert_eq!(after(client, &later, "2025-01-11").await.len(), 1);
            let earlier = format!("UPDATE {table} SET block_time = '2025-01-11 12:00:00', block_date = '2025-01-11'");
            assert_eq!(after(client, &earlier, "2025-01-11").await.len(), 1);
        }
    });
}

#[test]
fn submission_times() {
    with_clean_source(async |client| {
        let kind = FindingKind::SubmissionTimes;
        for (table, digit) in SUBMISSIONS {
            let key = repeated(digit, 64);
            for change in [
                "end_timestamp = end_timestamp - interval '1 day'",
                "end_timestamp = end_timestamp - interval '1 microsecond'",
                "duration = duration + 1",
                "duration = duration + 86400",
                "duration = duration + 1, end_timestamp = end_timestamp + interval '1 second'",
                "start_timestamp = start_timestamp + interval '1 hour', end_timestamp = end_timestamp + interval '1 hour'",
                "start_timestamp = '-infinity'",
                "start_timestamp = '0001-01-01'",
            ] {
                found_once(client, kind, table, &key, &format!("UPDATE {table} SET {change}")).await;
            }
        }
        found_once(client, kind, V1, &repeated('1', 64), &format!("UPDATE {V1} SET end_timestamp = 'infinity'")).await;
    });
}

#[test]
fn submission_times_of_any_duration() {
    with_clean_source(async |client| {
        for (table, digit) in SUBMISSIONS {
            for duration in ["9223372036854720000", "86400000000000000", "9000000000000"] {
                // Multiples of a day: the end does not fit, and that is all.
                let change = format!("UPDATE {table} SET duration = {duration} / 86400 * 86400");
                found_once(client, FindingKind::SubmissionTimes, table, &repeated(digit, 64), &change).await;
            }
        }
    });
}

#[test]
fn submission_disagrees() {
    with_clean_source(async |client| {
        let kind = FindingKind::SubmissionDisagrees;
        let week =
            "start_timestamp = start_timestamp - interval '7 days', end_timestamp = end_timestamp - interval '7 days'";
        for (table, digit) in SUBMISSIONS {
            let key = repeated(digit, 64);
            let amount = if table == V2 || table == V21 { "amount = 7" } else { "amount = 8" };
            for change in ["avs = pg_temp.a('b')", "token = pg_temp.a('d')", week, "block_number = 2", amount] {
                let change = format!("UPDATE {table} SET {change} WHERE strategy_index = 1");
                found_once(client, kind, table, &key, &change).await;
            }
        }
        for (table, digit) in [(V21, '3'), (UNIQUE, '4'), (TOTAL, '5')] {
            let change = format!("UPDATE {table} SET operator_set_id = 1 WHERE strategy_index = 1");
            found_once(client, kind, table, &repeated(digit, 64), &change).await;
        }
        for (table, digit) in [(V2, '2'), (V21, '3')] {
            let change =
                format!("UPDATE {table} SET operator = pg_temp.a('8') WHERE strategy_index = 1 AND operator_index = 1");
            found_once(client, kind, table, &repeated(digit, 64), &change).await;
        }
        let change = format!("UPDATE {V1} SET reward_type = 'all_stakers' WHERE strategy_index = 1");
        found_once(client, kind, V1, &repeated('1', 64), &change).await;
    });
}

#[test]
fn submission_repeated_strategy() {
    with_clean_source(async |client| {
        for (table, digit) in SUBMISSIONS {
            let mut change = format!("UPDATE {table} SET strategy = pg_temp.a('0')");
            if table == V2 || table == V21 {
                change.push_str(&format!("; DELETE FROM {table} WHERE operator_index = 1"));
            }
            let kind = FindingKind::SubmissionRepeatedStrategy;
            let finding = found_once(client, kind, table, &repeated(digit, 64), &change).await;
            assert!(finding.reason.contains(&repeated('0', 40)), "{}", finding.reason);
        }
    });
}

#[test]
fn submission_late_end() {
    with_clean_source(async |client| {
        let shift =
            "start_timestamp = start_timestamp + interval '3 days', end_timestamp = end_timestamp + interval '3 days'";
        for (table, digit) in [(V2, '2'), (V21, '3')] {
            let change = format!("UPDATE {table} SET {shift}");
            found_once(client, FindingKind::SubmissionLateEnd, table, &repeated(digit, 64), &change).await;
            // At the very time of its block is in time.
            let change = format!(
                "UPDATE blocks SET block_time = '2025-01-08' WHERE number = 2; UPDATE {table} SET block_number = 2"
            );
            assert_eq!(after(client, &change, CUTOFF).await, []);
        }
        assert_eq!(after(client, &format!("UPDATE {V1} SET {shift}"), CUTOFF).await, []);
    });
}

#[test]
fn split_range() {
    with_clean_source(async |client| {
        let tables = [
            ("operator_avs_splits", "new_operator_avs_split_bips"),
            ("operator_pi_splits", "new_operator_pi_split_bips"),
            ("operator_set_splits", "new_operator_set_split_bips"),
            ("default_operator_splits", "new_default_operator_split_bips"),
        ];
        for (table, column) in tables {
            let key = if table == "default_operator_splits" { "default".to_owned() } else { repeated('5', 40) };
            for bips in ["-1", "10001", "2147483647"] {
                let change = format!("UPDATE {table} SET {column} = {bips}");
                let finding = found_once(client, FindingKind::SplitRange, table, &key, &change).await;
                assert!(finding.reason.contains(bips), "{}", finding.reason);
            }
        }
    });
}

#[test]
fn magnitude_range() {
    with_clean_source(async |client| {
        let key = format!("{} in strategy {}", repeated('5', 40), repeated('0', 40));
        let kind = FindingKind::MagnitudeRange;
        for magnitude in ["-1", "1000000000000000001", "0.5", "'NaN'", "'Infinity'"] {
            let change = format!("UPDATE operator_allocations SET magnitude = {magnitude}");
            found_once(client, kind, "operator_allocations", &key, &change).await;
        }
        for magnitude in ["0", "-1", "1000000000000000001", "1.5", "'NaN'"] {
            let change = format!("UPDATE operator_max_magnitudes SET max_magnitude = {magnitude}");
            found_once(client, kind, "operator_max_magnitudes", &key, &change).await;
        }
    });
}

#[test]
fn submissions_from_the_cutoff_on_do_not_matter() {
    with_clean_source(async |client| {
        // Every check on submissions at once. The run of the day of block 1 does not read it.
        let changes: String = SUBMISSIONS
            .iter()
            .map(|(table, _)| {
                format!(
                    "UPDATE {table} SET amount = -1, multiplier = -1, duration = 7, avs = 'x', strategy = 'y', \
                     reward_hash = 'z', strategy_index = 0, log_index = 90 + strategy_index, token = strategy_index::text, \
                     end_timestamp = '2026-01-01';"
                )
            })
            .collect();
        let changes = changes + &format!("UPDATE {V1} SET reward_type = 'none'");
        let mut found = after(client, &changes, CUTOFF).await;
        found.dedup_by_key(|finding| finding.kind);
        let submission_kinds: Vec<FindingKind> =
            FindingKind::ALL.iter().copied().filter(|kind| kind.name().starts_with("submission_")).collect();
        assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), submission_kinds);
        assert!(!after(client, &changes, "2025-01-11").await.is_empty());
        assert_eq!(after(client, &changes, "2025-01-10").await, []);
        let midnight = "UPDATE blocks SET block_time = '2025-01-10' WHERE number = 1; \
                        UPDATE staker_share_deltas SET block_time = '2025-01-10'; \
                        UPDATE operator_share_deltas SET block_time = '2025-01-10';";
        assert_eq!(after(client, &format!("{midnight}{changes}"), "2025-01-10").await, []);
    });
}

#[test]
fn an_indexers_own_types_will_do() {
    with_clean_source(async |client| {
        // As the indexer has them: varchar for text, numeric for numeric(78,0).
        let widen = "DO $$ DECLARE c record; BEGIN \
                     FOR c IN SELECT table_name, column_name, data_type FROM information_schema.columns \
                              WHERE table_schema = current_schema AND data_type IN ('text', 'numeric') LOOP \
                         EXECUTE format('ALTER TABLE %I ALTER %I TYPE %s', c.table_name, c.column_name, \
                             CASE c.data_type WHEN 'text' THEN 'varchar' ELSE 'numeric' END); \
                     END LOOP; END $$;";
        assert_eq!(after(client, widen, CUTOFF).await, []);
        let spoil = "UPDATE staker_share_deltas SET staker = 'x'; UPDATE operator_share_deltas SET shares = 'NaN'; \
                     UPDATE reward_submissions SET reward_type = 'y', avs = 'z'; UPDATE operator_pi_splits SET \
                     new_operator_pi_split_bips = -1; UPDATE operator_max_magnitudes SET max_magnitude = 'NaN'; \
                     UPDATE unique_stake_reward_submissions SET reward_hash = pg_temp.h('5'); \
                     UPDATE operator_share_deltas SET block_date = ''; UPDATE operator_avs_splits SET block_number = 7;";
        let mut kinds: Vec<FindingKind> =
            after(client, &format!("{widen}{spoil}"), CUTOFF).await.iter().map(|finding| finding.kind).collect();
        kinds.dedup();
        assert_eq!(
            kinds,
            [
                FindingKind::SubmissionAddress,
                FindingKind::SubmissionRewardType,
                FindingKind::SubmissionTwoTables,
                FindingKind::MissingBlock,
                FindingKind::EventAddress,
                FindingKind::ShareSize,
                FindingKind::ShareBlockTime,
                FindingKind::SplitRange,
                FindingKind::MagnitudeRange,
            ]
        );
    });
}
