"""The pages: load, permit, act, render."""
