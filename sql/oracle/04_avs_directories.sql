-- Purpose: the AVS directory contract of each chain; only restaked strategies read from it count.
-- Spec:    spec/01 operator_restaked_strategies (table of addresses), spec/02 §5
-- Inputs:  none
-- Columns: chain text, address text (lower case)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_avs_directories ON COMMIT DROP AS
SELECT directory.chain, directory.address
  FROM (VALUES
        ('mainnet',       '0x135dda560e946695d6f155dacafc6f1f25c1f5af'),
        ('holesky',       '0x055733000064333caddbc92763c58bf0192ffebf'),
        ('preprod',       '0x141d6995556135d4997b2ff72eb443be300353bc'),
        ('sepolia',       '0xa789c91ecddae96865913130b786140ee17af545'),
        ('hoodi',         '0xd58f6844f79eb1fbd9f7091d05f7cb30d3363926'),
        ('preprod-hoodi', '0xa5a53a6df5a0807fbdfe70eae1e7b0fb984f6710')
       ) AS directory (chain, address);
