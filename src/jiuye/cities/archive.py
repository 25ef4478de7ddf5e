"""The text of a law as one piece: kept with what it decided, and read again as it was.

A zip file of exactly what the law's reader reads, with the working days and the sources.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from jiuye.cities.city import City, load

PARTS = ("codes", "facts", "parameters", "rules")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same text is the same bytes, whenever it is packed


class ArchiveError(ValueError):
    """An archive that can't be read, or isn't the version it is said to be."""


def texts(folder: Path) -> list[Path]:
    """The files of a folder of law, in the order of their paths."""
    found = [folder / "units.yaml", folder / "sources.yaml", folder / "calendar" / "workdays.csv"]
    for part in PARTS:
        found += [folder / f"{part}.yaml", *(folder / part).glob("*.yaml")]
    return sorted(path for path in found if path.is_file())


def pack(folder: Path) -> bytes:
    """The folder's law, compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in texts(folder):
            name = path.relative_to(folder).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Write the files of an archive below `folder`. ArchiveError when it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(folder)  # noqa: S202 - zipfile keeps every member below the folder
    except (zipfile.BadZipFile, OSError) as problem:
        raise ArchiveError(str(problem)) from None


def read(content: bytes) -> City:
    """The law of an archive, checked anew. ArchiveError, LawError."""
    with tempfile.TemporaryDirectory(prefix="jiuye-law-") as folder:
        unpack(content, Path(folder))
        return load(Path(folder))


def open_city(content: bytes, version: str) -> City:
    """`read`, and ArchiveError when its text isn't that version."""
    found = read(content)
    if found.law.version != version:
        raise ArchiveError(f"the text is version {found.law.version[:12]}, not {version[:12]}")
    return found


def from_git(folder: Path, ref: str) -> City:
    """A city's law as a commit, branch or tag of the repository around its folder has it.

    ArchiveError, LawError.
    """
    if ref.startswith("-"):
        raise ArchiveError(f"no revision: {ref}")
    try:
        top = _git(folder, "rev-parse", "--show-toplevel").decode().strip()
        within = folder.resolve().relative_to(Path(top).resolve()).as_posix()
        tree = ref if within == "." else f"{ref}:{within}"
        packed = _git(Path(top), "archive", "--format=tar", tree)
    except (OSError, ValueError, subprocess.CalledProcessError) as problem:
        why = getattr(problem, "stderr", b"") or str(problem).encode()
        raise ArchiveError(f"git has no law at {ref}: {why.decode(errors='replace').strip()}") from None
    with tempfile.TemporaryDirectory(prefix="jiuye-law-") as there:
        at = Path(there) / folder.name
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(at, filter="data")
        return load(at)


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
