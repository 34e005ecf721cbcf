"""`cx action` and `cx draw` as a user types them: what is demanded, what is refused, what is told."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxlib.actions.chain import seal_log
from cxlib.cli import main
from cxlib.params import load_params

QUESTION = {"scale": [1, 5], "label": {"vi": "câu hỏi", "en": "question"}}
PARAMS = {
    "client": "shop",
    "title": {"vi": "Cửa hàng", "en": "Shop"},
    "data": {"responses": "survey.csv"},
    "outcomes": {"referral": {"column": "r", **QUESTION}},
    "factors": {"wait": {"column": "w", **QUESTION}, "help": {"column": "h", **QUESTION}},
    "unit": "store",
    "segments": ["region"],
    "actions": "actions.csv",
}
NOW = datetime.now(UTC)
HOURS = 12 - NOW.hour  # here it is about noon, whatever the clock says: no midnight comes between two commands
TODAY = (NOW + timedelta(hours=HOURS)).date()
SOON, THEN, LATER = (str(TODAY + timedelta(days=days)) for days in (30, 40, 200))
ACTION = {
    "factors": ["wait"],
    "what": {"vi": "Báo trước thời gian chờ", "en": "Tell how long it takes"},
    "owner_role": "Trưởng phòng bán lẻ",
    "scope": "all",
    "scope_chosen_by": "everyone",
    "start": SOON,
    "full_effect": THEN,
    "direction": "up",
    "smallest_worthwhile": 0.2,
    "look_on": [LATER],
    "document": "bien-ban.pdf",
    "decided_by": "Ban giám đốc",
}
HEAVY = ("pandas", "numpy", "pingouin", "papermill", "statsmodels", "openpyxl", "matplotlib", "rich.progress")


@pytest.fixture(autouse=True)
def _noon():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", f"NOON{-HOURS:+d}")
        time.tzset()
        yield
    time.tzset()


@dataclass(frozen=True)
class Told:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def cx(folder: Path, *words: str, stdin: str = "") -> Told:
    """A command in this very process, which saves the start of another one."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "argv", ["cx", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            main()
    told = Told(ended.value.code or 0, out.getvalue(), err.getvalue())
    assert "Traceback" not in told.stderr + told.stdout
    return told


def process(folder: Path, *words: str, stdin: str = "") -> Told:
    """A command as a user types it."""
    command = [sys.executable, "-m", "cxlib.cli", *words]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, input=stdin, check=False)
    return Told(told.returncode, told.stdout, told.stderr)


