"""The guides to set LDN Screen up, followed."""
