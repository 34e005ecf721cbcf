"""`cx` as a user types it, in a process of its own: exit codes, --json, no traceback, no waiting for heavy imports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

QUESTION = {"scale": [1, 5], "label": {"vi": "câu hỏi", "en": "question"}}
PARAMS = {
    "client": "shop",
    "title": {"vi": "Cửa hàng", "en": "Shop"},
    "data": {"responses": "survey.csv"},
    "outcomes": {"referral": {"column": "r", **QUESTION}},
    "factors": {"wait": {"column": "w", **QUESTION}, "help": {"column": "h", **QUESTION}},
}


def cx(folder: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    command = [sys.executable, "-c", "from cxlib.cli import main; main()", *words]
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert "Traceback" not in told.stderr + told.stdout
    return told


@pytest.fixture
def project(tmp_path) -> Path:
    client = tmp_path / "params" / "shop"
    client.mkdir(parents=True)
    (client / "params.yaml").write_text(json.dumps(PARAMS), encoding="utf-8")
    rows = "".join(f"{row % 5 + 1},{row % 4 + 1},{row % 3 + 1}\n" for row in range(40))
    (client / "survey.csv").write_text("r,w,h\n" + rows, encoding="utf-8")
    return tmp_path


def change(project: Path, **more) -> None:
    path = project / "params" / "shop" / "params.yaml"
    path.write_text(json.dumps({**PARAMS, **more}), encoding="utf-8")


def test_help_lists_every_command(tmp_path):
    told = cx(tmp_path, "--help")
    assert told.returncode == 0
    assert all(
        f"\n  {name}" in told.stdout
        for name in ("check", "run", "action", "draw", "view", "publish", "runs", "prune", "lab", "adopt")
    )


@pytest.mark.parametrize("start", ["import cxlib.cli", "import cxlib; cxlib.open_run", "import cxlib.runs.listing"])
def test_nothing_heavy_is_imported_before_it_is_needed(start):
    look = (
        f"{start}\nimport sys\n"
        "heavy = 'papermill voila pingouin seaborn matplotlib pandas jsonschema nbformat IPython'.split()\n"
        "print(*[name for name in heavy if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


def test_help_imports_nothing_heavy():
    look = (
        "import sys\nfrom cxlib.cli import main\nsys.argv = ['cx', 'run', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('papermill', 'voila', 'pingouin', 'seaborn', 'pandas') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert told.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("command", ["check", "run", "view", "publish"])
def test_an_unknown_client_is_exit_2_and_the_nearest_is_offered(project, command):
    more = ["--to", "pages"] if command == "publish" else []
    told = cx(project, command, "shpo", *more)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "There is no client 'shpo'." in told.stderr
    assert "did you mean shop?" in told.stderr


def test_outside_of_a_project_the_way_is_shown(tmp_path):
    told = cx(tmp_path, "check", "demo")
    assert told.returncode == 2
    assert "project's folder" in told.stderr


def test_json_is_one_object_and_nothing_else(project):
    told = cx(project, "check", "nobody", "--json")
    answer = json.loads(told.stdout)
    assert (answer["ok"], answer["exit_code"], told.returncode) == (False, 2, 2)
    assert set(answer["problems"][0]) == {"what", "where", "how"}
    answer = json.loads(cx(project, "runs", "--json").stdout)
    assert answer == {"ok": True, "command": "runs", "runs": []}


def test_a_command_that_is_not_understood_is_exit_2(project):
    told = cx(project, "run", "shop", "--frmo", "drivers", "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout)["exit_code"] == 2
    assert "--frmo" in told.stderr


def test_a_right_client_passes(project):
    told = cx(project, "check", "shop", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["client"] == "shop"
    assert cx(project, "check", "params/shop").returncode == 0
    assert not (project / "outputs").exists()


def test_wrong_parameters_are_exit_2(project):
    change(project, factrs={}, language="fr")
    for command in ("check", "run"):
        told = cx(project, command, "shop", "--json")
        assert told.returncode == 2
        said = told.stderr
        assert "factrs" in said
        assert "language" in said
        assert "params.yaml, line" in said
        assert len(json.loads(told.stdout)["problems"]) >= 2
    assert not (project / "outputs").exists()


def test_wrong_data_is_exit_3(project):
    (project / "params" / "shop" / "survey.csv").write_text("r,w\n1,2\n", encoding="utf-8")
    told = cx(project, "check", "shop")
    assert told.returncode == 3
    assert "h" in told.stderr


def test_a_ranking_is_refused_with_exit_5(project):
    change(project, rank_by="unit")
    told = cx(project, "check", "shop", "--json")
    assert told.returncode == 5
    assert json.loads(told.stdout)["problems"][0]["how"]


def test_every_kind_of_wrong_is_named_at_once(project):
    change(project, factrs={}, target_score=50)
    (project / "params" / "shop" / "survey.csv").write_text("r,w\n1,2\n", encoding="utf-8")
    told = cx(project, "check", "shop")
    assert told.returncode == 2
    assert "factrs" in told.stderr
    assert "target" in told.stderr
    assert "survey.csv" in told.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "analysis.q"], "is no KEY=VALUE"),
        (["--set", "analysis.q=[1"], "not YAML"),
        (["--set", "analysis.bootstraps=500"], "--set analysis.bootstraps"),
        (["--set", "privacy.min_group=2"], "--set privacy.min_group"),
        (["--from", "middle"], "There is no stage 'middle'"),
        (["--from", "drivers"], "no finished run to begin from"),
        (["--language", "fr"], "no language 'fr'"),
    ],
)
def test_a_wrong_option_is_exit_2_before_anything_runs(project, words, said):
    told = cx(project, "run", "shop", *words)
    assert told.returncode == 2
    assert said in told.stderr
    assert not list(project.glob("outputs/shop/2*"))


@pytest.mark.parametrize("command", [["view", "shop"], ["publish", "shop", "--to", "pages"]])
def test_pages_of_a_client_without_a_run(project, command):
    told = cx(project, *command)
    assert told.returncode == 2
    assert "cx run shop" in told.stderr


def test_runs_are_listed(project):
    for name, status in (("20250101T000000Z-aaaaaaaa", "done"), ("20250102T000000Z-bbbbbbbb", "running")):
        folder = project / "outputs" / "shop" / name
        folder.mkdir(parents=True)
        found = {"rows": {"in": 40, "kept": 38, "set_aside": 2}, "findings": 2,
                 "loop": {"matter": 1, "with_action": 1, "with_change_measured": 0}}  # fmt: skip
        record = {
            "status": status, "started": name[:16], "seconds": 12.3, "changes": {"analysis.q": 0.1},
            "found": found if status == "done" else None, "stages": [],
        }  # fmt: skip
        (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    (project / "outputs" / "shop" / "latest").symlink_to("20250101T000000Z-aaaaaaaa")
    told = cx(project, "runs", "shop")
    newest, oldest = told.stdout.splitlines()
    assert "interrupted" in newest
    assert oldest.startswith("* shop")
    assert "analysis.q=0.1" in oldest
    runs = json.loads(cx(project, "runs", "--json").stdout)["runs"]
    assert [run["latest"] for run in runs] == [False, True]
    assert [run["findings"] for run in runs] == [None, 2]
    assert "38 of 40 rows; 2 findings; 1 matter, 1 with an action, 0 measured" in oldest


def test_pruning_names_first_and_removes_when_asked(project):
    for day in range(1, 6):
        folder = project / "outputs" / "shop" / f"2025010{day}T000000Z-aaaaaaaa"
        folder.mkdir(parents=True)
        record = {"status": "done" if day != 2 else "failed", "started": f"2025-01-0{day}", "stages": []}
        (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "big").write_bytes(bytes(2_000_000))
    (project / "outputs" / "shop" / "latest").symlink_to("20250103T000000Z-aaaaaaaa")
    wish = ["prune", "shop", "--keep", "1", "--keep-run", "20250101"]
    told = cx(project, *wish)
    assert "Nothing was removed; add --yes" in told.stdout
    assert "2 runs can go, 4.0 MB" in told.stdout
    done = json.loads(cx(project, *wish, "--yes", "--json").stdout)
    assert [line["why"] for line in done["kept"]] == ["newest", "latest", "named"]
    assert [(line["run"][:8], line["why"]) for line in done["removed"]] == [
        ("20250104", "older"),
        ("20250102", "failed"),
    ]
    left = sorted(path.name[:8] for path in (project / "outputs" / "shop").iterdir() if path.name[0] == "2")
    assert left == ["20250101", "20250103", "20250105"]
    told = cx(project, "prune", "shop", "--keep-run", "2024")
    assert told.returncode == 2
    assert "There is no run '2024'" in told.stderr


def test_a_scratch_copy_that_is_not_there_cannot_be_adopted(project):
    told = cx(project, "adopt", "shop")
    assert told.returncode == 2
    assert "There is no scratch copy." in told.stderr


def test_a_params_folder_gone_does_not_hide_its_runs(project):
    (project / "outputs" / "shop").mkdir(parents=True)
    shutil.rmtree(project / "params" / "shop")
    assert cx(project, "runs", "shop").returncode == 0
