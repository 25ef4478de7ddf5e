"""Primary keys: UUID version 7, so that new rows land at the end of their index.

Source: RFC 9562 section 5.7, with method 3 (the twelve bits after the milliseconds hold their fraction) and,
within one process, never a smaller number than the one before.
"""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A fresh key. Time 60 bits (ms and 1/4096 ms), random 62 bits."""
    global _last
    now = time.time_ns() * 4096 // 1_000_000
    with _lock:
        _last = now = max(now, _last + 1)
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(now >> 12) << 80 | 0x7 << 76 | (now & 0xFFF) << 64 | 0b10 << 62 | random)
