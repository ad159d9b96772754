"""A backup made by each release, with the words of its screenings, for the test that upgrades them."""
