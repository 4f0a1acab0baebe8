//! The leaves of the tree over earners (spec/05 §3, §4), kept from one run to the next: a night pays some of all earners, and only
//! their leaves are hashed again.

use std::collections::{HashMap, HashSet};

use alloy_primitives::{Address, B256};
use claim_tree::{EarnerLeaf, TokenLeaf, root_over};
use memory_budget::{Reservation, bytes_of};
use rayon::prelude::*;
use reward_rules::Day;

use super::RootError;
use super::amounts::{amount_of_leaf, parse_address};
use super::cumulative::Addresses;
use super::sums::Sums;

/// Hashes of leaves by earner.
pub(super) struct Leaves {
    /// Everybody who has got something, in the order of the tree (spec/05 §2), with the number of the earner.
    order: Vec<(Address, i32)>,
    /// By number.
    leaves: Vec<Leaf>,
    /// Who is not in the order yet.
    new: HashSet<i32>,
    memory: Reservation,
}

#[derive(Clone, Copy)]
enum Leaf {
    /// Not in the order.
    None,
    /// The amounts are others than when it was hashed, if it was.
    Changed,
    Hashed(B256),
}

/// Twice the hashes of the leaves, while a root is made.
const TREE_BYTES: u64 = 2 * 32;

/// An earner is worth sharing between threads with so many others: some tenths of a millisecond.
const AT_ONCE: usize = 64;

impl Leaves {
    pub(super) fn new(memory: Reservation) -> Self {
        Self { order: Vec::new(), leaves: Vec::new(), new: HashSet::new(), memory }
    }

    /// Amounts of these earners have changed.
    pub(super) fn touch(&mut self, earners: impl Iterator<Item = i32>) {
        for earner in earners {
            match self.leaves.get_mut(place(earner)) {
                Some(leaf @ (Leaf::Changed | Leaf::Hashed(_))) => *leaf = Leaf::Changed,
                Some(Leaf::None) | None => {
                    self.new.insert(earner);
                }
            }
        }
    }

    /// Whose addresses a root needs, if amounts of these earners change before.
    pub(super) fn unknown(&self, earners: impl Iterator<Item = i32>) -> HashSet<i32> {
        let is_new = |&earner: &i32| matches!(self.leaves.get(place(earner)), Some(Leaf::None) | None);
        earners.filter(is_new).chain(self.new.iter().copied()).collect()
    }

    /// The root over all sums.
    ///
    /// # Errors
    /// A value that no leaf can have, no amounts, or not enough memory.
    pub(super) fn root(
        &mut self,
        snapshot: Day,
        sums: &Sums,
        tokens: &HashMap<String, i32>,
        addresses: &Addresses,
    ) -> Result<B256, RootError> {
        self.put_in_order(snapshot, addresses)?;
        let mut by_address = Vec::with_capacity(tokens.len());
        for (text, &number) in tokens {
            by_address.push((parse_address(text), text, number));
        }
        by_address.sort_unstable();
        let hash = |(nodes, of_tokens): &mut (Vec<B256>, Vec<TokenLeaf>), &(address, number): &(Address, i32)| {
            if let Some(Leaf::Hashed(hash)) = self.leaves.get(place(number)) {
                return Ok(*hash);
            }
            let no_leaf = |what, value: &str, token: &str| RootError::NoLeaf {
                what,
                value: value.to_owned(),
                earner: format!("{address:#x}"),
                token: token.to_owned(),
            };
            of_tokens.clear();
            for &(token, text, token_number) in &by_address {
                let Some(amount) = sums.find((number, token_number)) else { continue };
                let token = token.ok_or_else(|| no_leaf("token", text, text))?;
                let cumulative_earnings = amount_of_leaf(amount).map_err(|amount| no_leaf("amount", &amount, text))?;
                of_tokens.push(TokenLeaf { token, cumulative_earnings });
            }
            Ok(EarnerLeaf::over(address, of_tokens.drain(..), nodes).hash())
        };
        let hashed = self.order.par_iter().with_min_len(AT_ONCE).map_init(Default::default, hash);
        let hashed = hashed.collect::<Result<Vec<B256>, RootError>>()?;
        for (&(_, number), &hash) in self.order.iter().zip(&hashed) {
            self.leaves[place(number)] = Leaf::Hashed(hash);
        }
        root_over(hashed).ok_or(RootError::NoAmounts { snapshot })
    }

