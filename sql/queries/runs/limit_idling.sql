-- Purpose: the server ends this session if its transaction waits for us for so long: then we are dead, and others wait for
-- what we have locked. Parameters: none.
SET idle_in_transaction_session_timeout = '10min'
