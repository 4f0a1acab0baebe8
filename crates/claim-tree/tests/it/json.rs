//! The JSON form, and what it refuses.

use alloy_primitives::{Address, U256};
use claim_tree::{Claim, Distribution};

use crate::{CONTRACT_CLAIMS, pair, v2};

/// One of the contract's claims, with one thing replaced.
fn with(old: &str, new: &str) -> String {
    let (_, text) = CONTRACT_CLAIMS.into_iter().find(|(name, _)| *name == "SingleEarnerLeaf").unwrap();
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

#[track_caller]
fn refused(json: &str, start: &str) {
    let error = serde_json::from_str::<Claim>(json).unwrap_err().to_string();
    assert!(error.starts_with(start), "{error}");
}

#[test]
fn v2_as_json() {
    let claim = v2().claim(7, Address::repeat_byte(0x22), &[Address::repeat_byte(0xaa)]).unwrap();
    let json = concat!(
        r#"{"Root":"0x69c2298a3ee3e1d850da7e4e1b4ecb7be3a1d991bbb21e732dd2177341e2a7e4","RootIndex":7,"#,
        r#""EarnerIndex":1,"EarnerTreeProof":"PROOF","#,
        r#""EarnerLeaf":{"Earner":"0x2222222222222222222222222222222222222222","#,
        r#""EarnerTokenRoot":"0x2ab2fe4238936f723a9dad1f7daff180ce641b945516c5a69893be273a47ee35"},"#,
        r#""LeafIndices":[0],"TokenTreeProofs":["0x"],"#,
        r#""TokenLeaves":[{"Token":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","CumulativeEarnings":"7"}],"#,
        r#""TokenTreeProofsNum":1,"TokenLeavesNum":1}"#
    );
    let proof = claim.earner_tree_proof.iter().map(|hash| format!("{hash:x}")).collect::<String>();
    assert_eq!(serde_json::to_string(&claim).unwrap(), json.replace("PROOF", &format!("0x{proof}")));
}

#[test]
fn amounts_up_to_256_bits_are_written_as_text_and_read_from_text_and_number() {
    let numbers = ["0", "1", "18446744073709551615", "18446744073709551617", "36893488147419103233"];
    let largest = U256::MAX.to_string();
    for digits in numbers.into_iter().chain([largest.as_str()]) {
        let amount = U256::from_str_radix(digits, 10).unwrap();
        let distribution = Distribution::build([pair(1, 2, amount)]).unwrap();
        let claim = distribution.claim_all(0, Address::repeat_byte(1)).unwrap();
        let text = serde_json::to_string(&claim).unwrap();
        let quoted = format!(r#""CumulativeEarnings":"{digits}""#);
        assert!(text.contains(&quoted), "{text}");
        let number = text.replace(&quoted, &format!(r#""CumulativeEarnings": {digits} "#));
        for text in [text, number] {
            let read = serde_json::from_str::<Claim>(&text).unwrap();
            assert_eq!((read.tokens[0].leaf.cumulative_earnings, &read), (amount, &claim));
            assert_eq!(serde_json::from_reader::<_, Claim>(text.as_bytes()).unwrap(), claim);
            assert_eq!(read.verify(), Ok(()));
        }
    }
}

#[test]
fn a_json_value_is_read_if_amounts_are_text_and_never_through_a_float() {
    let (_, text) = CONTRACT_CLAIMS.into_iter().find(|(name, _)| *name == "Root1").unwrap();
    let claim = serde_json::from_str::<Claim>(text).unwrap();
    let value = serde_json::to_value(&claim).unwrap();
    assert_eq!(serde_json::from_value::<Claim>(value).unwrap(), claim);
    // 30000000000000000000 is a float in a Value.
    let value = serde_json::from_str::<serde_json::Value>(text).unwrap();
    let error = serde_json::from_value::<Claim>(value).unwrap_err().to_string();
    assert!(error.starts_with("TokenLeaves: entry 2: CumulativeEarnings: invalid value: 3e+19"), "{error}");
}

#[test]
fn amounts_that_are_no_plain_integers_are_refused() {
    let largest_and_one = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    let texts =
        ["", "-1", "+1", "01", "1.0", "1e18", " 1", "1_000", "0x1", "١", largest_and_one].map(|x| format!("{x:?}"));
    let others = ["-1", "-0", "1.0", "1e18", "1E2", "null", "true", "[1]", "{}", "\"\\u0031\"", largest_and_one];
    for bad in others.map(str::to_owned).into_iter().chain(texts) {
        let json = with(r#""CumulativeEarnings": 1000000000000000000"#, &format!(r#""CumulativeEarnings": {bad}"#));
        refused(&json, "TokenLeaves: entry 0: CumulativeEarnings: invalid value: ");
    }
}

#[test]
fn bytes_that_are_not_0x_and_lower_case_hex_of_their_length_are_refused() {
    let address = "0x0d6ba28b9919cfcdb6b233469cc5ce30b979e08e";
    let bare = address.trim_start_matches("0x");
    let twice = format!("0x{address}");
    let (upper, short, long) = (address.to_uppercase(), &address[..40], format!("{address}00"));
    let checksummed = Address::repeat_byte(0xab).to_checksum(None);
    for bad in [bare, &twice, &upper, short, &address[..41], &long, &checksummed, "", "0x", "0xg"] {
        let error = "EarnerLeaf: Earner: invalid value: string \"";
        refused(&with(address, bad), error);
    }
    let root = "\"0xd4aa4d1bdb95eb78f061238d587609407301a05bd952334ad6b5e8ca60bb347e\"";
    refused(&with(root, "\"0xd4\""), "Root: invalid value: string \"0xd4\", expected 0x and 64 lower-case hex digits");
    refused(&with(root, "[1, 2]"), "Root: invalid type: sequence, expected 0x and 64 lower-case hex digits");
    refused(&with(root, "null"), "Root: invalid type: null");
    refused(&with("\"0x1006", "\"1006"), "TokenLeaves: entry 0: Token: invalid value");
    refused(&with("\"0x12104c", "\"0x12104C"), "EarnerLeaf: EarnerTokenRoot: invalid value");
}

#[test]
fn proofs_that_are_no_whole_number_of_hashes_are_refused() {
    refused(&with("\"0x\"", "\"0xabcd\""), "EarnerTreeProof: 2 bytes are not a multiple of 32 at line 5");
    refused(&with("\"0x\"", "\"0xabc\""), "EarnerTreeProof: invalid value: string \"0xabc\"");
    refused(&with("\"0x\"", "\"\""), "EarnerTreeProof: invalid value: string \"\"");
    let last = "16eb5e3ce4791ce\"";
    refused(&with(last, "16eb5e3ce4791\""), "TokenTreeProofs: entry 0: 95 bytes are not a multiple of 32 at line 16");
    refused(&with(last, "16eb5e3ce4791c\""), "TokenTreeProofs: entry 0: invalid value: string \"0xf0");

    refused(&with(last, "16eb5e3ce4791ce\", 7"), "TokenTreeProofs: entry 1: invalid type: integer `7`");
}

#[test]
fn indices_that_are_no_32_bits_or_above_the_proof_are_refused() {
    for bad in ["-1", "4294967296", "0.0", "\"0\"", "null", "1e0"] {
        refused(&with("\"EarnerIndex\": 0", &format!("\"EarnerIndex\": {bad}")), "EarnerIndex: invalid ");
        refused(&with("\"RootIndex\": 0", &format!("\"RootIndex\": {bad}")), "RootIndex: invalid ");
    }
    refused(&with("\"EarnerIndex\": 0", "\"EarnerIndex\": 1"), "EarnerIndex: 1 is not below 2^0");
    let three = "[\n    0,\n    2,\n    3\n  ]";
    refused(&with(three, "[0, 2, 8]"), "LeafIndices: entry 2: 8 is not below 2^3");
    refused(&with(three, "[0, -2, 8]"), "LeafIndices: entry 1: invalid value: integer `-2`, expected u32");
}

#[test]
fn lists_and_counts_that_differ_are_refused() {
    let three = "[\n    0,\n    2,\n    3\n  ]";
    refused(&with(three, "[0, 2]"), "TokenTreeProofs: 3 entries, but LeafIndices has 2");
    let json = with(
        "\"TokenLeaves\": [",
        "\"TokenLeaves\": [{\"Token\": \"0x1006dd1b8c3d0ef53489bed27577c75299f71473\", \"CumulativeEarnings\": 1},",
    );
    refused(&json, "TokenLeaves: 4 entries, but LeafIndices has 3");
    for bad in ["0", "2", "4", "4294967295"] {
        let json = with("\"TokenTreeProofsNum\": 3", &format!("\"TokenTreeProofsNum\": {bad}"));
        refused(&json, &format!("TokenTreeProofsNum: {bad}, but TokenTreeProofs has 3 entries"));
        let json = with("\"TokenLeavesNum\": 3", &format!("\"TokenLeavesNum\": {bad}"));
        refused(&json, &format!("TokenLeavesNum: {bad}, but TokenLeaves has 3 entries"));
    }
}

#[test]
fn a_claim_of_no_token_is_refused() {
    let mut claim = v2().claim_all(0, Address::repeat_byte(0x11)).unwrap();
    claim.tokens.clear();
    refused(&serde_json::to_string(&claim).unwrap(), "LeafIndices: a claim needs at least one token");
}

#[test]
fn unknown_missing_and_repeated_fields_are_refused_by_name() {
    let fields =
        ["Root", "RootIndex", "EarnerIndex", "EarnerTreeProof", "EarnerLeaf", "LeafIndices", "TokenTreeProofs"];
    let fields = fields.into_iter().chain(["TokenLeaves", "TokenTreeProofsNum", "TokenLeavesNum"]);
    let (_, text) = CONTRACT_CLAIMS[0];
    for field in fields {
        let key = format!("\"{field}\": ");
        refused(&text.replace(&key, "\"Other\": "), "unknown field `Other`, expected one of `Root`, `RootIndex`");
        let mut value = serde_json::from_str::<serde_json::Value>(text).unwrap();
        let removed = value.as_object_mut().unwrap().remove(field).unwrap();
        refused(&value.to_string(), &format!("missing field `{field}`"));
        let twice = format!("{{{key}{removed},{}", text.trim_start_matches('{'));
        refused(&twice, &format!("duplicate field `{field}`"));
    }
    refused(&with("\"Earner\": ", "\"earner\": "), "EarnerLeaf: unknown field `earner`");
    refused(&with("\"EarnerLeaf\": {", "\"EarnerLeaf\": {\"More\": 1, "), "EarnerLeaf: unknown field `More`");
    refused(&with("\"Token\": ", "\"Tokens\": "), "TokenLeaves: entry 0: unknown field `Tokens`");
    let twice = with("\"CumulativeEarnings\": ", "\"CumulativeEarnings\": 1, \"CumulativeEarnings\": ");
    refused(&twice, "TokenLeaves: entry 0: duplicate field `CumulativeEarnings`");
    refused(
        &with("\"Token\": ", "\"Token\": \"0x1006dd1b8c3d0ef53489bed27577c75299f71473\", \"Token\": "),
        "TokenLeaves: entry 0: duplicate field `Token`",
    );
    let leaf = r#"{"Token": "0x1006dd1b8c3d0ef53489bed27577c75299f71473"}, {"#;
    refused(
        &with("\"TokenLeaves\": [\n    {", &format!("\"TokenLeaves\": [{leaf}")),
        "TokenLeaves: entry 0: missing field `CumulativeEarnings`",
    );
}

#[test]
fn objects_are_not_read_from_lists_nor_anything_from_what_follows_them() {
    refused("[]", "invalid type: sequence, expected a claim as an object");
    let leaf = r#"["0x0d6ba28b9919cfcdb6b233469cc5ce30b979e08e"], "#;
    refused(
        &with("\"EarnerLeaf\": ", &format!("\"EarnerLeaf\": {leaf}\"EarnerLeaf\": ")),
        "EarnerLeaf: invalid type: sequence",
    );
    refused(
        &with("\"LeafIndices\": [", "\"LeafIndices\": 7, \"x\": ["),
        "LeafIndices: invalid type: integer `7`, expected a list",
    );
    let (_, text) = CONTRACT_CLAIMS[0];
    refused(&format!("{text} {{}}"), "trailing characters");
    refused(&text[..text.len() - 2], "EOF while parsing");
}

#[test]
fn errors_say_the_line() {
    let json = with("\"EarnerIndex\": 0", "\"EarnerIndex\": true");
    let error = serde_json::from_str::<Claim>(&json).unwrap_err();
    assert_eq!(error.to_string(), "EarnerIndex: invalid type: boolean `true`, expected u32 at line 4 column 21");
    assert_eq!(error.line(), 4);
}
