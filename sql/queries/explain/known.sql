-- Purpose: as what an address is known from events before a cutoff. Parameters: $1 address, $2 cutoff. Columns: staker, operator,
-- avs. Locks: none.
SELECT EXISTS (SELECT FROM staker_share_deltas e WHERE e.staker = $1 AND e.block_time < $2::date)
       OR EXISTS (SELECT FROM staker_delegation_changes e JOIN blocks b ON b.number = e.block_number
                  WHERE e.staker = $1 AND b.block_time < $2::date) AS staker,
       EXISTS (SELECT FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
               WHERE e.operator = $1 AND b.block_time < $2::date)
       OR EXISTS (SELECT FROM operator_set_operator_registrations e JOIN blocks b ON b.number = e.block_number
                  WHERE e.operator = $1 AND b.block_time < $2::date)
       OR EXISTS (SELECT FROM operator_share_deltas e WHERE e.operator = $1 AND e.block_time < $2::date)
       OR EXISTS (SELECT FROM staker_delegation_changes e JOIN blocks b ON b.number = e.block_number
                  WHERE e.operator = $1 AND b.block_time < $2::date)
       OR EXISTS (SELECT FROM operator_directed_reward_submissions e JOIN blocks b ON b.number = e.block_number
                  WHERE e.operator = $1 AND b.block_time < $2::date)
       OR EXISTS (SELECT FROM operator_directed_operator_set_reward_submissions e JOIN blocks b ON b.number = e.block_number
                  WHERE e.operator = $1 AND b.block_time < $2::date) AS operator,
       EXISTS (SELECT FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
               WHERE e.avs = $1 AND b.block_time < $2::date)
       OR EXISTS (SELECT FROM reward_submissions e WHERE e.avs = $1)
       OR EXISTS (SELECT FROM operator_directed_reward_submissions e WHERE e.avs = $1)
       OR EXISTS (SELECT FROM operator_directed_operator_set_reward_submissions e WHERE e.avs = $1)
       OR EXISTS (SELECT FROM unique_stake_reward_submissions e WHERE e.avs = $1)
       OR EXISTS (SELECT FROM total_stake_reward_submissions e WHERE e.avs = $1) AS avs
