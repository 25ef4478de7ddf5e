"""The eight-rule set against other engines on the same data; see `__main__`."""
