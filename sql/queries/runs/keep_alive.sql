-- Purpose: the server notices within two minutes that our host is gone, also in the middle of a COPY, and gives back what this
-- session has locked. Without effect on Unix sockets. Parameters: none.
SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6; SET tcp_user_timeout = '120s'
