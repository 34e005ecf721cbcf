"""A finished run stays as it is whatever a notebook does; what was changed by hand becomes a run of its own."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from cxlib.errors import ParamsError
from cxlib.runs import manifest as records
from cxlib.runs import places
from cxlib.runs.adopt import adopt_scratch, find_scratch
from cxlib.runs.by_hand import scratch_of
from cxlib.runs.execute import execute
from cxlib.runs.folder import open_run
from cxlib.runs.latest import latest_run
from cxlib.runs.listing import list_runs

pytestmark = pytest.mark.kernel


class Table:
    """A result that writes one file."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def save(self, folder: Path) -> None:
        (folder / self.name).write_text(self.text, encoding="utf-8")


LEDGER = "what,source,wave,field,rule,count\nrows,survey.csv,NA,,read,10\nrows,survey.csv,NA,,kept,{}\n"


def everything(folder: Path) -> dict[str, str]:
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return {name: records.file_digest(folder / name) for name in names}


def adopted(mini, client, outputs, **more):
    return adopt_scratch(
        client, outputs=outputs, stages=mini.STAGES, views=mini.VIEWS, notebooks=mini.NOTEBOOKS, **more
    )


def test_another_result_goes_into_a_scratch_copy_and_the_run_stays(second, capsys):
    _, outputs, first = second
    before = everything(first)
    open_run(first).keep(Table("ledger.csv", LEDGER.format(3)))
    assert everything(first) == before
    told = capsys.readouterr().out
    assert "left as it was: ledger.csv" in told
    assert f'run_dir = "outputs/mini/scratch/{first.name}"' in told
    assert "cx adopt mini" in told
    scratch = open_run(outputs / "mini" / "scratch" / first.name)
    assert scratch.scratch
    assert scratch.ledger()["count"].tolist() == [10, 3]
    assert scratch.client_folder == open_run(first).client_folder
    assert [line.run for line in list_runs(outputs)] == [first.name]
    assert latest_run(outputs / "mini") == first


def test_the_same_result_makes_no_scratch_copy(second, capsys):
    _, outputs, first = second
    open_run(first).keep(Table("ledger.csv", (first / "ledger.csv").read_text(encoding="utf-8")))
    assert "The same as this run has kept: ledger.csv" in capsys.readouterr().out
    assert not (outputs / "mini" / "scratch").exists()


def test_work_in_the_scratch_copy_touches_no_file_that_it_shares(second):
    _, _, first = second
    before = everything(first)
    scratch = open_run(scratch_of(first))
    scratch.keep(Table("ledger.csv", LEDGER.format(4)))
    scratch.keep(Table("drivers.csv", "factor,outcome,n,q\nwait,referral,4,0.05\n"))
    assert everything(first) == before
    assert scratch.ledger()["count"].tolist() == [10, 4]


def test_adopting_runs_what_hangs_on_it_and_switches_latest(second, mini):
    client, outputs, first = second
    scratch_of(first)
    execute(  # a researcher edits the notebook's cell and runs it on the scratch copy
        mini.NOTEBOOKS / "1_count.ipynb",
        outputs.parent / "seen.ipynb",
        {"run_dir": f"outputs/mini/scratch/{first.name}", "min_answered": 0.5},
        stage="count",
        home=outputs.parent,
    )
    open_run(scratch_of(first)).keep(Table("ledger.csv", LEDGER.format(3)))
    run = adopted(mini, client, outputs)
    assert latest_run(outputs / "mini") == run.folder
    record = json.loads((run.folder / places.MANIFEST).read_text(encoding="utf-8"))
    assert [(line["name"], line["status"]) for line in record["stages"]] == [("count", "adopted"), ("tell", "done")]
    assert record["stages"][0]["adopted_from"] == first.name
    assert run.drivers()["n"].item() == 3
    assert run.fingerprint != open_run(first).fingerprint
    assert not (outputs / "mini" / "scratch" / first.name).exists()
    again = mini.run_mini(client, outputs)  # what was made by hand is never taken over without being asked for
    assert again.drivers()["n"].item() == 5
    assert "adopted" not in (again.folder / places.MANIFEST).read_text(encoding="utf-8")


def test_a_later_stage_made_by_hand_is_taken_as_it_is(second, mini):
    client, outputs, first = second
    scratch = open_run(scratch_of(first))
    scratch.keep(Table("ledger.csv", LEDGER.format(3)))
    scratch.keep(Table("drivers.csv", "factor,outcome,n,q\nhelp,referral,3,0.05\n"))
    assert adopted(mini, client, outputs).drivers()["factor"].item() == "help"


def test_what_cannot_be_adopted_is_said(second, mini):
    client, outputs, first = second
    with pytest.raises(ParamsError, match="There is no scratch copy"):
        adopted(mini, client, outputs)
    scratch = open_run(scratch_of(first))
    with pytest.raises(ParamsError, match="Nothing in the scratch copy differs"):
        adopted(mini, client, outputs)
    with pytest.raises(ParamsError, match="There is no scratch copy 'other'"):
        adopted(mini, client, outputs, scratch="other")
    scratch.keep(Table("drivers.csv", "factor,outcome,n,q\nhelp,referral,3,0.05\n"))
    scratch.keep(Table("ledger.csv", LEDGER.format(3)))
    with pytest.raises(ParamsError, match="'tell' was run by hand before 'count'"):
        adopted(mini, client, outputs)
    scratch.keep(Table("drivers.csv", "factor,outcome,n,q\nhelp,referral,3,0.05\n"))
    (client / "survey.csv").write_text("r,w,h\n1,1,1\n", encoding="utf-8")
    with pytest.raises(ParamsError, match="there changed: survey"):
        adopted(mini, client, outputs)
    assert len(list_runs(outputs)) == 1


def test_findings_made_by_hand_name_the_run_that_they_become(second, mini, tmp_path):
    _, outputs, first = second
    stage = dataclasses.replace(mini.STAGES[1], leaves=("findings.json",), names_run=True)
    open_run(first).keep(Table("findings.json", '{\n "made_on": "",\n "run": "that of the first"\n}\n'))
    scratch = find_scratch(outputs / "mini", stages=(stage,))
    scratch.adopt(stage, tmp_path, "its own")
    assert (tmp_path / "findings.json").read_text(encoding="utf-8") == '{\n "made_on": "",\n "run": "its own"\n}\n'
    assert "that of the first" in (scratch.folder / "findings.json").read_text(encoding="utf-8")


def test_a_scratch_copy_that_was_adopted_while_one_waited_makes_no_run(second, mini):
    client, outputs, first = second
    open_run(first).keep(Table("ledger.csv", LEDGER.format(3)))
    found = find_scratch(outputs / "mini", stages=mini.STAGES)
    found.forget()
    with pytest.raises(ParamsError, match="scratch copy is gone"):
        mini.run_mini(client, outputs, adopt=found)
    assert [line.run for line in list_runs(outputs)] == [first.name]


def test_two_notebooks_that_make_the_scratch_copy_at_once_share_it(second, monkeypatch):
    _, _, first = second
    real, made = Path.rename, []

    def sooner(self, target):
        if not made:
            made.append(shutil.copytree(self, target))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", sooner)
    assert [scratch_of(first)] == made
    assert [folder.name for folder in made[0].parent.iterdir()] == [first.name]
