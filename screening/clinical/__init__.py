"""The clinical core: plain Python without Django, database or clock."""
