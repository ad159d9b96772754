"""The formats that other installations and other programs of a clinic read: plain Python on top of ``clinical``."""
