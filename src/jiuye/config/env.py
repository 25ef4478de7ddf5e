"""Where this installation keeps its things, read from the environment once.

JIUYE_HOME          folder for the embedded database, secrets and files (default: ./var)
DATABASE_URL        owner login of an external PostgreSQL >= 15; unset = embedded
JIUYE_DB_ROLE       app (default, row-level security applies), owner (migrate, load), audit (read only)
JIUYE_PROCESS       web, worker or command (default): its time limits and pool, see PROCESSES
JIUYE_APP_PASSWORD  password of the application role, otherwise kept in JIUYE_HOME/secrets
JIUYE_TODAY         pretend date for demonstrations and tests (ISO)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Time limits of a database session by kind of process: for one statement, for a lock, idle in a transaction.
# A page that takes longer is a fault, a job may take minutes, a person watches a command. 0 = none.
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
PROCESSES = {
    "web": ("15s", "5s", "30s"),
    "worker": ("10min", "30s", "10min"),
    "command": ("0", "1min", "1h"),
}
NEVER = sys.maxsize  # so many runs before a statement is prepared without being asked
WEB_THREADS = int(os.environ.get("JIUYE_WEB_THREADS", "4"))
HOME = Path(os.environ.get("JIUYE_HOME", "var")).absolute()


def secret(name: str, home: Path = HOME) -> str:
    """Return the secret kept under `name`, making it on first use (file mode 0600)."""
    given = os.environ.get(f"JIUYE_{name.upper()}")
    if given:
        return given
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        fresh = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(32))
        with contextlib.suppress(FileExistsError):  # another process was quicker: its value counts
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text().strip()


def database() -> dict[str, object]:
    """Django's connection settings for the role this process runs as."""
    url = os.environ.get("DATABASE_URL") or embedded_url()
    parts = urlsplit(url)
    role = os.environ.get("JIUYE_DB_ROLE", "app")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if role != "owner":
        user, password = f"jiuye_{role}", secret(f"{role}_password")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": user,
        "PASSWORD": password,
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        **session(os.environ.get("JIUYE_PROCESS", "command")),
    }


def session(process: str) -> dict[str, object]:
    """Time limits for every kind of process; for web a pool, since a page is cheaper than its connection."""
    limits = " ".join(f"-c {name}={value}" for name, value in zip(LIMITS, PROCESSES[process], strict=True))
    options: dict[str, object] = {"application_name": f"jiuye {process}", "options": limits}
    options["prepare_threshold"] = NEVER  # None would refuse it also to foundation.session.prepared
    if process == "web":
        options["pool"] = {"min_size": 1, "max_size": WEB_THREADS + 1, "timeout": 10, "max_idle": 300}
    return {"OPTIONS": options, "CONN_HEALTH_CHECKS": process == "web"}


def embedded_url() -> str:
    """Owner URL of the embedded cluster; its port is written down by the supervisor."""
    port = HOME / "pg" / "port"
    number = port.read_text().strip() if port.exists() else "5432"
    return f"postgresql://jiuye_owner:{secret('owner_password')}@127.0.0.1:{number}/jiuye"
