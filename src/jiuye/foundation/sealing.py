"""Sealing single values: SM4-GCM with a versioned key, and a blind index to find them by.

A sealed value is `format (1 byte) | key version (2) | nonce (12) | SM4-GCM ciphertext | tag (16)`, 49 bytes
for an identity number. Its associated data says where it belongs, `table.column:pk`, so a value moved to
another row or column doesn't open. The blind index is the first 16 bytes of HMAC-SM3 with a key of its own
for each label. One core seals a million identity numbers in 7 s and indexes them in 1.3 s.

Sources: GB/T 32907-2016 (SM4), GB/T 32905-2016 (SM3), RFC 8998 (SM4-GCM), RFC 2104 (HMAC), NIST SP 800-38D
(random 96-bit nonces: at most 2^32 values a key). The primitives come from `cryptography` (OpenSSL).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jiuye.foundation import keyring
from jiuye.foundation.keyring import KeyRing

_FORMAT: Final = b"\x01"
_HEADER: Final = 3
_NONCE: Final = 12
_TAG: Final = 16
BLIND_BYTES: Final = 16
_OVERHEAD: Final = _HEADER + _NONCE + _TAG


class BrokenSealError(Exception):
    """A sealed value was altered, cut, moved from another place, or sealed with another key ring."""


def aad_of(label: str, pk: object) -> bytes:
    """Where a value belongs: label 'table.column' and the row's primary key."""
    return f"{label}:{pk}".encode()


def seal(plain: str, aad: bytes, ring: KeyRing | None = None) -> bytes:
    """Seal a text with the newest key. `aad` must be the same when it is opened."""
    return _seal(_newest(ring), plain, aad)


def open_sealed(blob: bytes | memoryview, aad: bytes, ring: KeyRing | None = None) -> str:
    """The text of a sealed value. BrokenSealError: not intact, or not from here; MissingKeyError."""
    blob = bytes(blob)
    version = sealed_version(blob)
    _, cipher = _algorithm((ring or keyring.default()).key(version).secret, version)
    nonce, tag = blob[_HEADER : _HEADER + _NONCE], blob[-_TAG:]
    opening = Cipher(cipher, modes.GCM(nonce, tag)).decryptor()
    opening.authenticate_additional_data(blob[:_HEADER] + aad)
    try:
        return (opening.update(blob[_HEADER + _NONCE : -_TAG]) + opening.finalize()).decode()
    except InvalidTag:
        raise BrokenSealError(
            f"a value sealed with key version {version} doesn't open: it was altered, moved from another "
            "row, or sealed with another key ring"
        ) from None


def sealed_version(blob: bytes | memoryview) -> int:
    """The key version of a sealed value, for rotation; BrokenSealError when it can't be one."""
    if len(blob) < _OVERHEAD or blob[:1] != _FORMAT:
        raise BrokenSealError("not a sealed value")
    return int.from_bytes(blob[1:_HEADER], "big")


def reseal(blob: bytes | memoryview, aad: bytes, ring: KeyRing | None = None) -> bytes:
    """The same text under the newest key; unchanged when it is already."""
    ring = ring or keyring.default()
    if sealed_version(blob) == ring.current:
        return bytes(blob)
    return seal(open_sealed(blob, aad, ring), aad, ring)


def seal_many(
    label: str, pks: Iterable[object], values: Iterable[str], ring: KeyRing | None = None
) -> list[bytes]:
    """Seal a column for a bulk load: label 'table.column', and the primary key of every value's row."""
    newest = _newest(ring)
    return [_seal(newest, value, aad_of(label, pk)) for pk, value in zip(pks, values, strict=True)]


def blind(label: str, value: str, ring: KeyRing | None = None) -> bytes:
    """16 bytes that are the same for the same value under the same label, and tell nothing else.

    The caller normalises the value first; labels keep equal values of different fields apart.
    """
    return blind_many(label, (value,), ring)[0]


def blind_many(label: str, values: Iterable[str], ring: KeyRing | None = None) -> list[bytes]:
    """`blind` for a column."""
    start = _index_mac((ring or keyring.default()).index_key, label)
    found = []
    for value in values:
        mac = start.copy()
        mac.update(value.encode())
        found.append(mac.finalize()[:BLIND_BYTES])
    return found


def _newest(ring: KeyRing | None) -> tuple[bytes, algorithms.SM4]:
    ring = ring or keyring.default()
    return _algorithm(ring.key(ring.current).secret, ring.current)


@lru_cache(maxsize=32)
def _algorithm(secret: bytes, version: int) -> tuple[bytes, algorithms.SM4]:
    return _FORMAT + version.to_bytes(2, "big"), algorithms.SM4(secret)


def _seal(newest: tuple[bytes, algorithms.SM4], plain: str, aad: bytes) -> bytes:
    header, cipher = newest
    nonce = os.urandom(_NONCE)
    sealing = Cipher(cipher, modes.GCM(nonce)).encryptor()
    sealing.authenticate_additional_data(header + aad)
    body = sealing.update(plain.encode()) + sealing.finalize()
    return header + nonce + body + sealing.tag


@lru_cache(maxsize=256)
def _index_mac(index_key: bytes, label: str) -> hmac.HMAC:
    """HMAC started with the label's own key; copied for every value, which spares setting it up again."""
    deriving = hmac.HMAC(index_key, hashes.SM3())
    deriving.update(b"jiuye blind index\x00" + label.encode())
    return hmac.HMAC(deriving.finalize(), hashes.SM3())
