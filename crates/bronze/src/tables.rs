//! The tables of spec/01 as data.
//!
//! The migration `0001_bronze`, [`import`](crate::import()), [`presence`](crate::presence()) and the tests read these
//! definitions; a test compares them with what the migration makes on a server.

/// What a text column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// `0x` and 40 lower-case hex digits.
    Address,
    /// `0x` and 40 hex digits of any case (operator_restaked_strategies; consumers lower-case them).
    MixedCaseAddress,
    /// `0x` and 64 lower-case hex digits.
    Hash,
    /// Anything.
    Free,
}

/// The SQL type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`.
    Text(Text),
    /// `numeric` without precision.
    Numeric,
    /// `numeric(78,0)`.
    Numeric78,
    /// `integer`.
    Int4,
    /// `bigint`.
    Int8,
    /// `boolean`.
    Bool,
    /// `date`.
    Date,
    /// `timestamp` without zone, UTC.
    Timestamp,
    /// `timestamp with time zone`.
    TimestampTz,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it has a default, so that a file may leave it out.
    pub has_default: bool,
    /// Whether an indexer's own table must have it: the columns that spec/01 does not mark `·`. (Of the tables with
    /// `read: false` none.) The keys are among them because duplicate keys are looked for before a run.
    pub read: bool,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The columns of its unique key, `U(…)` in spec/01. NULLs are distinct, as in PostgreSQL.
    pub key: &'static [&'static str],
    /// Whether the calculation reads it; others may be missing in an indexer's schema.
    pub read: bool,
}

impl Table {
    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Every table, in the order of spec/01.
#[must_use]
pub fn tables() -> &'static [Table] {
    TABLES
}

/// A table by name.
///
/// ```
/// assert_eq!(bronze::table("blocks").map(|table| table.key), Some(["number"].as_slice()));
/// assert!(bronze::table("gold_table").is_none());
/// ```
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

use ColumnType::{Bool, Date, Int4, Int8, Numeric, Numeric78, Timestamp, TimestampTz};

const ADDRESS: ColumnType = ColumnType::Text(Text::Address);
const MIXED: ColumnType = ColumnType::Text(Text::MixedCaseAddress);
const HASH: ColumnType = ColumnType::Text(Text::Hash);
const FREE: ColumnType = ColumnType::Text(Text::Free);

/// A column that the calculation reads.
const fn read(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, nullable: false, has_default: false, read: true }
}

/// A column that it does not read.
const fn unread(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, nullable: false, has_default: false, read: false }
}

/// A column that the spec does not mark as unread and that may be NULL.
const fn read_optional(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, nullable: true, has_default: false, read: true }
}

/// A column that it does not read and that may be NULL.
const fn optional(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, nullable: true, has_default: false, read: false }
}

const BLOCK: Column = read("block_number", Int8);
const TX: Column = read("transaction_hash", HASH);
const LOG: Column = read("log_index", Int8);

