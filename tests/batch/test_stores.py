"""Stores as servers of files are: real folders, one connection that ends, and a note of who has read what."""

from __future__ import annotations

import time

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from cxlib.batch import packing
from cxlib.batch.batch import lines_of
from cxlib.batch.record import BatchRecord
from cxlib.batch.stores import Store
from cxlib.cli.batch import _write_page
from cxlib.errors import DataError, ParamsError

pytestmark = pytest.mark.kernel


class Server(LocalFileSystem):
    """A folder of this machine behind a connection, as sftp and ftp have one: it makes no folder by itself."""

    protocol = "served"
    there, overwrites, made = True, True, 0

    def __init__(self, **more):
        if not Server.there:
            raise ConnectionRefusedError(111, "Connection refused by the server of me:secret")
        super().__init__(auto_mkdir=False, **more)
        Server.made += 1

    def info(self, path, **more):
        return super().info(path, **more) | {"time": time.monotonic_ns()}  # when it was last read

    def mv(self, path1, path2, **more):
        if self.exists(path2) and not Server.overwrites:
            raise OSError("file exists")
        super().mv(path1, path2, **more)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """The address of an empty folder on such a server."""
    fsspec.register_implementation("served", Server, clobber=True)
    for name in ("there", "overwrites", "made"):
        monkeypatch.setattr(Server, name, getattr(Server, name))
    (tmp_path / "served").mkdir()
    return f"served://{tmp_path}/served"


@pytest.mark.parametrize("overwrites", [True, False])
def test_folders_are_made_and_nothing_half_written_is_seen(server, finished, monkeypatch, tmp_path, overwrites):
    monkeypatch.setattr(Server, "overwrites", overwrites)
    store, run = Store(f"{server}/all/outputs"), finished[2].folder
    assert store.latest_run("mini") == ""
    digests = packing.folder_digests(run)
    store.send_run(run, "mini", digests)
    assert packing.folder_digests(tmp_path / "served" / "all" / "outputs" / "mini" / run.name) == digests
    for name in ("another", run.name):
        store.switch_latest("mini", name)
    assert store.latest_run("mini") == run.name


def test_a_file_that_was_read_is_not_changed(server, tmp_path):
    survey = tmp_path / "served" / "survey.csv"
    survey.write_text("r,w,h\n1,2,3\n", encoding="utf-8")
    before = Store(server).files()
    assert before == Store(server).files()
    survey.write_text("r,w,h\n1,2,3\n4,4,4\n", encoding="utf-8")
    assert before != Store(server).files()


def test_a_connection_is_not_kept_over_a_run(server):
    Store(server), Store(server)
    assert Server.made == 2


def test_a_server_that_is_not_there_is_told(server, monkeypatch):
    record = BatchRecord("20260101T000000Z-abc", "batch", server, [])
    record.write()
    assert BatchRecord.read(server, record.batch).batch == record.batch
    with pytest.raises(ParamsError, match="There is no record of a batch"):
        BatchRecord.read(server, "other")
    monkeypatch.setattr(Server, "there", False)
    for ask in (lambda: Store(server), record.write, lambda: BatchRecord.read(server, record.batch)):
        with pytest.raises(DataError, match=r"could not be reached \(ConnectionRefusedError\)") as caught:
            ask()
        assert "secret" not in str(caught.value)
    assert _write_page(record, {}, "vi", None).startswith("no page: ")  # what ended the batch is told, not this


def test_an_address_with_a_password_is_refused():
    for ask in (lambda: Store("sftp://me:secret@host/runs"), lambda: lines_of(["sftp://me:secret@host/shop"], {})):
        with pytest.raises(ParamsError, match="An address holds no password") as caught:
            ask()
        assert "secret" not in str(caught.value)
    (line,) = lines_of(["sftp://me@host/shop"], {})
    assert line.client == "shop"
