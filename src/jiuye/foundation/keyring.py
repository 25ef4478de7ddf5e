"""The keys of sealed fields: a versioned ring in HOME/secrets/keyring.json, readable by its owner only.

A ring has sealing keys by version (the newest seals, all of them open) and one index key, from which the
blind index of every field derives its own. Rotation adds a version; a version may be dropped only when
nothing sealed with it is left. The index key stays, for changing it would mean computing every index anew.

The file is written beside and renamed, so it is always either the old ring or the new one. Losing it is
losing every sealed value: back it up apart from the database. A key service (KMS, HSM) can stand in by giving
`KeyRing` its keys; nothing else reads the file.

Sources: GB/T 32907-2016 (SM4, 128-bit keys), GB/T 32905-2016 (SM3), NIST SP 800-57 (key periods, rotation).
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import secrets
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

SEAL_KEY_BYTES: Final = 16
INDEX_KEY_BYTES: Final = 32
LAST_VERSION: Final = 0xFFFF  # a version takes two bytes in a sealed value
_FORMAT: Final = "jiuye-keyring/1"


class KeyRingError(Exception):
    """The key ring is missing, unreadable or not protected; the message says what to do."""


class MissingKeyError(KeyRingError):
    """A value was sealed with a version this ring doesn't have."""

    def __init__(self, version: int, known: list[int]) -> None:
        super().__init__(
            f"key version {version} is not in the key ring (it has {', '.join(map(str, known)) or 'none'}); "
            "restore the key ring file that belongs to this database"
        )
        self.version = version


@dataclass(frozen=True)
class Key:
    """One version. `created` is an ISO time in UTC."""

    version: int
    created: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key(version={self.version}, created={self.created!r})"


class KeyRing:
    """Sealing keys by version and the index key. Never printed, never logged."""

    def __init__(self, keys: Mapping[int, Key], index_key: bytes, path: Path | None = None) -> None:
        if not keys:
            raise KeyRingError("a key ring needs at least one key")
        self._keys = dict(keys)
        self.index_key = index_key
        self.path = path

    def __repr__(self) -> str:
        return f"KeyRing(versions={self.versions}, path={str(self.path)!r})"

    @property
    def versions(self) -> list[int]:
        """All versions, oldest first."""
        return sorted(self._keys)

    @property
    def current(self) -> int:
        """The version that seals."""
        return max(self._keys)

    def key(self, version: int) -> Key:
        """The key of a version; MissingKeyError when the ring doesn't have it."""
        try:
            return self._keys[version]
        except KeyError:
            raise MissingKeyError(version, self.versions) from None

    @classmethod
    def in_memory(cls) -> KeyRing:
        """A fresh ring that is kept nowhere, for tests and benchmarks."""
        return cls({1: _new_key(1)}, secrets.token_bytes(INDEX_KEY_BYTES))

    @classmethod
    def create(cls, path: Path) -> KeyRing:
        """A fresh ring in a new file; FileExistsError when there is one already."""
        ring = cls({1: _new_key(1)}, secrets.token_bytes(INDEX_KEY_BYTES), path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _written_beside(path, ring._text()) as fresh:
            os.link(fresh, path)  # unlike rename, refuses to replace
        return ring

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """The ring in a file. KeyRingError says what is wrong with it."""
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                content = file.read()
        except FileNotFoundError:
            raise KeyRingError(f"no key ring at {path}") from None
        if mode & 0o077:
            raise KeyRingError(f"{path} can be read by others (mode {mode:04o}); chmod 600 {path}")
        try:
            data: dict[str, Any] = json.loads(content)
            if data["format"] != _FORMAT:
                raise KeyRingError(f"{path}: unknown format {data['format']!r}, {_FORMAT!r} expected")
            keys = {
                int(k["version"]): Key(
                    int(k["version"]), str(k["created"]), _decode(k["key"], SEAL_KEY_BYTES)
                )
                for k in data["keys"]
            }
            return cls(keys, _decode(data["index_key"], INDEX_KEY_BYTES), path)
        except (ValueError, KeyError, TypeError) as problem:
            # The problem's own text may quote key material, so only its kind is told.
            raise KeyRingError(f"{path} is not a key ring ({type(problem).__name__})") from None

    def add_version(self) -> int:
        """Add a key, seal with it from now on, and return its version. Safe beside other processes."""
        with self._changing() as keys:
            version = max(keys) + 1
            if version > LAST_VERSION:
                raise KeyRingError("the key ring has no version number left")
            keys[version] = _new_key(version)
        return version

    def drop_version(self, version: int) -> None:
        """Forget a key for good. The caller has made sure that nothing sealed with it is left."""
        if version == self.current:
            raise KeyRingError(f"key version {version} is the one that seals; add a newer one first")
        self.key(version)
        with self._changing() as keys:
            keys.pop(version, None)

    @contextmanager
    def _changing(self) -> Iterator[dict[int, Key]]:
        """Lock, read what others wrote meanwhile, change, write; only what is on disk seals."""
        if self.path is None:
            yield self._keys
            return
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            changed = KeyRing.load(self.path)
            yield changed._keys
            with _written_beside(self.path, changed._text()) as fresh:
                os.replace(fresh, self.path)
            self._keys = changed._keys
        finally:
            os.close(lock)

    def _text(self) -> str:
        keys = [
            {"version": k.version, "created": k.created, "key": base64.b64encode(k.secret).decode()}
            for _, k in sorted(self._keys.items())
        ]
        index_key = base64.b64encode(self.index_key).decode()
        return json.dumps({"format": _FORMAT, "keys": keys, "index_key": index_key}, indent=1) + "\n"


def ring_path() -> Path:
    """Where this installation keeps its ring: JIUYE_HOME/secrets/keyring.json (default home: ./var)."""
    return Path(os.environ.get("JIUYE_HOME", "var")).absolute() / "secrets" / "keyring.json"


_loaded: dict[Path, tuple[tuple[int, int], KeyRing]] = {}
_loading = threading.Lock()


def default() -> KeyRing:
    """This installation's ring, made on first use like its other secrets and read again when it changed."""
    path = ring_path()
    try:
        seen = path.stat()
    except FileNotFoundError:
        with suppress(FileExistsError):  # another process was first; its ring is the ring
            KeyRing.create(path)
        seen = path.stat()
    stamp = (seen.st_ino, seen.st_mtime_ns)
    known = _loaded.get(path)
    if known is None or known[0] != stamp:
        with _loading:
            known = (stamp, KeyRing.load(path))
            _loaded[path] = known
    return known[1]


def _new_key(version: int) -> Key:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return Key(version, created, secrets.token_bytes(SEAL_KEY_BYTES))


def _decode(text: str, size: int) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise ValueError("not base64") from problem
    if len(value) != size:
        raise ValueError(f"{size} bytes expected")
    return value


@contextmanager
def _written_beside(path: Path, text: str) -> Iterator[Path]:
    """A finished file with mode 0600 in the same folder, to be linked or renamed; removed if it is left."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield fresh
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        fresh.unlink(missing_ok=True)
