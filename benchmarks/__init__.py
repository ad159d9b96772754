"""Benchmarks: pages compared with a bare Django view, eight users at once, and a million records."""
