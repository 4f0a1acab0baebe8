//! The silver relations of spec/02 with their columns.

/// A silver relation and the statement that reads all of it.
#[derive(Clone, Copy, Debug)]
pub struct SilverRelation {
    /// Its name in spec/02.
    pub name: &'static str,
    /// Its columns in spec/02, separated by `, `.
    columns: &'static str,
    /// `COPY (…) TO STDOUT` as CSV with a header, unqualified.
    pub copy: &'static str,
    /// Whether it is one of the daily tables that `--source snapshots` reads.
    pub daily: bool,
}

impl SilverRelation {
    /// Its columns in spec/02, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.columns.split(", ").map(str::to_owned).collect()
    }
}

macro_rules! relation {
    ($name:literal, $columns:literal) => {
        SilverRelation {
            name: $name,
            columns: $columns,
            copy: concat!("COPY (SELECT ", $columns, " FROM ", $name, ") TO STDOUT (FORMAT csv, HEADER)"),
            daily: const_ends_with($name, "_snapshots"),
        }
    };
}

const fn const_ends_with(text: &str, end: &str) -> bool {
    let (text, end) = (text.as_bytes(), end.as_bytes());
    if text.len() < end.len() {
        return false;
    }
    let mut index = 0;
    while index < end.len() {
        if text[text.len() - end.len() + index] != end[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// All eighteen, in the order of spec/00 §3.
#[must_use]
pub fn silver_relations() -> &'static [SilverRelation; 18] {
    static RELATIONS: [SilverRelation; 18] = [
        relation!(
            "combined_rewards",
            "avs, reward_hash, token, amount, strategy, strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number, block_time, block_date, reward_type"
        ),
        relation!(
            "staker_shares",
            "staker, strategy, shares, strategy_index, transaction_hash, log_index, block_time, block_date, block_number"
        ),
        relation!(
            "operator_shares",
            "operator, strategy, shares, transaction_hash, log_index, block_time, block_date, block_number"
        ),
        relation!("operator_avs_registration_snapshots", "avs, operator, snapshot"),
        relation!("operator_avs_strategy_snapshots", "operator, avs, strategy, snapshot"),
        relation!("operator_share_snapshots", "operator, strategy, shares, snapshot"),
        relation!("staker_share_snapshots", "staker, strategy, shares, snapshot"),
        relation!("staker_delegation_snapshots", "staker, operator, snapshot"),
        relation!(
            "operator_directed_rewards",
            "avs, reward_hash, token, operator, operator_index, amount, strategy, strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number, block_time, block_date"
        ),
        relation!("operator_avs_split_snapshots", "operator, avs, split, snapshot"),
        relation!("operator_pi_split_snapshots", "operator, split, snapshot"),
        relation!("default_operator_split_snapshots", "split, snapshot"),
        relation!(
            "operator_directed_operator_set_rewards",
            "avs, operator_set_id, reward_hash, token, operator, operator_index, amount, strategy, strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number, block_time, block_date"
        ),
        relation!("operator_set_split_snapshots", "operator, avs, operator_set_id, split, snapshot"),
        relation!("operator_set_operator_registration_snapshots", "operator, avs, operator_set_id, snapshot"),
        relation!("operator_set_strategy_registration_snapshots", "strategy, avs, operator_set_id, snapshot"),
        relation!(
            "operator_allocation_snapshots",
            "operator, avs, strategy, operator_set_id, magnitude, max_magnitude, snapshot"
        ),
        relation!(
            "stake_operator_set_rewards",
            "avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index, multiplier, start_timestamp, end_timestamp, duration, reward_type, block_number, block_time, block_date"
        ),
    ];
    &RELATIONS
}

#[cfg(test)]
mod tests {
    use super::silver_relations;

    #[test]
    fn twelve_relations_are_daily() {
        assert_eq!(silver_relations().iter().filter(|relation| relation.daily).count(), 12);
    }
}
