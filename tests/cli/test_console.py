"""How a command ends when something is wrong, also when the workbench itself is at fault."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cxlib.batch.record import BatchRecord, Line
from cxlib.cli.batch import _table
from cxlib.cli.commands import _how_to_see
from cxlib.cli.console import FAULT, INTERRUPTED, StageLines, Told, answering
from cxlib.errors import DataError, ParamsError, SeveralErrors
from cxlib.runs.clients import find_client
from cxlib.runs.lab import lab_command
from cxlib.runs.record import Progress


def end(error: BaseException, tmp_path, as_json=False) -> int:
    with pytest.raises(Told) as caught, answering("run", as_json=as_json, outputs=tmp_path):
        raise error
    return caught.value.code


def test_a_fault_is_told_in_two_lines_and_its_trace_is_kept(tmp_path, capsys):
    try:
        float("0912 345 678")
    except ValueError as cause:
        fault = RuntimeError("while reading 0912 345 678")
        fault.__cause__ = cause
    assert end(fault, tmp_path) == FAULT
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert "no mistake of yours" in told.err
    (log,) = (tmp_path / "faults").iterdir()
    assert str(log) in told.err
    text = log.read_text(encoding="utf-8")
    assert "test_console.py" in text
    assert "RuntimeError" in text
    assert "ValueError" in text
    assert "while reading" not in text  # a message can quote an answer
    assert told.out == ""


def test_a_fault_with_nowhere_to_write(tmp_path, capsys):
    (tmp_path / "outputs").write_text("in the way", encoding="utf-8")
    with pytest.raises(Told), answering("run", as_json=True, outputs=tmp_path / "outputs"):
        raise RuntimeError
    told = capsys.readouterr()
    assert json.loads(told.out)["exit_code"] == FAULT
    assert "cannot be written" in told.err


def test_exit_codes_are_those_of_the_error(tmp_path, capsys):
    assert end(ParamsError("a"), tmp_path) == 2
    assert end(SeveralErrors([DataError("a"), ParamsError("b")]), tmp_path) == 3
    assert end(KeyboardInterrupt(), tmp_path) == INTERRUPTED
    capsys.readouterr()


def test_json_of_an_answer(tmp_path, capsys):
    with answering("runs", as_json=True, outputs=tmp_path) as answer:
        answer.fields = {"runs": []}
        answer.lines = ["not shown"]
    assert json.loads(capsys.readouterr().out) == {"ok": True, "command": "runs", "runs": []}


def test_a_line_a_stage_with_its_seconds(capsys):
    lines = StageLines()
    lines(Progress("waiting"))
    for state in ("started", "done"):
        lines(Progress(state, "clean", 1, 4, 3.21))
    lines(Progress("reused", "drivers", 2, 4, 0.1, run="20250101T000000Z-aaaaaaaa"))
    lines(Progress("failed", "change", 3, 4, 1))
    told = capsys.readouterr()
    assert told.out == ""
    waiting, *stages = [line.split() for line in told.err.splitlines()]
    assert "waiting" in waiting
    assert stages == [
        ["1/4", "clean", "done", "3.2", "s"],
        ["2/4", "drivers", "taken", "over", "from", "20250101T000000Z-aaaaaaaa", "0.1", "s"],
        ["3/4", "change", "failed", "1.0", "s"],
    ]


def test_a_client_is_a_name_or_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("params/shop", "elsewhere/airport", "params/empty"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("params/shop", "elsewhere/airport"):
        (tmp_path / name / "params.yaml").touch()
    assert find_client("shop").name == "shop"
    assert find_client("elsewhere/airport").name == "airport"
    assert find_client(str(tmp_path / "elsewhere" / "airport")).name == "airport"
    for wrong in ("", ".", "..", "../shop", "empty", "airport"):
        with pytest.raises(ParamsError):
            find_client(wrong)
    with pytest.raises(ParamsError, match=r"holds no params\.yaml"):
        find_client("params/empty")


def test_how_to_see_the_pages(tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    assert _how_to_see("demo", "demo", Path("outputs")) == "See the pages: cx view demo"
    (tmp_path / "Makefile").touch()
    assert _how_to_see("demo", "demo", Path("outputs")) == "See the pages: make view   (or: cx view demo)"
    assert "make view CLIENT=shop" in _how_to_see("shop", "shop", Path("outputs"))
    assert _how_to_see("shop", "x/shop", Path("away")) == "See the pages: cx view shop --outputs away"


def test_the_lab_serves_no_file_without_its_token(tmp_path):
    from jupyterlab.labapp import LabApp
    from voila.configuration import VoilaConfiguration

    words = lab_command(tmp_path)[3:]
    app = LabApp()
    app.parse_command_line(words)
    assert VoilaConfiguration(config=app.config).file_allowlist == []
    assert LabApp(config=app.config).news_url is None  # nobody outside is asked
    assert str(app.config.ServerApp.ip) == "127.0.0.1"
    assert str(app.config.ServerApp.root_dir) == str(tmp_path)


def test_ctrl_c_while_the_command_is_still_being_loaded_is_no_traceback():
    hurried = """
import sys

class Pressed:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Pressed())
from cxlib.cli import main
main()
"""
    told = subprocess.run([sys.executable, "-c", hurried, "runs"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (INTERRUPTED, "", "Interrupted.\n")


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (0, "Findings can be compared once two runs are done."),
        (1, "Findings can be compared once two runs are done."),
        (2, "No run has a finding."),
    ],
)
def test_findings_of_a_grid_are_compared_where_there_are_two(done, said):
    states = ["done"] * done + ["failed"] * (2 - done)
    lines = [Line(f"shop#{place}", "shop", "", state=state, run="r") for place, state in enumerate(states)]
    _, told = _table(BatchRecord.begin("grid", "outputs", lines))
    assert told[-1] == said