const TABLES: &[Table] = &[
    Table {
        name: "blocks",
        columns: &[
            read("number", Int8),
            unread("hash", HASH),
            optional("parent_hash", HASH),
            read("block_time", Timestamp),
            optional("created_at", Timestamp),
            optional("updated_at", Timestamp),
            optional("deleted_at", Timestamp),
        ],
        key: &["number"],
        read: true,
    },
    Table {
        name: "reward_submissions",
        columns: &[
            read("avs", ADDRESS),
            read("reward_hash", HASH),
            read("token", ADDRESS),
            read("amount", Numeric),
            read("strategy", ADDRESS),
            read("strategy_index", Int4),
            read("multiplier", Numeric78),
            read("start_timestamp", Timestamp),
            read("end_timestamp", Timestamp),
            read("duration", Int8),
            Column { name: "is_for_all", kind: Bool, nullable: false, has_default: true, read: false },
            read("reward_type", FREE),
            BLOCK,
            optional("transaction_hash", HASH),
            optional("log_index", Int8),
        ],
        key: &["transaction_hash", "log_index", "block_number", "reward_hash", "strategy_index"],
        read: true,
    },
    Table {
        name: "operator_directed_reward_submissions",
        columns: &[
            read("avs", ADDRESS),
            read("reward_hash", HASH),
            read("token", ADDRESS),
            read("operator", ADDRESS),
            read("operator_index", Int4),
            read("amount", Numeric),
            read("strategy", ADDRESS),
            read("strategy_index", Int4),
            read("multiplier", Numeric78),
            read("start_timestamp", Timestamp),
            read("end_timestamp", Timestamp),
            read("duration", Int8),
            BLOCK,
            TX,
            LOG,
            optional("description", FREE),
        ],
        key: &["transaction_hash", "log_index", "block_number", "reward_hash", "strategy_index", "operator_index"],
        read: true,
    },
    Table {
        name: "operator_directed_operator_set_reward_submissions",
        columns: &[
            read("avs", ADDRESS),
            read("operator_set_id", Int8),
            read("reward_hash", HASH),
            read("token", ADDRESS),
            read("operator", ADDRESS),
            read("operator_index", Int4),
            read("amount", Numeric),
            read("strategy", ADDRESS),
            read("strategy_index", Int4),
            read("multiplier", Numeric78),
            read("start_timestamp", Timestamp),
            read("end_timestamp", Timestamp),
            read("duration", Int8),
            BLOCK,
            TX,
            LOG,
            unread("description", FREE),
        ],
        key: &["transaction_hash", "log_index", "block_number", "reward_hash", "strategy_index", "operator_index"],
        read: true,
    },
    Table { name: "unique_stake_reward_submissions", columns: STAKE_SUBMISSION, key: STAKE_KEY, read: true },
    Table { name: "total_stake_reward_submissions", columns: STAKE_SUBMISSION, key: STAKE_KEY, read: true },
    Table {
        name: "avs_operator_state_changes",
        columns: &[
            read("operator", ADDRESS),
            read("avs", ADDRESS),
            read("registered", Bool),
            BLOCK,
            read("log_index", Int4),
            optional("created_at", TimestampTz),
            optional("transaction_hash", HASH),
        ],
        key: &["operator", "avs", "block_number", "log_index"],
        read: true,
    },
    Table {
        name: "operator_restaked_strategies",
        columns: &[
            BLOCK,
            read("operator", MIXED),
            read("avs", MIXED),
            read("strategy", MIXED),
            read("block_time", Timestamp),
            read_optional("avs_directory_address", MIXED),
            optional("created_at", Timestamp),
            optional("updated_at", Timestamp),
            optional("deleted_at", Timestamp),
        ],
        key: &["block_number", "operator", "avs", "strategy"],
        read: true,
    },
    Table {
        name: "staker_share_deltas",
        columns: &[
            read("staker", ADDRESS),
            read("strategy", ADDRESS),
            read("shares", Numeric),
            read("strategy_index", Int8),
            TX,
            LOG,
            read("block_time", Timestamp),
            read("block_date", FREE),
            BLOCK,
        ],
        key: &["transaction_hash", "log_index", "block_number", "staker", "strategy", "strategy_index"],
        read: true,
    },
    Table {
        name: "operator_share_deltas",
        columns: &[
            read("operator", ADDRESS),
            read("strategy", ADDRESS),
            read("shares", Numeric),
            read_optional("staker", ADDRESS),
            TX,
            LOG,
            read("block_time", Timestamp),
            read("block_date", FREE),
            BLOCK,
        ],
        key: &["transaction_hash", "log_index", "block_number", "operator", "staker", "strategy"],
        read: true,
    },
    Table {
        name: "staker_delegation_changes",
        columns: &[
            read("staker", ADDRESS),
            read("operator", ADDRESS),
            read("delegated", Bool),
            BLOCK,
            read("log_index", Int4),
            optional("transaction_hash", HASH),
        ],
        key: &["transaction_hash", "log_index", "block_number"],
        read: true,
    },
    Table {
        name: "operator_avs_splits",
        columns: &[
            read("operator", ADDRESS),
            read("avs", ADDRESS),
            read("activated_at", Timestamp),
            unread("old_operator_avs_split_bips", Int4),
            read("new_operator_avs_split_bips", Int4),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_pi_splits",
        columns: &[
            read("operator", ADDRESS),
            read("activated_at", Timestamp),
            unread("old_operator_pi_split_bips", Int4),
            read("new_operator_pi_split_bips", Int4),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_set_splits",
        columns: &[
            read("operator", ADDRESS),
            read("avs", ADDRESS),
            read("operator_set_id", Int8),
            read("activated_at", Timestamp),
            unread("old_operator_set_split_bips", Int4),
            read("new_operator_set_split_bips", Int4),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "default_operator_splits",
        columns: &[
            unread("old_default_operator_split_bips", Int4),
            read("new_default_operator_split_bips", Int4),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_set_operator_registrations",
        columns: &[
            read("operator", ADDRESS),
            read("avs", ADDRESS),
            read("operator_set_id", Int8),
            read("is_active", Bool),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_set_strategy_registrations",
        columns: &[
            read("strategy", ADDRESS),
            read("avs", ADDRESS),
            read("operator_set_id", Int8),
            read("is_active", Bool),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_allocations",
        columns: &[
            read("operator", ADDRESS),
            read("strategy", ADDRESS),
            read("magnitude", Numeric),
            read("effective_block", Int8),
            read("operator_set_id", Int8),
            read("avs", ADDRESS),
            BLOCK,
            TX,
            LOG,
            optional("effective_date", Date),
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_max_magnitudes",
        columns: &[
            read("operator", ADDRESS),
            read("strategy", ADDRESS),
            read("max_magnitude", Numeric),
            BLOCK,
            TX,
            LOG,
        ],
        key: EVENT_KEY,
        read: true,
    },
    Table {
        name: "operator_sets",
        columns: &[
            unread("operator_set_id", Int8),
            unread("avs", ADDRESS),
            unread("block_number", Int8),
            TX,
            unread("log_index", Int8),
        ],
        key: &["operator_set_id", "avs"],
        read: false,
    },
    Table {
        name: "excluded_addresses",
        columns: &[
            read("address", ADDRESS),
            read("network", FREE),
            optional("description", FREE),
            optional("created_at", TimestampTz),
            optional("updated_at", TimestampTz),
            optional("deleted_at", TimestampTz),
        ],
        key: &["address"],
        read: true,
    },
    Table {
        name: "submitted_distribution_roots",
        columns: &[
            unread("root", HASH),
            unread("root_index", Int8),
            unread("rewards_calculation_end", Timestamp),
            unread("rewards_calculation_end_unit", FREE),
            unread("activated_at", Timestamp),
            unread("activated_at_unit", FREE),
            unread("created_at_block_number", Int8),
            unread("block_number", Int8),
            optional("transaction_hash", HASH),
            optional("log_index", Int8),
        ],
        key: EVENT_KEY,
        read: false,
    },
    Table {
        name: "disabled_distribution_roots",
        columns: &[unread("root_index", Int8), unread("log_index", Int8), TX, unread("block_number", Int8)],
        key: EVENT_KEY,
        read: false,
    },
    Table {
        name: "rewards_claimed",
        columns: &[
            unread("root", HASH),
            unread("earner", ADDRESS),
            unread("claimer", ADDRESS),
            optional("recipient", ADDRESS),
            unread("token", ADDRESS),
            unread("claimed_amount", Numeric),
            TX,
            unread("block_number", Int8),
            unread("log_index", Int8),
        ],
        key: &["transaction_hash", "log_index"],
        read: false,
    },
];

const EVENT_KEY: &[&str] = &["transaction_hash", "log_index", "block_number"];
const STAKE_KEY: &[&str] = &["transaction_hash", "log_index", "block_number", "reward_hash", "strategy_index"];

const STAKE_SUBMISSION: &[Column] = &[
    read("avs", ADDRESS),
    read("operator_set_id", Int8),
    read("reward_hash", HASH),
    read("token", ADDRESS),
    read("amount", Numeric),
    read("strategy", ADDRESS),
    read("strategy_index", Int4),
    read("multiplier", Numeric78),
    read("start_timestamp", Timestamp),
    read("end_timestamp", Timestamp),
    read("duration", Int8),
    BLOCK,
    TX,
    LOG,
];