    /// Puts earners that are new in the order; all of them, or none.
    fn put_in_order(&mut self, snapshot: Day, addresses: &Addresses) -> Result<(), RootError> {
        if self.new.is_empty() {
            return Ok(());
        }
        let no_leaf = |value: &str, earner: String| RootError::NoLeaf {
            what: "earner",
            value: value.to_owned(),
            earner,
            token: "any".to_owned(),
        };
        let count = self.order.len() + self.new.len();
        let places = self.leaves.len().max(self.new.iter().copied().map(place).max().unwrap_or_default() + 1);
        let bytes = bytes_of::<(Address, i32)>(count) + bytes_of::<Leaf>(places) + TREE_BYTES * count as u64;
        self.memory.resize(bytes).map_err(|source| RootError::Memory { snapshot, source })?;
        let mut found = Vec::with_capacity(self.new.len());
        for &number in &self.new {
            // A number without its text is a violation of sql/checks/gold_dictionary.sql.
            let text = addresses.get(&number).ok_or_else(|| no_leaf("(unknown)", number.to_string()))?;
            found.push((parse_address(text).ok_or_else(|| no_leaf(text, text.clone()))?, number));
        }
        self.leaves.resize(places, Leaf::None);
        for &(_, number) in &found {
            self.leaves[place(number)] = Leaf::Changed;
        }
        self.order.append(&mut found);
        self.order.par_sort_unstable();
        self.new.clear();
        Ok(())
    }
}

/// Numbers of earners begin at 1.
fn place(number: i32) -> usize {
    usize::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::U256;
    use claim_tree::{Distribution, Pair};
    use memory_budget::Budget;
    use pg_numeric::Numeric;

    use super::*;

    const TOKENS: [&str; 2] =
        ["0x00000000000000000000000000000000000000bb", "0x00000000000000000000000000000000000000aa"];

    /// Earner 1 comes last in the order of addresses, 3 first.
    fn addresses() -> Addresses {
        let texts = [
            (1, "0x0000000000000000000000000000000000000009"),
            (2, "0x0000000000000000000000000000000000000005"),
            (3, "0x0000000000000000000000000000000000000001"),
            (4, "0xno address"),
        ];
        texts.into_iter().map(|(number, text)| (number, text.to_owned())).collect()
    }

    /// Leaves and sums that are changed together.
    struct Kept {
        sums: Sums,
        leaves: Leaves,
        paid: Vec<(i32, i32, i128)>,
    }

    impl Kept {
        fn new() -> Self {
            let budget = Budget::new(1 << 20);
            let leaves = Leaves::new(budget.reservation("leaves"));
            Self { sums: Sums::new(budget.reservation("sums")), leaves, paid: Vec::new() }
        }

        fn pay(&mut self, earner: i32, token: i32, amount: i128) {
            self.leaves.touch(std::iter::once(earner));
            self.sums.add((earner, token), 1, Day(0), Numeric::from_parts(amount, 0)).unwrap();
            self.paid.push((earner, token, amount));
        }

        fn root(&mut self) -> Result<B256, RootError> {
            let tokens = HashMap::from([(TOKENS[0].to_owned(), 7), (TOKENS[1].to_owned(), -1)]);
            self.leaves.root(Day(0), &self.sums, &tokens, &addresses())
        }

        /// By the tree that is made at once.
        fn expected(&self) -> B256 {
            let mut sums = std::collections::BTreeMap::<(Address, Address), i128>::new();
            for &(earner, token, amount) in &self.paid {
                let token = TOKENS[usize::from(token == -1)].parse().unwrap();
                *sums.entry((addresses()[&earner].parse().unwrap(), token)).or_default() += amount;
            }
            let pairs =
                sums.into_iter().map(|((earner, token), sum)| Pair { earner, token, cumulative: U256::from(sum) });
            Distribution::build(pairs).unwrap().root()
        }
    }

    #[test]
    fn a_root_of_kept_leaves_is_that_of_a_tree_made_at_once() {
        let mut kept = Kept::new();
        assert!(matches!(kept.root(), Err(RootError::NoAmounts { .. })));
        let payments: [&[(i32, i32, i128)]; 5] =
            [&[(1, 7, 5)], &[(2, 7, 1), (1, -1, 3)], &[], &[(2, 7, 1), (2, 7, 2)], &[(3, -1, 0), (1, 7, 100)]];
        for payments in payments {
            for &(earner, token, amount) in payments {
                kept.pay(earner, token, amount);
            }
            assert_eq!(kept.root().unwrap(), kept.expected());
        }
        // Two changes and no root between them.
        kept.pay(3, 7, 1);
        kept.pay(3, 7, 1);
        assert_eq!(kept.root().unwrap(), kept.expected());
    }

    #[test]
    fn what_cannot_be_in_a_tree_is_refused_until_it_is_mended() {
        for (earner, amount, what) in [(4, 1, "earner"), (5, 1, "earner"), (2, -1, "amount")] {
            let mut kept = Kept::new();
            kept.pay(1, 7, 1);
            kept.pay(earner, 7, amount);
            for _ in 0..2 {
                let error = kept.root().unwrap_err();
                assert!(matches!(error, RootError::NoLeaf { what: wrong, .. } if wrong == what), "{error}");
            }
        }
        let mut kept = Kept::new();
        kept.pay(2, 7, -1);
        kept.root().unwrap_err();
        kept.pay(2, 7, 4);
        assert_eq!(kept.root().unwrap(), kept.expected());
    }
}
