"""Backup files: all rows of an installation in one file, the same for both databases."""
