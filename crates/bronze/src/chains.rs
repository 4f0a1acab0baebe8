//! What differs between chains in the indexer's tables (spec/01 operator_restaked_strategies).

use crate::BronzeError;

/// Chain and its AVS directory: only samples with that directory count.
const DIRECTORIES: [(&str, &str); 6] = [
    ("mainnet", "0x135dda560e946695d6f155dacafc6f1f25c1f5af"),
    ("holesky", "0x055733000064333caddbc92763c58bf0192ffebf"),
    ("preprod", "0x141d6995556135d4997b2ff72eb443be300353bc"),
    ("sepolia", "0xa789c91ecddae96865913130b786140ee17af545"),
    ("hoodi", "0xd58f6844f79eb1fbd9f7091d05f7cb30d3363926"),
    ("preprod-hoodi", "0xa5a53a6df5a0807fbdfe70eae1e7b0fb984f6710"),
];

/// The AVS directory of a chain, lower case.
pub(crate) fn directory(chain: &str) -> Result<&'static str, BronzeError> {
    DIRECTORIES.iter().find(|(name, _)| *name == chain).map(|(_, directory)| *directory).ok_or_else(|| {
        let known = DIRECTORIES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        BronzeError::UnknownChain { chain: chain.to_owned(), known }
    })
}
