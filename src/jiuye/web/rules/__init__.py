"""The rule book for everybody: the law is public, so nobody needs to log in."""
