"""`python -m jiuye` is the `jiuye` command."""

from jiuye.cli.main import app

app()