def asked(told: Told) -> dict:
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.fixture
def project(tmp_path) -> Path:
    client = tmp_path / "params" / "shop"
    client.mkdir(parents=True)
    (client / "params.yaml").write_text(json.dumps(PARAMS), encoding="utf-8")
    rows = [f"{n % 5 + 1},{n % 4 + 1},{n % 3 + 1},S{n % 8:02d},{'North' if n % 8 < 4 else 'South'}" for n in range(160)]
    (client / "survey.csv").write_text("r,w,h,store,region\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def begun(project) -> Path:
    told = asked(cx(project, "action", "add", "shop", "--from-json", "-", "--json", stdin=json.dumps(ACTION)))
    assert (told["action"], told["status"], told["recorded_on"]) == ("A1", "planned", str(TODAY))
    return project


def test_an_action_is_added_updated_stopped_and_listed(begun):
    told = asked(cx(begun, "action", "update", "shop", "A1", "--status", "doing", "--also", "Tết", "--json"))
    assert told["unsaid"] == ["expected"]
    assert cx(begun, "action", "stop", "shop", "A1", "--because-en", "Too few people").returncode == 0
    words = cx(begun, "action", "list", "shop").stdout
    assert "A1     stopped" in words
    assert "Tell how long it takes" in words
    assert words.count(str(TODAY)) == 3
    assert "not said: expected" in words
    [action] = asked(cx(begun, "action", "list", "shop", "A1", "--json"))["actions"]
    assert action["status"] == "stopped"
    assert [step["status"] for step in action["history"]] == ["planned", "doing", "stopped"]
    assert action["history"][1]["changed"] == {"status": "doing", "also": "Tết"}


def test_the_same_with_options_and_what_is_missing_is_said_at_once(project):
    told = cx(project, "action", "add", "shop", "--what", "Báo trước", "--scope", "store=S01", "--json")
    assert told.returncode == 2
    missing = {problem["where"] for problem in json.loads(told.stdout)["problems"]}
    assert missing == {
        "--factors", "--owner-role", "--comparison-because", "--scope-chosen-by", "--start", "--full-effect",
        "--direction", "--smallest-worthwhile", "--look-on", "--document", "--decided-by",
    }  # fmt: skip
    words = [
        "--factors", "wait;help", "--what", "Báo trước", "--owner-role", "Head of stores", "--scope", "region=North",
        "--comparison-because", "Ngân sách", "--scope-chosen-by", "other", "--start", SOON, "--full-effect", THEN,
        "--direction", "up", "--smallest-worthwhile", "0.3", "--look-on", f"{THEN};{LATER}", "--document", "x.pdf",
        "--decided-by", "Management board", "--id", "MOC-1",
    ]  # fmt: skip
    told = cx(project, "action", "add", "shop", *words)
    assert told.returncode == 0, told.stderr
    assert "MOC-1 is in the log, planned." in told.stdout
    assert cx(project, "check", "shop").returncode == 0
    again = cx(project, "action", "add", "shop", *words)
    assert again.returncode == 2
    assert "--id" in again.stderr


def test_a_decision_not_to_act_needs_less(project):
    words = ["--status", "none", "--factors", "help", "--what", "Chưa làm gì", "--owner-role", "Head of stores"]
    told = cx(project, "action", "add", "shop", *words, "--json")
    missing = {problem["where"] for problem in json.loads(told.stdout)["problems"]}
    assert missing == {"--due", "--document", "--decided-by", "--stopped-because"}
    words += ["--due", LATER, "--document", "x", "--decided-by", "Board", "--stopped-because", "Budget in May"]
    assert cx(project, "action", "add", "shop", *words).returncode == 0


@pytest.mark.parametrize(
    ("words", "where", "said"),
    [
        (["--owner-role", "Nguyễn Văn An"], "--owner-role", "person's name"),
        (["--decided-by-en", "Ms Parker"], "--decided-by-en", "person's name"),
        (["--also", "an@example.com"], "--also", "e-mail"),
        (["--factors", "wiat"], "--factors", "did you mean 'wait'"),
        (["--start", "31/12/2026"], "--start", "no day"),
        (["--status", "dong"], "--status", "did you mean"),
        (["--comparison", "colour=red"], "--comparison", "neither the unit nor a segment"),
    ],
)
def test_a_wrong_field_is_named_by_its_option(begun, words, where, said):
    before = (begun / "params" / "shop" / "actions.csv").read_bytes()
    told = cx(begun, "action", "update", "shop", "A1", *words)
    assert told.returncode == 2
    assert said in told.stderr
    assert f"where: {where}\n" in told.stderr
    assert (begun / "params" / "shop" / "actions.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["action", "update", "shop", "A7", "--status", "done"], "There is no action 'A7'"),
        (["action", "update", "shop", "A1"], "would change"),
        (["action", "stop", "shop", "A1"], "--because"),
        (["action", "list", "shop", "A7"], "There is no action 'A7'"),
        (["action", "list", "shop", "--language", "fr"], "no language 'fr'"),
        (["action", "list", "shpo"], "did you mean shop?"),
        (["action", "add", "shop", "--from-json", "gone.json"], "cannot be read"),
        (["draw", "shop", "A1", "--starts", "soon"], "'soon' is no day"),
        (["draw", "shop", "A1", "--eligible", "North"], "is no COLUMN=VALUE"),
        (["draw", "shop", "A7"], "There is no action 'A7'"),
    ],
)
def test_mistakes_are_exit_2(begun, words, said):
    told = cx(begun, *words)
    assert told.returncode == 2
    assert said in told.stderr


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '"x"', "[" * 100_000, '{"what": {"a": 1}}', '{"recorded_on": "2020-01-01"}']
)
def test_hostile_json_is_exit_2(project, text):
    told = cx(project, "action", "add", "shop", "--from-json", "-", stdin=text)
    assert told.returncode == 2
    assert not (project / "params" / "shop" / "actions.csv").exists()


