//! The claims of the contract's own tests.

use crate::{CONTRACT_CLAIMS, contract_claims};

#[test]
fn every_claim_of_the_contracts_tests_verifies() {
    for (name, claim) in contract_claims() {
        assert_eq!(claim.verify(), Ok(()), "{name}");
    }
}

#[test]
fn amounts_above_64_bits_are_read_exactly() {
    let (_, claim) = contract_claims().find(|(name, _)| *name == "Root3").unwrap();
    assert_eq!(claim.tokens[2].leaf.cumulative_earnings.to_string(), "56800000000000000000");
}

#[test]
fn a_claim_is_written_as_in_the_contracts_tests_but_with_amounts_as_text() {
    for ((name, text), (_, claim)) in CONTRACT_CLAIMS.into_iter().zip(contract_claims()) {
        let quoted = text.lines().map(|line| match line.split_once(r#""CumulativeEarnings": "#) {
            Some((before, amount)) => format!("{before}\"CumulativeEarnings\": \"{amount}\""),
            None => line.to_owned(),
        });
        let quoted = quoted.collect::<Vec<_>>().join("\n");
        assert_eq!(serde_json::to_string_pretty(&claim).unwrap(), quoted, "{name}");
        assert_eq!(serde_json::from_str::<claim_tree::Claim>(&quoted).unwrap(), claim, "{name}");
    }
}
