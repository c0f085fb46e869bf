"""The store of uploads: offsets, checksums, owners, limits, kills, a full disk."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound, StorageFull
from growth_admin.datasets.facts import Checksum
from growth_admin.datasets.uploads.faults import ChunkDamaged, UploadBusy, UploadTooLarge
from growth_admin.datasets.uploads.record import NewUpload
from growth_admin.datasets.uploads.store import UploadStore
from tests.conftest import Child, fill, wait_until

DATA = random.Random(3).randbytes(300_000)
GIB = 1024**3


def sha256(data: bytes) -> Checksum:
    return Checksum("sha256", hashlib.sha256(data).hexdigest())


def store_at(folder: Path, user: str = "priya", *, limit_bytes: int = 50 * GIB) -> UploadStore:
    return UploadStore(folder / "uploads", user=user, limit_bytes=limit_bytes)


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    return store_at(tmp_path)


def new(size_bytes: int = len(DATA), name: str = "a.fits", batch: str = "") -> NewUpload:
    return NewUpload(size_bytes=size_bytes, file_name=name, batch=batch)


def send(store: UploadStore, upload_id: str, data: bytes, offset: int = 0) -> int:
    writer = store.write(upload_id, offset)
    for first in range(0, len(data), 70_000):
        writer.append(data[first : first + 70_000])
    return writer.finish()


def content(store: UploadStore, upload_id: str) -> bytes:
    return store.get_files(upload_id).data.read_bytes()


def test_upload_when_sent_in_two_requests_then_it_is_whole_with_its_sha256(
    store: UploadStore,
) -> None:
    made = store.create_upload(new())
    assert (made.offset_bytes, made.is_complete, made.created_by) == (0, False, "priya")
    assert send(store, made.id, DATA[:100_000]) == 100_000
    half = store.get_upload(made.id)
    assert (half.offset_bytes, half.is_complete, half.sha256) == (100_000, False, "")
    send(store, made.id, DATA[100_000:], 100_000)
    whole = store.get_upload(made.id)
    assert whole.is_complete
    assert whole.sha256 == sha256(DATA).hexdigest
    assert content(store, made.id) == DATA


def test_upload_when_it_has_no_bytes_then_it_is_complete_at_once(store: UploadStore) -> None:
    made = store.create_upload(new(0))
    assert made.is_complete
    assert made.sha256 == sha256(b"").hexdigest


def test_upload_when_the_server_changed_meanwhile_then_the_sha256_is_still_that_of_the_whole(
    tmp_path: Path,
) -> None:
    made = store_at(tmp_path).create_upload(new())
    send(store_at(tmp_path), made.id, DATA[:1])
    send(store_at(tmp_path), made.id, DATA[1:200_000], 1)
    send(store_at(tmp_path), made.id, DATA[200_000:], 200_000)
    assert store_at(tmp_path).get_upload(made.id).sha256 == sha256(DATA).hexdigest


def test_sha256_when_nobody_noted_it_then_it_is_read_from_the_bytes(store: UploadStore) -> None:
    made = store.create_upload(new())
    send(store, made.id, DATA)
    store.get_files(made.id).sha256.write_text("half a dig")
    assert store.get_upload(made.id).sha256 == ""
    assert store.settle_sha256(made.id) == sha256(DATA).hexdigest
    assert store.get_upload(made.id).sha256 == sha256(DATA).hexdigest


def test_sha256_when_bytes_are_missing_then_it_says_how_many_are_here(store: UploadStore) -> None:
    made = store.create_upload(new())
    send(store, made.id, DATA[:5])
    with pytest.raises(Conflict, match="5 of 300000"):
        store.settle_sha256(made.id)


@pytest.mark.parametrize("offset", [0, 99_999, 100_001, len(DATA)])
def test_write_when_the_offset_is_another_then_it_is_refused_and_told(
    store: UploadStore, offset: int
) -> None:
    made = store.create_upload(new())
    send(store, made.id, DATA[:100_000])
    with pytest.raises(Conflict) as raised:
        store.write(made.id, offset)
    assert raised.value.context == {"offset_bytes": 100_000}
    send(store, made.id, DATA[100_000:], 100_000)


def test_write_when_more_comes_than_was_announced_then_nothing_of_it_is_taken(
    store: UploadStore,
) -> None:
    made = store.create_upload(new(10))
    writer = store.write(made.id, 0)
    with pytest.raises(InvalidInput):
        writer.append(b"x" * 11)
    writer.keep()
    assert store.get_upload(made.id).offset_bytes == 0


# -- checksums


def test_chunk_when_it_is_damaged_then_it_is_thrown_away_and_the_right_one_is_taken(
    store: UploadStore,
) -> None:
    made = store.create_upload(new())
    send(store, made.id, DATA[:1000])
    part = DATA[1000:200_000]
    writer = store.write(made.id, 1000, sha256(part))
    writer.append(part[:-1] + b"?" if part[-1:] != b"?" else part[:-1] + b"!")
    with pytest.raises(ChunkDamaged) as raised:
        writer.finish()
    assert raised.value.context == {"offset_bytes": 1000}
    assert content(store, made.id) == DATA[:1000]
    writer = store.write(made.id, 1000, sha256(part))
    writer.append(part)
    assert writer.finish() == 200_000
    send(store, made.id, DATA[200_000:], 200_000)
    assert store.get_upload(made.id).sha256 == sha256(DATA).hexdigest


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_chunk_when_its_checksum_is_right_then_it_is_taken(
    store: UploadStore, algorithm: str
) -> None:
    made = store.create_upload(new())
    digest = hashlib.new(algorithm, DATA).hexdigest()
    writer = store.write(made.id, 0, Checksum(algorithm, digest))
    writer.append(DATA)
    assert writer.finish() == len(DATA)
    assert store.get_files(made.id).unchecked.exists() == (algorithm != "sha256")


def test_chunk_when_the_connection_is_lost_then_unverified_bytes_do_not_count(
    store: UploadStore,
) -> None:
    made = store.create_upload(new())
    send(store, made.id, DATA[:1000])
    writer = store.write(made.id, 1000, sha256(DATA[1000:]))
    writer.append(DATA[1000:50_000])
    assert store.get_upload(made.id).offset_bytes == 1000  # while it is under way, too
    writer.keep()
    assert content(store, made.id) == DATA[:1000]
    send(store, made.id, DATA[1000:], 1000)
    assert store.get_upload(made.id).sha256 == sha256(DATA).hexdigest


def test_bytes_when_the_connection_is_lost_then_those_without_checksum_stay(
    store: UploadStore,
) -> None:
    made = store.create_upload(new())
    writer = store.write(made.id, 0)
    writer.append(DATA[:50_000])
    writer.keep()
    assert store.get_upload(made.id).offset_bytes == 50_000
    send(store, made.id, DATA[50_000:], 50_000)
    assert store.get_upload(made.id).sha256 == sha256(DATA).hexdigest


# -- one at a time


def test_write_when_another_request_writes_then_it_is_busy(store: UploadStore) -> None:
    made = store.create_upload(new())
    writer = store.write(made.id, 0)
    writer.append(DATA[:10])
    with pytest.raises(UploadBusy):
        store.write(made.id, 0)
    assert writer.finish() == 10


def test_write_when_another_server_writes_then_it_is_busy_until_that_ends(tmp_path: Path) -> None:
    here, there = store_at(tmp_path), store_at(tmp_path)
    made = here.create_upload(new())
    writer = here.write(made.id, 0)
    with pytest.raises(UploadBusy):
        there.write(made.id, 0)
    writer.append(DATA[:10])
    writer.finish()
    send(there, made.id, DATA[10:], 10)
    assert here.get_upload(made.id).is_complete


def test_write_when_the_other_server_was_killed_then_it_goes_on_at_once(
    tmp_path: Path, spawn: Callable[[Callable[[], object]], Child]
) -> None:
    store = store_at(tmp_path)
    made = store.create_upload(new())
    data = store.get_files(made.id).data

    def write_and_hang() -> None:
        writer = store_at(tmp_path).write(made.id, 0)
        writer.append(DATA[:123_456])
        time.sleep(60)

    child = spawn(write_and_hang)
    wait_until(lambda: data.stat().st_size == 123_456)
    with pytest.raises(UploadBusy):
        store.write(made.id, 123_456)
    child.signal(signal.SIGKILL)
    child.join()
    assert store.get_upload(made.id).offset_bytes == 123_456
    send(store, made.id, DATA[123_456:], 123_456)
    assert store.get_upload(made.id).sha256 == sha256(DATA).hexdigest


def test_write_when_a_server_was_killed_in_a_checked_chunk_then_only_checked_bytes_count(
    tmp_path: Path, spawn: Callable[[Callable[[], object]], Child]
) -> None:
    store = store_at(tmp_path)
    made = store.create_upload(new())
    send(store, made.id, DATA[:1000])

    def write_and_hang() -> None:
        writer = store_at(tmp_path).write(made.id, 1000, sha256(DATA[1000:]))
        writer.append(b"wrong bytes")
        time.sleep(60)

    child = spawn(write_and_hang)
    wait_until(lambda: store.get_files(made.id).data.stat().st_size > 1000)
    child.signal(signal.SIGKILL)
    child.join()
    assert store.get_upload(made.id).offset_bytes == 1000
    send(store, made.id, DATA[1000:], 1000)
    assert content(store, made.id) == DATA


def test_write_when_another_machine_is_silent_for_long_then_it_goes_on(store: UploadStore) -> None:
    made = store.create_upload(new())
    lock = store.get_files(made.id).lock
    lock.write_text('{"host": "elsewhere", "pid": 1, "process": "x"}')
    with pytest.raises(UploadBusy):
        store.write(made.id, 0)
    os.utime(lock, (time.time() - 60, time.time() - 60))
    send(store, made.id, DATA)
    assert not lock.exists()


def test_writer_when_its_lock_was_taken_away_then_it_stops(store: UploadStore) -> None:
    made = store.create_upload(new())
    writer = store.write(made.id, 0)
    writer.append(DATA[:10])
    store.get_files(made.id).lock.unlink()
    time.sleep(2.1)  # the next beat
    with pytest.raises(UploadBusy):
        writer.append(DATA[10:20])
    writer.keep()


# -- whose


def test_upload_when_somebody_else_began_it_then_only_the_owner_writes_and_an_admin_deletes(
    tmp_path: Path,
) -> None:
    made = store_at(tmp_path, "priya").create_upload(new())
    other = store_at(tmp_path, "tom")
    assert other.get_upload(made.id).created_by == "priya"
    with pytest.raises(Forbidden):
        other.write(made.id, 0)
    with pytest.raises(Forbidden):
        other.delete_upload(made.id)
    assert other.delete_upload(made.id, is_admin=True).id == made.id
    with pytest.raises(NotFound):
        store_at(tmp_path, "priya").get_upload(made.id)


@pytest.mark.parametrize("name", ["", "..", "0" * 31, "../" + "0" * 29, "G" * 32, "0" * 32])
def test_upload_when_there_is_none_then_it_is_not_found(store: UploadStore, name: str) -> None:
    for ask in (store.get_upload, store.get_expiry, store.delete_upload):
        with pytest.raises(NotFound):
            ask(name)


def test_delete_when_it_is_being_written_then_it_goes_and_the_writer_stops(
    store: UploadStore,
) -> None:
    made = store.create_upload(new())
    writer = store.write(made.id, 0)
    writer.append(DATA[:10])
    store.delete_upload(made.id)
    with pytest.raises(UploadBusy):
        writer.append(DATA[10:20])
    assert store.list_uploads() == ()


# -- room


def test_create_when_it_is_over_the_limit_then_it_is_refused_with_what_is_left(
    tmp_path: Path,
) -> None:
    store = store_at(tmp_path, limit_bytes=1000)
    first = store.create_upload(new(600))
    with pytest.raises(UploadTooLarge, match="400"):
        store.create_upload(new(401))
    store_at(tmp_path, "tom", limit_bytes=1000).create_upload(new(1000))
    store.create_upload(new(400))
    store.delete_upload(first.id)
    store.create_upload(new(600))


def test_create_when_the_disk_is_too_small_then_it_is_refused_before_a_byte_is_sent(
    small_disk: Path,
) -> None:
    store = store_at(small_disk)
    with pytest.raises(StorageFull, match="free"):
        store.create_upload(new(1_000_000))


def test_write_when_the_disk_is_full_then_what_fitted_stays_and_it_goes_on_later(
    small_disk: Path,
) -> None:
    store = store_at(small_disk)
    made = store.create_upload(new(150_000))
    send(store, made.id, DATA[:8192])
    filler = fill(small_disk)
    os.truncate(filler, filler.stat().st_size - 20_000)
    writer = store.write(made.id, 8192)
    with pytest.raises(StorageFull):
        for first in range(8192, 150_000, 10_000):
            writer.append(DATA[first : first + 10_000])
    writer.keep()
    kept = store.get_upload(made.id).offset_bytes
    assert 8192 < kept < 150_000
    filler.unlink()
    send(store, made.id, DATA[kept:150_000], kept)
    assert store.get_upload(made.id).sha256 == sha256(DATA[:150_000]).hexdigest


@pytest.mark.parametrize("is_checked", [True, False])
def test_write_when_the_disk_is_full_at_the_first_byte_then_nothing_is_left_behind(
    small_disk: Path, is_checked: bool
) -> None:
    store = store_at(small_disk)
    made = store.create_upload(new(100_000))
    filler = fill(small_disk)
    checksum = sha256(DATA[:100_000]) if is_checked else None
    for _ in range(2):
        with pytest.raises(StorageFull):
            store.write(made.id, 0, checksum).append(DATA[:100_000])
    filler.unlink()
    writer = store.write(made.id, 0, checksum)
    writer.append(DATA[:100_000])
    assert writer.finish() == 100_000


# -- time


def test_purge_when_nobody_went_on_for_long_then_the_upload_is_deleted(store: UploadStore) -> None:
    old, young = store.create_upload(new()), store.create_upload(new())
    send(store, old.id, DATA)
    send(store, young.id, DATA[:10])
    day_s = 86_400
    past_s = time.time() - 8 * day_s
    os.utime(store.get_files(old.id).data, (past_s, past_s))
    assert store.purge_expired() == len(DATA)
    assert [upload.id for upload in store.list_uploads()] == [young.id]
    expires_s = store.get_expiry(young.id).timestamp()
    assert 6.9 * day_s < expires_s - time.time() < 7.1 * day_s
    assert store.purge_expired(time.time() + 8 * day_s) == 10


def test_purge_when_a_server_died_while_it_began_an_upload_then_that_is_swept_away(
    store: UploadStore, tmp_path: Path
) -> None:
    unborn = tmp_path / "uploads" / ("a" * 32)
    unborn.mkdir(parents=True)
    store.purge_expired()
    assert unborn.exists()
    store.purge_expired(time.time() + 7200)
    assert not unborn.exists()


def test_list_when_there_are_batches_then_they_can_be_told_apart(store: UploadStore) -> None:
    first = store.create_upload(new(batch="one"))
    second = store.create_upload(new(batch="two"))
    assert [upload.id for upload in store.list_uploads()] == [second.id, first.id]
    assert [upload.id for upload in store.list_uploads("one")] == [first.id]


def test_news_when_a_batch_has_many_files_then_only_the_first_is_news(store: UploadStore) -> None:
    first, second = (store.create_upload(new(batch="one")) for _ in range(2))
    alone = store.create_upload(new())
    assert [store.is_news(upload, "begun") for upload in (first, second)] == [True, False]
    assert [store.is_news(upload, "begun") for upload in (alone, alone)] == [True, True]
    assert store.is_news(second, "deleted")


def test_files_when_made_then_strangers_cannot_read_them(store: UploadStore) -> None:
    made = store.create_upload(new())
    send(store, made.id, DATA)
    folder = store.get_files(made.id).folder
    assert not folder.stat().st_mode & 0o007
    assert all(not path.stat().st_mode & 0o007 or path.name != "data" for path in folder.iterdir())
