-- Purpose: gives the locks of try_lock and hold_workers back. Parameters: none.
SELECT pg_advisory_unlock_all()
