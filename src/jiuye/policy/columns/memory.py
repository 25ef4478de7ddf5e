"""What a run of many blocks asks of the C library."""

from __future__ import annotations

import ctypes
from functools import cache

# glibc malloc.h; mallopt(3)
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_KEPT = 1 << 28  # bytes: the arrays of one block of every rule of a city


@cache
def keep_freed() -> bool:
    """Memory that a block frees stays with the process for the next one; whether the C library can do so.

    glibc gives it back to the system and fetches it again page by page: with all rules of a city that is a
    third of the time of a run. Asked once a process, by runs of several blocks only.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # another C library: nothing but slower
    return all(mallopt(option, _KEPT) for option in (_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD))
