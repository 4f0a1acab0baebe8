-- Purpose: the date from which each fork is active on each chain; "–" of the spec is 1970-01-01.
--          An own copy, written from the spec; the engine has another one on purpose.
-- Spec:    spec/00 §4 (all forks, also those that switch nothing in the calculation)
-- Inputs:  none
-- Columns: chain text, fork text, active_from date
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_forks ON COMMIT DROP AS
WITH dates_per_chain (fork, mainnet, holesky, preprod, sepolia, hoodi, preprod_hoodi) AS (
    VALUES
        ('amazon',      date '2024-08-02', date '1970-01-01', date '1970-01-01', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('nile',        date '2024-08-12', date '2024-08-13', date '2024-08-14', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('panama',      date '2024-10-01', date '2024-10-01', date '2024-10-01', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('arno',        date '2025-01-21', date '2024-12-13', date '2024-12-11', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('trinity',     date '2025-01-21', date '2025-01-09', date '2025-01-09', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('mississippi', date '2025-04-17', date '2025-02-10', date '2025-02-05', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('brazos',      date '2025-04-17', date '2025-03-06', date '2025-03-06', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('colorado',    date '2025-04-17', date '2025-03-11', date '2025-03-11', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('red',         date '1970-01-01', date '2025-03-18', date '2025-03-18', date '1970-01-01', date '1970-01-01', date '1970-01-01'),
        ('pecos',       date '2025-05-14', date '2025-05-14', date '2025-05-14', date '2025-05-14', date '1970-01-01', date '1970-01-01'),
        ('sabine',      date '2026-03-12', date '1970-01-01', date '1970-01-01', date '2026-02-09', date '2026-02-09', date '2026-01-12')
)
SELECT one_chain.chain, dates_per_chain.fork, one_chain.active_from
  FROM dates_per_chain
 CROSS JOIN LATERAL (
    VALUES ('mainnet', mainnet), ('holesky', holesky), ('preprod', preprod),
           ('sepolia', sepolia), ('hoodi', hoodi), ('preprod-hoodi', preprod_hoodi)
 ) AS one_chain (chain, active_from);
