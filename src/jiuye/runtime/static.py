"""Static files collected into JIUYE_HOME/static, only when one of them changed."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint() -> str:
    """Changes with the name, size or time of any static file, and with the storage that serves them."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(repr(settings.STORAGES).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect() -> bool:
    """Return whether there was anything to do."""
    from django.conf import settings
    from django.core.management import call_command

    note = Path(settings.STATIC_ROOT) / ".fingerprint"
    wanted = fingerprint()
    if note.exists() and note.read_text() == wanted:
        return False
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(wanted)
    return True
