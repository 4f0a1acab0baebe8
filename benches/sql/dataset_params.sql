-- Purpose: what the dataset is made from. Parameters: the columns, in their order.
INSERT INTO draft.params (calendar_start, first_day, last_day, stakers, operators, avss, strategies)
VALUES ($1, $2, $3, $4, $5, $6, $7)
