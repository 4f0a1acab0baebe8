-- Purpose: drops what create_submissions.sql made. Parameters: none.
DROP TABLE pg_temp.submissions