def test_a_client_without_a_log_hears_how_to_begin_one(project):
    path = project / "params" / "shop" / "params.yaml"
    path.write_text(json.dumps({key: value for key, value in PARAMS.items() if key != "actions"}), "utf-8")
    told = cx(project, "action", "list", "shop")
    assert told.returncode == 2
    assert "actions: actions.csv" in told.stderr


def test_a_log_that_is_not_there_yet_is_empty(project):
    told = cx(project, "action", "list", "shop")
    assert told.returncode == 0
    assert "No action in the log yet" in told.stdout
    assert asked(cx(project, "action", "list", "shop", "--json"))["actions"] == []


def test_places_are_drawn_without_a_score_and_once(begun):
    told = asked(cx(begun, "draw", "shop", "A1", "--seed", "42", "--json"))
    assert (len(told["units"]), told["seed"], told["status"]) == (4, 42, "planned")
    assert told["eligible"] == [f"S{number:02d}" for number in range(8)]
    again = cx(begun, "draw", "shop", "A1")
    assert again.returncode == 5
    assert "drawn already" in again.stderr
    words = cx(begun, "draw", "shop", "A1", "--eligible", "region=North", "--units", "2", "--again", "Đóng cửa").stdout
    assert "Drawn 2 of 4 eligible (store), with seed" in words
    with (begun / "params" / "shop" / "actions.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["scope_chosen_by"] for row in rows] == ["everyone", "random", "random"]
    assert json.loads(rows[2]["drawn"])["because"] == "Đóng cửa"
    assert cx(begun, "check", "shop").returncode == 0


def test_an_order_is_drawn(begun):
    told = cx(begun, "draw", "shop", "A1", "--starts", f"{SOON},{THEN}")
    assert told.returncode == 0, told.stderr
    assert f"  {SOON}  S" in told.stdout
    assert f"  {THEN}  S" in told.stdout


def test_check_tells_of_a_changed_past_and_lets_it_pass(begun):
    folder = begun / "params" / "shop"
    assert seal_log(load_params(folder), folder, TODAY).notes == ()
    log = begun / "params" / "shop" / "actions.csv"
    log.write_text(log.read_text("utf-8-sig").replace("everyone", "volunteers"), "utf-8-sig")
    told = cx(begun, "check", "shop")
    assert told.returncode == 0
    assert f"a record was edited after it was sealed (action A1, recorded on {TODAY})" in told.stdout
    assert "edited" in asked(cx(begun, "check", "shop", "--json"))["history_changed"][0]
    assert "The log's past was changed" in cx(begun, "action", "list", "shop").stdout


def test_four_people_at_once_lose_nothing(begun):
    def add(number: int) -> str:
        fields = ACTION | {"what": f"Việc {number}"}
        told = process(begun, "action", "add", "shop", "--from-json", "-", "--json", stdin=json.dumps(fields))
        return asked(told)["action"]

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(add, range(4)))
    actions = asked(cx(begun, "action", "list", "shop", "--json"))["actions"]
    assert sorted(ids) == [f"A{number}" for number in range(2, 6)]
    assert {action["what"] for action in actions if "what" in action} == {f"Việc {number}" for number in range(4)}


def test_on_a_terminal_what_is_missing_is_asked_for(project):
    given = ACTION | {"decided_by": "", "document": ""}
    (project / "action.json").write_text(json.dumps(given), encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cxlib.cli", "action", "add", "shop", "--from-json", "action.json"]
    asking = subprocess.Popen(command, cwd=project, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    os.write(ours, "bien-ban.pdf\nBan giám đốc\n".encode())
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # the other side has gone
        pass
    assert asking.wait(timeout=600) == 0, said.decode()
    text = said.decode()
    assert "document: the file, link or minute" in text
    assert "decided_by: the role that decided" in text
    assert "A1 is in the log, planned." in text


def test_listing_waits_for_nothing_heavy(begun):
    look = (
        "import sys\nfrom cxlib.cli import main\nsys.argv = ['cx', 'action', 'list', 'shop']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", look], cwd=begun, capture_output=True, text=True, check=True)
    assert told.stdout.rstrip().endswith("[]")
