"""SQLite with one queue of writers."""
