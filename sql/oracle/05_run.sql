-- Purpose: everything about this run in one row: D, the fork dates of its chain that switch a
--          rule, and the three gates. All later files read this row, not the tables behind it.
-- Spec:    spec/00 §3 (gates), §4 (forks)
-- Inputs:  oracle_params, oracle_forks, oracle_avs_directories
-- Columns: chain text, cutoff date, avs_directory text, amazon … sabine date (start of the fork),
--          v2, v2_1, v2_2 boolean (gate open for this D)
-- Order:   one row
-- Locks:   none
CREATE TEMP TABLE oracle_run ON COMMIT DROP AS
WITH fork_dates AS (
    SELECT chain,
           max(active_from) FILTER (WHERE fork = 'amazon')      AS amazon,
           max(active_from) FILTER (WHERE fork = 'nile')        AS nile,
           max(active_from) FILTER (WHERE fork = 'panama')      AS panama,
           max(active_from) FILTER (WHERE fork = 'arno')        AS arno,
           max(active_from) FILTER (WHERE fork = 'trinity')     AS trinity,
           max(active_from) FILTER (WHERE fork = 'mississippi') AS mississippi,
           max(active_from) FILTER (WHERE fork = 'colorado')    AS colorado,
           max(active_from) FILTER (WHERE fork = 'sabine')      AS sabine
      FROM oracle_forks
     GROUP BY chain
)
SELECT params.chain,
       params.cutoff,
       directory.address AS avs_directory,
       forks.amazon, forks.nile, forks.panama, forks.arno,
       forks.trinity, forks.mississippi, forks.colorado, forks.sabine,
       params.cutoff >= forks.arno        AS v2,
       params.cutoff >= forks.mississippi AS v2_1,
       params.cutoff >= forks.sabine      AS v2_2
  FROM oracle_params AS params
  JOIN fork_dates AS forks USING (chain)
  JOIN oracle_avs_directories AS directory USING (chain);
