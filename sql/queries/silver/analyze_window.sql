-- Purpose: statistics: there is one window, and one input. Parameters: none.
ANALYZE refresh_window; ANALYZE run_input; ANALYZE carried_ranges
