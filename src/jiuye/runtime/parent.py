"""A process asks the kernel for a signal when its parent dies (Linux; elsewhere nothing happens)."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(death_signal: int) -> None:
    """In the child: ask for the signal. Changing the uid afterwards clears the request."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)


def die_with_parent(death_signal: int, uid: int | None = None, gid: int | None = None) -> Callable[[], None]:
    """Make the function a child runs before exec: become `uid`, then `end_with_parent`."""
    parent = os.getpid()

    def prepare() -> None:
        if uid is not None and gid is not None:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        end_with_parent(death_signal)
        if LIBC is not None and os.getppid() != parent:  # it died before the request
            os._exit(1)

    return prepare
