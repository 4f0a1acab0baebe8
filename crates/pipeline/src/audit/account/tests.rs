use reward_rules::{Day, Id};

use super::*;

fn n(text: &str) -> Numeric {
    text.parse().unwrap()
}

const FIRST: Id = Id(1);

/// What a pot of so much, for so many days, allots to one operator.
fn allot(operator: Id, how: How, amount: &str, days: u32, tokens: &str) -> Allotment {
    let per_day = if how == How::Spread { Numeric::ZERO } else { n(tokens) };
    let operator = (how != How::Pool).then_some(operator);
    Allotment {
        operator,
        amount: n(amount),
        days,
        per_day,
        how,
        tokens: n(tokens),
        given: n(tokens),
        nobodys: Numeric::ZERO,
        rounding: Quirk::Q6,
    }
}

/// A day on which all that is allotted goes to stakers, but for what is said here of the first pot.
fn day(mut allotments: Vec<Allotment>, lost: &str, nobodys: &str) -> DayOutcome {
    allotments[0].given = &allotments[0].tokens - &(n(lost) + n(nobodys));
    allotments[0].nobodys = n(nobodys);
    let stakers = allotments.iter().map(|allotment| &allotment.given).sum();
    DayOutcome { allotments, paid: Paid { stakers, ..Paid::default() }, rows: 3 }
}

/// Enters days, each with its run, and what is stored as the rules pay it.
fn account(days: &[(usize, DayOutcome)]) -> Account {
    let mut account = Account::default();
    for (position, (run, outcome)) in (0..).zip(days) {
        account.settle(Day(position), *run, outcome);
        account.paid.add(&outcome.paid);
    }
    account
}

/// Columns that close, as `stakers dust undistributed remaining overpaid`.
fn closing(account: &Account, funded: &str, existing_days: u32) -> String {
    let columns = account.columns(&n(funded), existing_days);
    assert_eq!(columns.open(), Numeric::ZERO, "{columns:?}");
    for column in [&columns.dust, &columns.undistributed, &columns.remaining, &columns.overpaid] {
        assert!(!column.is_negative(), "{columns:?}");
    }
    let Columns { stakers, dust, undistributed, remaining, overpaid, .. } = columns;
    format!("{stakers} {dust} {undistributed} {remaining} {overpaid}")
}

fn overpaid(account: &Account) -> Vec<(i32, Quirk, String)> {
    account.overpaid.iter().map(|paid| (paid.day.0, paid.quirk, paid.amount.to_string())).collect()
}

#[test]
fn nothing_is_settled_yet() {
    assert_eq!(closing(&Account::default(), "70", 7), "0 0 0 70 0");
}

#[test]
fn a_pool_loses_what_does_not_divide_and_what_days_round_off() {
    let pool = |lost, undistributed| day(vec![allot(FIRST, How::Pool, "100", 3, "33")], lost, undistributed);
    let days = [(0, pool("2", "0")), (0, pool("0", "33")), (1, pool("1", "4"))];
    assert_eq!(closing(&account(&days[..2]), "100", 3), "31 3 33 33 0");
    assert_eq!(closing(&account(&days), "100", 3), "59 4 37 0 0");
    assert!(account(&days).doubtful.is_empty());
}

#[test]
fn q2_refunds_after_the_whole_amount_was_spread() {
    // spec/00 Q2: 70000 over 7 days, registered on 4; the next run refunds the other three.
    let mut days: Vec<_> =
        (0..4).map(|_| (0, day(vec![allot(FIRST, How::Spread, "70000", 7, "17500")], "0", "0"))).collect();
    assert_eq!(closing(&account(&days), "70000", 7), "70000 0 0 0 0");
    days.extend((0..3).map(|_| (1, day(vec![allot(FIRST, How::Refund, "70000", 7, "10000")], "0", "0"))));
    let account = account(&days);
    assert_eq!(closing(&account, "70000", 7), "100000 0 0 0 30000");
    let each = |at| (at, Quirk::Q2, "10000".to_owned());
    assert_eq!(overpaid(&account), [each(4), each(5), each(6)]);
}

#[test]
fn what_had_been_rounded_off_is_not_overpaid() {
    // 70002 over 4 days is 17500, and 2 are left: the first refund takes them.
    let days = [
        (0, day((0..4).map(|_| allot(FIRST, How::Spread, "70002", 7, "17500")).collect(), "0", "0")),
        (1, day(vec![allot(FIRST, How::Refund, "70002", 7, "10000")], "0", "0")),
    ];
    let account = account(&days);
    assert_eq!(overpaid(&account), [(1, Quirk::Q2, "9998".to_owned())]);
    assert_eq!(closing(&account, "70002", 7), "80000 0 0 0 9998");
}

#[test]
fn q3_the_whole_amount_again_after_an_earlier_window() {
    let days = [
        (0, day(vec![allot(FIRST, How::Refund, "70", 7, "10")], "0", "0")),
        (1, day(vec![allot(FIRST, How::Spread, "70", 7, "70")], "0", "0")),
        (2, day(vec![allot(FIRST, How::Spread, "70", 7, "70")], "0", "0")),
    ];
    assert_eq!(closing(&account(&days[..1]), "70", 7), "10 0 0 60 0");
    let account = account(&days);
    assert_eq!(overpaid(&account), [(1, Quirk::Q3, "10".to_owned()), (2, Quirk::Q3, "70".to_owned())]);
    assert_eq!(closing(&account, "70", 7), "150 0 0 0 80");
}

