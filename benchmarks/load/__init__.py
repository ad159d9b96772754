"""The people who use the servers: a process of its own, so that its processor time is not the server's."""
