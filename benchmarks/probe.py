"""A measurement in a process of its own, as the application's role on one city.

`python -m benchmarks.probe NAME RESULT.json [ARGUMENT…]` calls `benchmarks.NAME.probe(*arguments)`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import commands
from benchmarks.city import PYTHON, ROOT, City
from benchmarks.timing import SERVER
from jiuye.config import env


def run(city: City, name: str, *arguments: object, process: str = "web") -> Any:
    """What the probe found on that city. `process`: whose time limits and connections it has."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        command = [PYTHON, "-m", "benchmarks.probe", name, result.name, *map(str, arguments)]
        environment = {**city.environment(), "JIUYE_PROCESS": process, SERVER: city.server}
        done = commands.run(command, env=environment, cwd=ROOT)
        if done.returncode:
            raise SystemExit(f"{name} failed on {city.people:,} people")
        return json.loads(Path(result.name).read_bytes())


def main() -> None:
    name, result, *arguments = sys.argv[1:]
    import django

    django.setup()
    (env.HOME / "static").mkdir(exist_ok=True)  # whitenoise warns without
    from django.conf import settings
    from django.db import connection

    settings.STORAGES = {  # nothing is collected
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (f"jiuye_{os.environ['JIUYE_DB_ROLE']}",)
    found = importlib.import_module(f"benchmarks.{name}").probe(*arguments)
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
