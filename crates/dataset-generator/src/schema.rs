//! The tables and their columns, named as in the shared cases.

/// A table of the indexer.
#[derive(Debug, Eq, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order written.
    pub columns: &'static [&'static str],
    /// Columns no two rows may agree in.
    pub unique: &'static [&'static str],
}

impl Table {
    /// Where a column is.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| *name == column)
    }
}

macro_rules! tables {
    ($($id:ident = $name:literal [$($column:literal)*] unique [$($key:literal)*])*) => {
        $(pub(crate) static $id: Table = Table { name: $name, columns: &[$($column),*], unique: &[$($key),*] };)*
        /// All tables a dataset has, in order of their names.
        pub static TABLES: &[&Table] = &[$(&$id),*];
    };
}

tables! {
    AVS_OPERATOR_STATE_CHANGES = "avs_operator_state_changes"
        ["operator" "avs" "block_number" "log_index" "registered" "transaction_hash"]
        unique ["operator" "avs" "block_number" "log_index"]
    BLOCKS = "blocks"
        ["number" "hash" "block_time" "parent_hash"]
        unique ["number"]
    DEFAULT_OPERATOR_SPLITS = "default_operator_splits"
        ["old_default_operator_split_bips" "new_default_operator_split_bips" "block_number" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    EXCLUDED_ADDRESSES = "excluded_addresses"
        ["address" "network"]
        unique ["address"]
    OPERATOR_ALLOCATIONS = "operator_allocations"
        ["operator" "strategy" "magnitude" "effective_block" "operator_set_id" "avs" "block_number" "transaction_hash"
         "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_AVS_SPLITS = "operator_avs_splits"
        ["operator" "avs" "activated_at" "old_operator_avs_split_bips" "new_operator_avs_split_bips" "block_number"
         "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_DIRECTED_OPERATOR_SET_REWARD_SUBMISSIONS = "operator_directed_operator_set_reward_submissions"
        ["avs" "operator_set_id" "reward_hash" "token" "operator" "operator_index" "amount" "strategy" "strategy_index"
         "multiplier" "start_timestamp" "end_timestamp" "duration" "description" "block_number" "transaction_hash"
         "log_index"]
        unique ["transaction_hash" "log_index" "block_number" "reward_hash" "strategy_index" "operator_index"]
    OPERATOR_DIRECTED_REWARD_SUBMISSIONS = "operator_directed_reward_submissions"
        ["avs" "reward_hash" "token" "operator" "operator_index" "amount" "strategy" "strategy_index" "multiplier"
         "start_timestamp" "end_timestamp" "duration" "block_number" "transaction_hash" "log_index" "description"]
        unique ["transaction_hash" "log_index" "block_number" "reward_hash" "strategy_index" "operator_index"]
    OPERATOR_MAX_MAGNITUDES = "operator_max_magnitudes"
        ["operator" "strategy" "max_magnitude" "transaction_hash" "log_index" "block_number"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_PI_SPLITS = "operator_pi_splits"
        ["operator" "activated_at" "old_operator_pi_split_bips" "new_operator_pi_split_bips" "block_number"
         "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_RESTAKED_STRATEGIES = "operator_restaked_strategies"
        ["block_number" "operator" "avs" "strategy" "block_time" "avs_directory_address"]
        unique ["block_number" "operator" "avs" "strategy"]
    OPERATOR_SET_OPERATOR_REGISTRATIONS = "operator_set_operator_registrations"
        ["operator" "avs" "operator_set_id" "is_active" "block_number" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_SET_SPLITS = "operator_set_splits"
        ["operator" "avs" "operator_set_id" "activated_at" "old_operator_set_split_bips" "new_operator_set_split_bips"
         "block_number" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_SET_STRATEGY_REGISTRATIONS = "operator_set_strategy_registrations"
        ["strategy" "avs" "operator_set_id" "is_active" "block_number" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number"]
    OPERATOR_SETS = "operator_sets"
        ["operator_set_id" "avs" "block_number" "transaction_hash" "log_index"]
        unique ["operator_set_id" "avs"]
    OPERATOR_SHARE_DELTAS = "operator_share_deltas"
        ["operator" "strategy" "shares" "transaction_hash" "log_index" "block_time" "block_date" "block_number" "staker"]
        unique ["transaction_hash" "log_index" "block_number" "operator" "staker" "strategy"]
    REWARD_SUBMISSIONS = "reward_submissions"
        ["avs" "reward_hash" "token" "amount" "strategy" "strategy_index" "multiplier" "start_timestamp" "end_timestamp"
         "duration" "is_for_all" "block_number" "reward_type" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number" "reward_hash" "strategy_index"]
    STAKER_DELEGATION_CHANGES = "staker_delegation_changes"
        ["staker" "operator" "delegated" "block_number" "log_index" "transaction_hash"]
        unique ["transaction_hash" "log_index" "block_number"]
    STAKER_SHARE_DELTAS = "staker_share_deltas"
        ["staker" "strategy" "shares" "strategy_index" "transaction_hash" "log_index" "block_time" "block_date"
         "block_number"]
        unique ["transaction_hash" "log_index" "block_number" "staker" "strategy" "strategy_index"]
    TOTAL_STAKE_REWARD_SUBMISSIONS = "total_stake_reward_submissions"
        ["avs" "operator_set_id" "reward_hash" "token" "amount" "strategy" "strategy_index" "multiplier"
         "start_timestamp" "end_timestamp" "duration" "block_number" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number" "reward_hash" "strategy_index"]
    UNIQUE_STAKE_REWARD_SUBMISSIONS = "unique_stake_reward_submissions"
        ["avs" "operator_set_id" "reward_hash" "token" "amount" "strategy" "strategy_index" "multiplier"
         "start_timestamp" "end_timestamp" "duration" "block_number" "transaction_hash" "log_index"]
        unique ["transaction_hash" "log_index" "block_number" "reward_hash" "strategy_index"]
}

/// The five tables of reward submissions.
pub static SUBMISSION_TABLES: &[&Table] = &[
    &REWARD_SUBMISSIONS,
    &OPERATOR_DIRECTED_REWARD_SUBMISSIONS,
    &OPERATOR_DIRECTED_OPERATOR_SET_REWARD_SUBMISSIONS,
    &UNIQUE_STAKE_REWARD_SUBMISSIONS,
    &TOTAL_STAKE_REWARD_SUBMISSIONS,
];

/// The table of a name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name).copied()
}
