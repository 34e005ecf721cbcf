"""Clients and runs on a real ftp server, which workers of other folders share and which ends idle connections."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from shops import cx, write_shop

from cxlib.batch.batch import lines_of, run_batch
from cxlib.batch.record import BatchRecord
from cxlib.batch.stores import Store

pytestmark = pytest.mark.kernel

SERVER = """
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

class Handler(FTPHandler):
    authorizer = DummyAuthorizer()
    timeout = 2  # seconds; a stage of a run takes longer

Handler.authorizer.add_anonymous(sys.argv[1], perm="elradfmwMT")
server = FTPServer(("127.0.0.1", 0), Handler)
print(server.address[1], flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A folder and the address under which it is served."""
    pytest.importorskip("pyftpdlib", reason="pyftpdlib is not installed")
    folder = tmp_path_factory.mktemp("ftp")
    command = [sys.executable, "-W", "ignore", "-c", SERVER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield folder, f"ftp://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def test_clients_are_read_and_runs_written_there(served, cluster, runners):
    folder, address = served
    for name in ("one", "two"):
        runners.add_client(folder / "params", name)
    sources = [f"{address}/params/{name}" for name in ("one", "two")]
    first = BatchRecord.begin("batch", f"{address}/runs", lines_of(sources, {}))
    run_batch(first, scheduler=cluster.address, runner=runners.run_mini)
    assert [(line.state, line.problems) for line in first.lines] == [("done", []), ("done", [])]
    store = Store(f"{address}/runs")
    for line in first.lines:
        assert store.latest_run(line.client) == line.run
        assert (folder / "runs" / line.client / line.run / "manifest.json").is_file()

    (folder / "params" / "two" / "survey.csv").write_text("r,w,h\n1,2,3\n4,4,4\n", encoding="utf-8")
    again = BatchRecord.read(f"{address}/runs", first.batch)
    run_batch(again, scheduler=cluster.address, runner=runners.run_mini)
    assert [(line.client, line.taken_up) for line in again.lines] == [("one", True), ("two", False)]
    assert store.latest_run("two") == again.lines[1].run != first.lines[1].run


def test_the_real_stages_from_the_command_line(served, cluster, tmp_path):
    folder, address = served
    write_shop(folder / "clients", "shop")
    words = ("batch", f"{address}/clients/shop", "--outputs", f"{address}/outputs", "--scheduler", cluster.address)
    told = cx(tmp_path, *words, "--json")
    assert told.returncode == 0, told.stderr
    (line,) = json.loads(told.stdout)["lines"]
    run = folder / "outputs" / "shop" / line["run"]
    assert (folder / "outputs" / "shop" / "latest").read_text(encoding="utf-8").strip() == run.name
    assert json.loads((run / "findings.json").read_text(encoding="utf-8"))["client"] == "shop"
    chain = folder / "clients" / "shop" / "actions.csv.history.jsonl"  # the log is sealed where it lies
    assert len(chain.read_text(encoding="utf-8").splitlines()) > 0
    assert not [path for path in (folder / "outputs").rglob(".*") if path.is_file()]  # nothing half-written is left
    assert not any(tmp_path.iterdir())
