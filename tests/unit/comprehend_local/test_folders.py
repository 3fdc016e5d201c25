import io
import os
from pathlib import Path

import pytest

from comprehend_local import DirectoryObjects
from comprehend_local.service.folders import PARTIAL
from comprehend_local.service.storage import StorageFailed


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "buckets" / "lake"
    folder.mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"secret")
    return folder


@pytest.fixture
def objects(lake: Path) -> DirectoryObjects:
    return DirectoryObjects(lake.parent)


def keys(objects: DirectoryObjects, prefix: str, most: int | None = None) -> list[str]:
    return [item.key for item in objects.list("lake", prefix, most)]


def test_what_was_written_is_listed_and_read(objects: DirectoryObjects) -> None:
    objects.write("lake", "a/b/c.csv", b"one")
    objects.write("lake", "a/b2.csv", io.BytesIO(b"two!"))
    objects.write("lake", "z", b"")
    objects.write("lake", "a/b/c.csv", b"three")

    assert keys(objects, "") == ["a/b/c.csv", "a/b2.csv", "z"]
    assert keys(objects, "a/b") == ["a/b/c.csv", "a/b2.csv"], "a prefix is no folder"
    assert keys(objects, "a/b/") == ["a/b/c.csv"]
    assert keys(objects, "a/b/c.csv") == ["a/b/c.csv"]
    assert keys(objects, "a/x/") == []
    assert keys(objects, "z/") == []
    assert [item.size for item in objects.list("lake", "a/")] == [5, 4]
    assert objects.read("lake", "a/b/c.csv", 5) == b"three"
    assert b"".join(objects.stream("lake", "a/b2.csv")) == b"two!"


def test_no_more_than_asked_for_is_listed(objects: DirectoryObjects) -> None:
    for number in range(5):
        objects.write("lake", f"many/{number}", b"x")

    assert len(keys(objects, "many/", 3)) == 3
    assert len(keys(objects, "many/", 9)) == 5


def test_only_the_folders_that_the_prefix_names_are_entered(
    objects: DirectoryObjects, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("in/a.csv", "in/b.csv", "lakes/x/y.csv", "inside/c.csv"):
        objects.write("lake", key, b"x")
    entered: list[str] = []
    scandir = os.scandir

    def look(folder: str) -> object:
        entered.append(os.path.relpath(folder, lake))
        return scandir(folder)

    monkeypatch.setattr("comprehend_local.service.folders.os.scandir", look)

    assert keys(objects, "in/a") == ["in/a.csv"]
    assert entered == ["in"]
    entered.clear()
    assert keys(objects, "in") == ["in/a.csv", "in/b.csv", "inside/c.csv"]
    assert sorted(entered) == [".", "in", "inside"]


def test_a_file_that_is_larger_than_the_list_said_is_not_read(objects: DirectoryObjects) -> None:
    objects.write("lake", "k", b"12345")

    with pytest.raises(StorageFailed, match="EntityTooLarge"):
        objects.read("lake", "k", 4)


@pytest.mark.parametrize("key", ["../../secret/key", "a/../../../secret/key", "link/key", "link_to_file", "inner/up"])
def test_nothing_outside_of_the_bucket_is_read_or_written(objects: DirectoryObjects, lake: Path, key: str) -> None:
    secret = lake.parent.parent / "secret"
    (lake / "inner").mkdir()
    (lake / "link").symlink_to(secret)
    (lake / "link_to_file").symlink_to(secret / "key")
    (lake / "inner" / "up").symlink_to("../../../secret/key")

    for attempt in (
        lambda: objects.read("lake", key, 100),
        lambda: list(objects.stream("lake", key)),
        lambda: objects.write("lake", key, b"mine"),
    ):
        with pytest.raises(StorageFailed, match="AccessDenied"):
            attempt()

    assert (secret / "key").read_bytes() == b"secret"
    assert "link/key" not in keys(objects, ""), "folders behind links are not entered"


def test_prefixes_do_not_leave_the_bucket_either(objects: DirectoryObjects, lake: Path) -> None:
    (lake / "link").symlink_to(lake.parent.parent / "secret")

    for prefix in ("../", "link/", "link/k", "a/../../"):
        with pytest.raises(StorageFailed, match="AccessDenied"):
            objects.list("lake", prefix)


@pytest.mark.parametrize("key", ["a//b", "/a", "a/", "./a", "a\0b", "", "\ud800", "x" * 300, "file/below"])
def test_keys_that_no_file_can_have_are_refused(objects: DirectoryObjects, key: str) -> None:
    objects.write("lake", "file", b"x")

    with pytest.raises(StorageFailed):
        objects.write("lake", key, b"x")
    with pytest.raises(StorageFailed):
        objects.read("lake", key, 10)
    assert keys(objects, "") == ["file"]


@pytest.mark.parametrize("bucket", ["..", ".", "", "lake/..", "../buckets/lake", "LAKE", "no-such-bucket", "/etc"])
def test_only_folders_with_the_name_of_a_bucket_are_buckets(objects: DirectoryObjects, bucket: str) -> None:
    with pytest.raises(StorageFailed, match="NoSuchBucket"):
        objects.list(bucket, "")
    with pytest.raises(StorageFailed, match="NoSuchBucket"):
        objects.write(bucket, "k", b"x")


def test_what_is_no_file_is_not_there(objects: DirectoryObjects, lake: Path) -> None:
    os.mkfifo(lake / "pipe")
    (lake / "folder").mkdir()

    assert keys(objects, "") == []
    for key in ("pipe", "folder", "none"):
        with pytest.raises(StorageFailed, match="NoSuchKey"):
            objects.read("lake", key, 10)


class Breaking(io.BytesIO):
    """Ends with an error after its first block."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(28, "No space left on device")


def test_a_file_appears_as_a_whole_or_not_at_all(objects: DirectoryObjects, lake: Path) -> None:
    objects.write("lake", "k", b"before")

    with pytest.raises(StorageFailed, match="InternalError"):
        objects.write("lake", "k", Breaking())

    assert objects.read("lake", "k", 10) == b"before"
    assert [path.name.endswith(PARTIAL) for path in sorted(lake.iterdir())] == [True, False]
    assert keys(objects, "") == ["k"], "what was begun is not listed"
    objects.write("lake", "k", b"after")
    assert [path.name for path in lake.iterdir()] == ["k"]


def test_a_bucket_may_itself_be_a_link(objects: DirectoryObjects, lake: Path, tmp_path: Path) -> None:
    (lake.parent / "elsewhere").symlink_to(tmp_path / "secret")

    assert objects.read("elsewhere", "key", 10) == b"secret"
