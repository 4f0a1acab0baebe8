-- Purpose: the shape of a story of the bench `history`. Parameters: the columns, in their order.
INSERT INTO draft.shape (avs_streams, all_earners_streams, all_stakers_streams, od_streams, od_set_streams,
                         unique_stake_streams, total_stake_streams, retroactive_programmes, late_day, late_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
