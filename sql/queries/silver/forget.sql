-- Purpose: silver as before the first run. Parameters: none. Locks: ACCESS EXCLUSIVE on the range tables, briefly.
TRUNCATE staker_share_ranges, operator_share_ranges, staker_delegation_ranges, operator_avs_split_ranges,
         operator_pi_split_ranges, operator_set_split_ranges, default_operator_split_ranges,
         operator_avs_registration_ranges, operator_set_operator_registration_ranges,
         operator_set_strategy_registration_ranges, operator_avs_strategy_ranges, operator_allocation_ranges,
         operator_max_magnitude_ranges, silver_state, silver_sources, silver_days
