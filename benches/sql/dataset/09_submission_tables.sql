-- Purpose: the rows of the submissions in draft.submissions, submission_strategies and submission_operators. Parameters: none.
INSERT INTO reward_submissions (avs, reward_hash, token, amount, strategy, strategy_index, multiplier, start_timestamp,
                                end_timestamp, duration, is_for_all, reward_type, block_number, transaction_hash, log_index)
SELECT a.address, s.reward_hash, s.token, s.amount, t.strategy, t.index, t.multiplier, s.begins, s.ends, s.duration,
       s.kind <> 'avs', s.kind, s.block, draft.hash('submits ' || s.reward_hash), s.log_index
FROM draft.submissions s JOIN draft.submission_strategies t USING (stream, round) JOIN draft.avss a USING (avs)
WHERE s.kind IN ('avs', 'all_earners', 'all_stakers');

INSERT INTO operator_directed_reward_submissions (avs, reward_hash, token, operator, operator_index, amount, strategy,
                                                  strategy_index, multiplier, start_timestamp, end_timestamp, duration,
                                                  block_number, transaction_hash, log_index, description)
SELECT a.address, s.reward_hash, s.token, o.operator, o.index, o.amount, t.strategy, t.index, t.multiplier, s.begins, s.ends,
       s.duration, s.block, draft.hash('submits ' || s.reward_hash), s.log_index, 'bench'
FROM draft.submissions s JOIN draft.submission_strategies t USING (stream, round)
JOIN draft.submission_operators o USING (stream, round) JOIN draft.avss a USING (avs)
WHERE s.kind = 'od';

INSERT INTO operator_directed_operator_set_reward_submissions (avs, operator_set_id, reward_hash, token, operator,
                                                               operator_index, amount, strategy, strategy_index, multiplier,
                                                               start_timestamp, end_timestamp, duration, block_number,
                                                               transaction_hash, log_index, description)
SELECT a.address, s.set, s.reward_hash, s.token, o.operator, o.index, o.amount, t.strategy, t.index, t.multiplier, s.begins,
       s.ends, s.duration, s.block, draft.hash('submits ' || s.reward_hash), s.log_index, 'bench'
FROM draft.submissions s JOIN draft.submission_strategies t USING (stream, round)
JOIN draft.submission_operators o USING (stream, round) JOIN draft.avss a USING (avs)
WHERE s.kind = 'od_set';

INSERT INTO unique_stake_reward_submissions (avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index,
                                             multiplier, start_timestamp, end_timestamp, duration, block_number,
                                             transaction_hash, log_index)
SELECT a.address, s.set, s.reward_hash, s.token, s.amount, t.strategy, t.index, t.multiplier, s.begins, s.ends, s.duration,
       s.block, draft.hash('submits ' || s.reward_hash), s.log_index
FROM draft.submissions s JOIN draft.submission_strategies t USING (stream, round) JOIN draft.avss a USING (avs)
WHERE s.kind = 'unique_stake';

INSERT INTO total_stake_reward_submissions (avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index,
                                            multiplier, start_timestamp, end_timestamp, duration, block_number,
                                            transaction_hash, log_index)
SELECT a.address, s.set, s.reward_hash, s.token, s.amount, t.strategy, t.index, t.multiplier, s.begins, s.ends, s.duration,
       s.block, draft.hash('submits ' || s.reward_hash), s.log_index
FROM draft.submissions s JOIN draft.submission_strategies t USING (stream, round) JOIN draft.avss a USING (avs)
WHERE s.kind = 'total_stake';
