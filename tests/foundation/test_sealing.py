"""Key ring and sealing: nothing opens out of place, nothing is lost by rotation."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from jiuye.foundation import keyring
from jiuye.foundation.keyring import KeyRing, KeyRingError, MissingKeyError
from jiuye.foundation.sealing import (
    BrokenSealError,
    aad_of,
    blind,
    blind_many,
    open_sealed,
    reseal,
    seal,
    seal_many,
    sealed_version,
)

NUMBER = "11010519491231002X"
HERE = aad_of("registry_person.doc_number", 1)
RING = KeyRing.in_memory()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keyring.json"


def test_the_primitives_are_the_national_ones() -> None:
    """Published answers: GB/T 32905 appendix A ('abc'), RFC 8998 appendix A.1 (SM4-GCM)."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    gcm = Cipher(algorithms.SM4(key), modes.GCM(bytes.fromhex("00001234567800000000abcd"))).encryptor()
    gcm.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    words = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    words += "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    gcm.update(bytes.fromhex(words))
    gcm.finalize()
    assert gcm.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@given(st.text(), st.binary(max_size=60))
def test_what_is_sealed_opens(plain: str, aad: bytes) -> None:
    assert open_sealed(seal(plain, aad, RING), aad, RING) == plain


def test_an_identity_number_takes_49_bytes_and_never_looks_the_same_twice() -> None:
    first, second = seal(NUMBER, HERE, RING), seal(NUMBER, HERE, RING)
    assert len(first) == 49
    assert first != second
    assert NUMBER.encode() not in first
    assert open_sealed(memoryview(first), HERE, RING) == NUMBER


@pytest.mark.parametrize(
    "elsewhere", [aad_of("registry_person.doc_number", 2), aad_of("registry_person.phone", 1), b""]
)
def test_a_value_moved_elsewhere_does_not_open(elsewhere: bytes) -> None:
    with pytest.raises(BrokenSealError, match="moved"):
        open_sealed(seal(NUMBER, HERE, RING), elsewhere, RING)


@given(st.integers(0, 48), st.integers(1, 255))
def test_any_altered_byte_is_noticed(place: int, by: int) -> None:
    blob = bytearray(seal(NUMBER, HERE, RING))
    blob[place] ^= by
    with pytest.raises((BrokenSealError, MissingKeyError)):
        open_sealed(bytes(blob), HERE, RING)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"plain text that was never sealed by anybody"])
def test_what_was_never_sealed(blob: bytes) -> None:
    with pytest.raises(BrokenSealError, match="not a sealed value"):
        open_sealed(blob, HERE, RING)


def test_cut_short() -> None:
    with pytest.raises(BrokenSealError):
        open_sealed(seal(NUMBER, HERE, RING)[:-1], HERE, RING)


def test_rotation(path: Path) -> None:
    ring = KeyRing.create(path)
    old = seal(NUMBER, HERE, ring)
    assert ring.add_version() == 2
    new = seal(NUMBER, HERE, ring)
    assert (sealed_version(old), sealed_version(new)) == (1, 2)
    again = KeyRing.load(path)
    assert again.versions == [1, 2]
    assert open_sealed(old, HERE, again) == open_sealed(new, HERE, again) == NUMBER
    moved = reseal(old, HERE, again)
    assert sealed_version(moved) == 2
    assert reseal(moved, HERE, again) == moved
    assert blind("registry_person.doc_number", NUMBER, ring) == blind(
        "registry_person.doc_number", NUMBER, again
    )
    again.drop_version(1)
    assert KeyRing.load(path).versions == [2]
    with pytest.raises(MissingKeyError, match=r"key version 1 is not in the key ring \(it has 2\); restore"):
        open_sealed(old, HERE, again)


def test_the_sealing_version_cannot_be_dropped(path: Path) -> None:
    with pytest.raises(KeyRingError, match="seals"):
        KeyRing.create(path).drop_version(1)


def test_another_ring_does_not_open() -> None:
    with pytest.raises(BrokenSealError, match="another key ring"):
        open_sealed(seal(NUMBER, HERE, RING), HERE, KeyRing.in_memory())


def test_the_file_is_the_owners_alone(path: Path) -> None:
    ring = KeyRing.create(path)
    ring.add_version()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not list(path.parent.glob(".keyring*"))
    path.chmod(0o640)
    with pytest.raises(KeyRingError, match="chmod 600"):
        KeyRing.load(path)


def test_a_ring_is_never_replaced_by_a_new_one(path: Path) -> None:
    KeyRing.create(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        KeyRing.create(path)
    assert path.read_bytes() == before


def test_a_bad_file_is_told_without_its_secrets(path: Path) -> None:
    KeyRing.create(path)
    data = json.loads(path.read_text())
    secret = data["keys"][0]["key"]
    wrong: list[object] = [
        {**data, "format": "x"},
        {**data, "keys": []},
        {**data, "index_key": "AAAA"},
        {},
        [],
    ]
    for broken in wrong:
        path.write_text(json.dumps(broken))
        with pytest.raises(KeyRingError) as told:
            KeyRing.load(path)
        assert secret not in str(told.value)
    with pytest.raises(KeyRingError, match="no key ring"):
        KeyRing.load(path.with_name("other.json"))


def test_no_secret_is_printed(path: Path) -> None:
    ring = KeyRing.create(path)
    shown = repr(ring) + repr(ring.key(1)) + str(ring)
    assert repr(ring.key(1).secret) not in shown
    assert repr(ring.index_key) not in shown


def _add(path: Path, times: int) -> None:
    ring = KeyRing.load(path)
    for _ in range(times):
        ring.add_version()


def test_processes_that_rotate_at_once_lose_no_key(path: Path) -> None:
    KeyRing.create(path)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add, args=(path, 5)) for _ in range(2)]
    for worker in workers:
        worker.start()
    _add(path, 5)
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert KeyRing.load(path).versions == list(range(1, 17))


def test_the_installations_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_HOME", str(tmp_path))
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(keyring.default())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ring.index_key for ring in rings}) == 1
    blob = seal(NUMBER, HERE)
    KeyRing.load(tmp_path / "secrets" / "keyring.json").add_version()  # as another process would
    assert keyring.default().current == 2
    assert open_sealed(blob, HERE) == NUMBER
    assert sealed_version(seal(NUMBER, HERE)) == 2


def test_a_kill_in_the_middle_of_writing_leaves_the_old_ring(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = KeyRing.create(path)
    before = path.read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        ring.add_version()
    assert path.read_bytes() == before
    assert ring.versions == KeyRing.load(path).versions


def test_blind_index() -> None:
    index = blind("registry_person.doc_number", NUMBER, RING)
    assert len(index) == 16
    assert index == blind("registry_person.doc_number", NUMBER, RING)
    assert index != blind("registry_person.phone", NUMBER, RING)
    assert index != blind("registry_person.doc_number", NUMBER, KeyRing.in_memory())
    assert blind_many("registry_person.doc_number", [NUMBER, "x"], RING)[0] == index


def test_bulk_is_the_same_and_fast() -> None:
    values = [f"3199991990{i:08}" for i in range(20_000)]
    started = time.process_time()
    blobs = seal_many("registry_person.doc_number", range(20_000), values, RING)
    seconds = time.process_time() - started
    assert open_sealed(blobs[7], aad_of("registry_person.doc_number", 7), RING) == values[7]
    assert len(set(blobs)) == 20_000
    assert seconds < 1.2  # a million in a minute
    with pytest.raises(ValueError, match="zip"):
        seal_many("registry_person.doc_number", [1], [], RING)
