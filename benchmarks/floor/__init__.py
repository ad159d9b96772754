"""The least that Django costs for the work of a screening: the same rows, nothing checked or worked out."""
