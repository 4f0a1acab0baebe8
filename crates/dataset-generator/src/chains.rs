//! What differs between chains: fork dates, the restaking directory, excluded stakers.

use crate::calendar::ymd;
use crate::cell::Address;
use chrono::NaiveDate;

/// A fork that switches a rule of the calculation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fork {
    /// Its name in the specification, lower case.
    pub name: &'static str,
    /// Its date on one chain.
    pub date: NaiveDate,
}

/// The chains there are.
pub const CHAINS: [&str; 6] = ["mainnet", "holesky", "preprod", "sepolia", "hoodi", "preprod-hoodi"];

const fn fork(name: &'static str, year: i32, month: u32, day: u32) -> Fork {
    Fork { name, date: ymd(year, month, day) }
}

static MAINNET: [Fork; 8] = [
    fork("amazon", 2024, 8, 2),
    fork("nile", 2024, 8, 12),
    fork("panama", 2024, 10, 1),
    fork("arno", 2025, 1, 21),
    fork("trinity", 2025, 1, 21),
    fork("mississippi", 2025, 4, 17),
    fork("colorado", 2025, 4, 17),
    fork("sabine", 2026, 3, 12),
];

static HOLESKY: [Fork; 6] = [
    fork("nile", 2024, 8, 13),
    fork("panama", 2024, 10, 1),
    fork("arno", 2024, 12, 13),
    fork("trinity", 2025, 1, 9),
    fork("mississippi", 2025, 2, 10),
    fork("colorado", 2025, 3, 11),
];

static PREPROD: [Fork; 6] = [
    fork("nile", 2024, 8, 14),
    fork("panama", 2024, 10, 1),
    fork("arno", 2024, 12, 11),
    fork("trinity", 2025, 1, 9),
    fork("mississippi", 2025, 2, 5),
    fork("colorado", 2025, 3, 11),
];

static FEBRUARY: [Fork; 1] = [fork("sabine", 2026, 2, 9)];
static JANUARY: [Fork; 1] = [fork("sabine", 2026, 1, 12)];

/// The dated forks of a chain that matter to the calculation, in time order. A fork not listed is always active.
pub fn forks(chain: &str) -> &'static [Fork] {
    match chain {
        "mainnet" => &MAINNET,
        "holesky" => &HOLESKY,
        "preprod" => &PREPROD,
        "preprod-hoodi" => &JANUARY,
        _ => &FEBRUARY,
    }
}

const fn digit(character: u8) -> u8 {
    if character >= b'a' { character - b'a' + 10 } else { character - b'0' }
}

/// The address of forty lower-case hex digits, for constants.
pub(crate) const fn address(text: &str) -> Address {
    let text = text.as_bytes();
    let mut bytes = [0; 20];
    let mut at = 0;
    while at < 20 {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    Address(bytes)
}

/// The strategy of native ETH.
pub(crate) const NATIVE: Address = address("beac0eeeeeeeeeeeeeeeeeeeeeeeeeeeeeebeac0");

const DIRECTORIES: [Address; 6] = [
    address("135dda560e946695d6f155dacafc6f1f25c1f5af"),
    address("055733000064333caddbc92763c58bf0192ffebf"),
    address("141d6995556135d4997b2ff72eb443be300353bc"),
    address("a789c91ecddae96865913130b786140ee17af545"),
    address("d58f6844f79eb1fbd9f7091d05f7cb30d3363926"),
    address("a5a53a6df5a0807fbdfe70eae1e7b0fb984f6710"),
];

/// The directory whose restaking samples count on a chain.
pub fn directory(chain: &str) -> Address {
    let at = CHAINS.iter().position(|name| *name == chain).unwrap_or(0);
    DIRECTORIES[at]
}

/// A directory whose samples do not count on a chain.
pub(crate) fn foreign_directory(chain: &str) -> Address {
    match chain {
        "holesky" => DIRECTORIES[2],
        "preprod" => DIRECTORIES[1],
        _ => DIRECTORIES.into_iter().find(|address| *address != directory(chain)).unwrap_or(DIRECTORIES[0]),
    }
}

/// The stakers that `all_earners` left out on mainnet before Panama.
pub fn excluded_on_mainnet() -> Vec<Address> {
    include_str!("excluded.txt").lines().map(address).collect()
}