#[test]
fn only_what_is_given_beyond_the_pot_is_overpaid() {
    // The second window allots all 100 again: 3 of it would be lost and 40 nobody's, and 57 are paid.
    let spread = || vec![allot(FIRST, How::Spread, "100", 2, "100")];
    let days = [(0, day(spread(), "3", "40")), (1, day(spread(), "3", "40"))];
    let account = account(&days);
    assert_eq!(overpaid(&account), [(1, Quirk::Q3, "57".to_owned())]);
    assert_eq!(closing(&account, "100", 2), "114 3 40 0 57");
    // 201 in two parts of 101: what rounding gave, it takes again.
    let pool = |lost| day(vec![allot(FIRST, How::Pool, "201", 2, "101")], lost, "0");
    let account = super::tests::account(&[(0, pool("0")), (0, pool("1"))]);
    assert_eq!(closing(&account, "201", 2), "201 0 0 0 0");
}

#[test]
fn q4_a_day_more_than_the_duration() {
    for how in [How::Pool, How::Refund] {
        let days: Vec<_> = (0..3).map(|_| (0, day(vec![allot(FIRST, how, "21", 2, "10")], "0", "0"))).collect();
        assert_eq!(closing(&account(&days[..2]), "21", 3), "20 1 0 0 0");
        let account = account(&days);
        assert_eq!(overpaid(&account), [(2, Quirk::Q4, "9".to_owned())]);
        assert_eq!(closing(&account, "21", 3), "30 0 0 0 9");
    }
}

#[test]
fn q6_shares_of_days_that_were_rounded_up() {
    for how in [How::Pool, How::Refund, How::Spread] {
        let days: Vec<_> = (0..2).map(|_| (0, day(vec![allot(FIRST, how, "201", 2, "101")], "0", "0"))).collect();
        let account = account(&days);
        assert_eq!(overpaid(&account), [(1, Quirk::Q6, "1".to_owned())]);
        assert_eq!(closing(&account, "201", 2), "202 0 0 0 1");
    }
}

#[test]
fn rounding_that_gives_is_overpaid_and_never_negative_dust() {
    let mut float = day(vec![allot(FIRST, How::Pool, "100", 2, "50")], "-1", "0");
    float.allotments[0].rounding = Quirk::Q7;
    let account = account(&[(0, float), (0, day(vec![allot(FIRST, How::Pool, "100", 2, "50")], "1", "0"))]);
    assert_eq!(overpaid(&account), [(0, Quirk::Q7, "1".to_owned())]);
    assert_eq!(closing(&account, "100", 2), "100 1 0 0 1");
}

#[test]
fn q15_an_operator_gets_more_than_its_day() {
    let mut outcome = day(vec![allot(FIRST, How::Spread, "100", 1, "100")], "0", "0");
    outcome.paid = Paid { operators: n("150"), ..Paid::default() };
    (outcome.allotments[0].given, outcome.allotments[0].rounding) = (n("150"), Quirk::Q15);
    let account = account(&[(0, outcome)]);
    assert_eq!(overpaid(&account), [(0, Quirk::Q15, "50".to_owned())]);
    assert_eq!(closing(&account, "100", 1), "0 0 0 0 50");
}

#[test]
fn pots_of_operators_do_not_pay_for_each_other() {
    let second = Id(2);
    let days = [
        (0, day(vec![allot(FIRST, How::Spread, "60", 2, "60"), allot(second, How::Refund, "20", 2, "10")], "0", "0")),
        (1, day(vec![allot(FIRST, How::Refund, "60", 2, "30"), allot(second, How::Refund, "20", 2, "10")], "0", "0")),
    ];
    let account = account(&days);
    assert_eq!(overpaid(&account), [(1, Quirk::Q2, "30".to_owned())]);
    assert_eq!(closing(&account, "80", 2), "110 0 0 0 30");
    // An operator that is named a second time has an amount that no rule looks at.
    assert_eq!(closing(&account, "85", 2), "110 0 5 0 30");
}

#[test]
fn days_that_do_not_exist_are_never_paid() {
    let days = [(0, day(vec![allot(FIRST, How::Pool, "31", 3, "10")], "0", "0"))];
    assert_eq!(closing(&account(&days), "31", 1), "10 1 20 0 0");
}

#[test]
fn too_much_dust_is_doubted() {
    let lost = |lost| account(&[(0, day(vec![allot(FIRST, How::Pool, "1000", 1, "1000")], lost, "0"))]).doubtful;
    assert!(lost("8").is_empty(), "three rows, and two units each");
    assert_eq!(lost("9"), [(Day(0), n("9"))]);
}

#[test]
fn what_is_stored_beyond_the_rules_is_open() {
    let mut account = account(&[(0, day(vec![allot(FIRST, How::Pool, "100", 1, "100")], "0", "0"))]);
    account.paid.stakers += &n("7");
    account.difference += &n("7");
    let columns = account.columns(&n("100"), 1);
    assert_eq!((columns.open(), columns.difference), (n("-7"), n("7")));
}
