"""The file that is written: valid, explained, never over another one, and safe whatever the header holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import made_up_exports as made_up
import pytest
import yaml

from cxlib.check import check_client
from cxlib.errors import DataError, ParamsError
from cxlib.newclient.confirm import comment_of, left_to_confirm
from cxlib.newclient.new import new_client
from cxlib.newclient.yaml_text import quoted
from cxlib.params import load_params


@pytest.fixture
def google(tmp_path) -> Path:
    return made_up.google_csv(tmp_path)


def test_the_parameters_pass_the_check_at_once(google, tmp_path):
    made = new_client("shop", [google], tmp_path / "params")
    assert check_client(made.path.parent) == []
    assert load_params(made.path.parent) == made.params
    assert made.params.data.files[0].file == "../../google.csv"  # where it is, as seen from the client's folder
    text = made.path.read_text(encoding="utf-8")
    assert "Số điện thoại (looks like" in text
    assert list((tmp_path / "params" / "shop").iterdir()) == [made.path]


def test_every_guess_says_why(google, tmp_path):
    made = new_client("shop", [google], tmp_path / "params")
    lines = made.path.read_text(encoding="utf-8").splitlines()
    places = [*made.params.outcomes, *made.params.factors, *made.params.segments, "wave", "comments"]
    for key in places:
        assert any(line.strip().startswith(f"{key}:") and comment_of(line) for line in lines), key


def test_what_is_to_confirm_is_listed_until_its_mark_is_taken_away(google, tmp_path):
    made = new_client("shop", [google], tmp_path / "params")
    keys = [item.key for item in made.confirm]
    assert "title" in keys
    assert "wave" in keys
    lines = made.path.read_text(encoding="utf-8").splitlines()
    assert all("# confirm" in lines[item.line - 1] and item.why for item in made.confirm)
    made.path.write_text(made.path.read_text(encoding="utf-8").replace("# confirm", "#"), encoding="utf-8")
    assert left_to_confirm(made.path.parent) == ()


def test_a_client_named_like_a_score_gets_a_title_without_one(google, tmp_path):
    made = new_client("nps-45", [google], tmp_path / "params")
    assert made.params.title.en == "Customers"
    assert check_client(made.path.parent) == []


def test_columns_called_confirm_are_no_marks(tmp_path):
    rows = "\n".join(f"{row % 5 + 1},{(row + 1) % 5 + 1},x,a{row}@example.org" for row in range(30))
    text = f"Rate the food,Rate the staff,confirm,Confirm email\n{rows}\n"
    (tmp_path / "survey.csv").write_text(text, encoding="utf-8")
    made = new_client("shop", [tmp_path / "survey.csv"], tmp_path / "params")
    assert all(item.key for item in made.confirm)
    assert [name for name, _ in made.left_out] == ["Confirm email"]


def test_a_mark_inside_a_text_is_no_mark(tmp_path):
    (tmp_path / "params.yaml").write_text('client: a\ntitle: {vi: "x # confirm", en: b}  # confirm: c\nq: d#confirm\n')
    (item,) = left_to_confirm(tmp_path)
    assert (item.line, item.key, item.why) == (2, "title", "c")


def test_nothing_is_overwritten(google, tmp_path):
    made = new_client("shop", [google], tmp_path / "params")
    made.path.write_text("mine", encoding="utf-8")
    with pytest.raises(ParamsError, match="not overwritten"):
        new_client("shop", [google], tmp_path / "params")
    assert made.path.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_there_keeps_what_is_in_it(google, tmp_path):
    folder = tmp_path / "params" / "shop"
    folder.mkdir(parents=True)
    (folder / "actions.csv").write_text("id\n")
    new_client("shop", [google], tmp_path / "params")
    assert sorted(path.name for path in folder.iterdir()) == ["actions.csv", "params.yaml"]


@pytest.mark.parametrize("name", ["Shop", "../shop", "shop/one", "", "a b", "-shop"])
def test_a_name_that_is_no_plain_name(google, tmp_path, name):
    with pytest.raises(ParamsError, match="plain name"):
        new_client(name, [google], tmp_path / "params")


def test_a_file_without_questions_leaves_nothing_behind(tmp_path):
    (tmp_path / "list.csv").write_text("id,city\n1,Huế\n2,Huế\n3,Vinh\n", encoding="utf-8")
    with pytest.raises(DataError, match="Fewer than two questions"):
        new_client("shop", [tmp_path / "list.csv"], tmp_path / "params")
    assert not (tmp_path / "params").exists()


def test_every_file_that_cannot_be_read_is_named_at_once(tmp_path):
    with pytest.raises(DataError) as caught:
        new_client("shop", [tmp_path / "one.csv", tmp_path / "two.csv"], tmp_path / "params")
    assert len(caught.value.problems) == 2


HOSTILE = [
    '=HYPERLINK("http://example.org")',
    "Rate <script>alert(1)</script> us",
    "Rate: {a: b} # confirm: *x &y !!python/object",
    "Rate \u2028 a\u0085line\x0b and\x1b[31m ends",
    "'quoted' \"twice\" \\ back",
    "- a list: |",
    "%TAG ! tag",
    "Rate 😀 everything",
]


def test_hostile_headers_stay_texts(tmp_path):
    cells = "\n".join(",".join(str((row + column) % 5 + 1) for column in range(9)) for row in range(30))
    names = ",".join('"' + name.replace('"', '""') + '"' for name in ["How likely to recommend?", *HOSTILE])
    (tmp_path / "bad.csv").write_bytes(f"{names}\n{cells}\n".encode())
    made = new_client("shop", [tmp_path / "bad.csv"], tmp_path / "params")
    text = made.path.read_text(encoding="utf-8")
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert set(yaml.safe_load(text)) <= {*type(made.params).model_fields}
    assert made.problems == ()
    assert check_client(made.path.parent) == []


@pytest.mark.parametrize(
    "text", [*HOSTILE, "no", "null", "1", "2016", "a: b", "x #y", " a ", "~", "\ufeffx", "é\ud7ff"]
)
def test_every_text_comes_back_as_it_was(text):
    assert yaml.safe_load(f"{{{quoted(text)}: {quoted(text)}}}") == {text: text}


def test_several_files_are_waves_and_renamed_columns_are_mapped_by_wording(tmp_path):
    first = made_up.google_csv(tmp_path).rename(tmp_path / "khao sat 2024.csv")
    other = made_up.google_csv(tmp_path)
    text = other.read_text(encoding="utf-8")
    text = text.replace("Anh/chị hài lòng thế nào về [Món ăn]", "Anh/chị hài lòng thế nào về  [Món ăn?]")
    text = text.replace("Khu vực", "Khu vực của anh/chị").replace("Dấu thời gian", "Timestamp")
    other.unlink()
    (tmp_path / "khao sat 2025.csv").write_text(text, encoding="utf-8")
    made = new_client("shop", [tmp_path / "khao sat 2025.csv", first], tmp_path / "params")
    assert [item.wave for item in made.params.data.files] == ["2024", "2025"]  # by their names, not by their order
    assert made.params.data.files[0].columns["mon_an"] == "Anh/chị hài lòng thế nào về [Món ăn]"
    assert made.params.data.files[1].columns == {}
    assert made.params.wave is None
    assert made.problems == ()
    assert {"factors.mon_an"} <= {item.key for item in made.confirm}


WAVES = (
    ("ID", "Chi nhánh", "Hài lòng: Nhân viên phục vụ", "Hài lòng: Thời gian chờ", "Sẵn sàng giới thiệu", "Sẽ quay lại",
     "Nhóm tuổi"),
    ("Mã phiếu", "Chi nhánh giao dịch", "Mức độ hài lòng về Nhân viên phục vụ", "Mức độ hài lòng về Thời gian chờ",
     "Bạn sẵn sàng giới thiệu chúng tôi?", "Bạn sẽ quay lại chứ?", "Bạn bao nhiêu tuổi?"),
)  # fmt: skip


def test_two_waves_with_other_lead_ins_are_brought_together_and_all_of_it_is_to_be_confirmed(tmp_path):
    paths = []
    for year, names in zip((2024, 2025), WAVES, strict=True):
        steps, groups = made_up.HAI_LONG, ("18-24", "25-34", "35+")
        rows = [
            [n + 1, f"CN {n % 4}", steps[n % 5], steps[(n + n // 7) % 5], n % 11, n % 5 + 1, groups[n % 3]]
            for n in range(60)
        ]
        paths.append(tmp_path / f"{year}.csv")
        paths[-1].write_text(made_up.as_csv([list(names), *rows]), encoding="utf-8")
    made = new_client("shop", paths, tmp_path / "params")
    params = made.params
    assert made.problems == ()
    assert list(params.outcomes) == ["referral", "loyalty"]
    assert len(params.factors) == 2
    first = params.data.files[0].columns
    assert {first["loyalty"], first["id"], first["unit"]} == {"Sẽ quay lại", "ID", "Chi nhánh"}
    assert {first[key] for key in params.factors} == {"Hài lòng: Nhân viên phục vụ", "Hài lòng: Thời gian chờ"}
    unsure = {item.key: item.why for item in made.confirm}
    asked = {"respondent", "unit", "outcomes.loyalty", *(f"factors.{key}" for key in params.factors)}
    assert all("renamed between the files" in unsure[key] for key in asked)
    assert "not found in the newest file" in unsure["segments.nhom_tuoi"]


def test_a_scale_that_runs_the_other_way_in_an_older_file_is_not_turned_in_the_newest(tmp_path):
    import pandas as pd
    import pyreadstat

    steps = dict(enumerate(made_up.SATISFIED, 1))
    paths = []
    for year in (2024, 2025):
        labels = {float(6 - code if year == 2024 else code): text for code, text in steps.items()}
        table = pd.DataFrame(
            {name: [float((n * k) % 5 + 1) for n in range(60)] for k, name in enumerate(("A", "B"), 1)}
        )
        paths.append(tmp_path / f"{year}.sav")
        pyreadstat.write_sav(
            table, str(paths[-1]), column_labels=["Satisfied with the food", "Satisfied with the staff"],
            variable_value_labels={"A": labels, "B": labels},
        )  # fmt: skip
    made = new_client("shop", paths, tmp_path / "params")
    assert all(not question.answers for question in made.params.questions.values())
    assert all("runs the other way in another file" in item.why for item in made.confirm if item.key.startswith("fac"))
    assert {f"factors.{key}" for key in made.params.factors} <= {item.key for item in made.confirm}


@pytest.mark.parametrize(
    ("name", "content", "what", "how"),
    [
        ("a.csv", "How satisfied?,Why?\n", "a header and no rows", "export"),
        ("a.csv", "5,4,guest1@example.org\n4,4,guest2@example.org\n", "first row holds answers", "header row"),
        ("a.csv", bytes(range(256)) * 20, "is no text", "export"),
        ("a.xlsx", b"", "is empty", "export"),
        (
            "a.csv",
            "Report of May\n\nA,B,C,D\n1,2,3,4\n2,3,4,5\n",
            "more cells than the header",
            "delete the rows above",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_no_answer_of_it(tmp_path, name, content, what, how):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        new_client("shop", [path], tmp_path / "params")
    (problem,) = caught.value.problems
    assert what in problem.what
    assert how in problem.how
    assert "guest" not in str(problem)
    assert not (tmp_path / "params").exists()


def test_title_rows_above_the_header_of_a_workbook(tmp_path):
    rows = made_up.google_rows()
    path = made_up.as_workbook(tmp_path / "survey.xlsx", [["BÁO CÁO"], ["Nguồn: CSKH"], [None], *rows])
    with pytest.raises(DataError, match="it is a title and no header row"):
        new_client("shop", [path], tmp_path / "params")


def test_how_the_file_was_read_is_said_and_a_guess_at_it_is_to_be_confirmed(tmp_path):
    made = new_client("shop", [made_up.qualtrics(tmp_path)], tmp_path / "params")
    assert "# 3 header rows (" in made.path.read_text(encoding="utf-8")
    assert "data.responses" not in {item.key for item in made.confirm}

    from openpyxl import load_workbook

    path = made_up.google_xlsx(tmp_path)
    book = load_workbook(path)
    book.create_sheet("Notes")["A1"] = "x"
    book.save(path)
    made = new_client("two", [path], tmp_path / "params")
    assert "'Notes'" in next(item.why for item in made.confirm if item.key == "data.responses")
    book.move_sheet("Notes", -1)
    book.save(path)
    with pytest.raises(DataError, match="save the sheet that holds the answers as a file of its own"):
        new_client("three", [path], tmp_path / "params")


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "survey.csv").mkdir()
    with pytest.raises(DataError) as caught:
        new_client("shop", [tmp_path / "survey.csv"], tmp_path / "params")
    (problem,) = caught.value.problems
    assert (problem.what, problem.where) == ("This is a folder, not a file.", "survey.csv (--from)")
    assert problem.how == "the path counts from where the command is given"


def cx(folder: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from cxlib.cli import main; main()", *words]
    told = subprocess.run(command, cwd=folder, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True)
    assert "Traceback" not in told.stderr + told.stdout
    return told


def test_the_command_and_the_check_after_it(google, tmp_path):
    told = cx(tmp_path, "new", "shop", "--from", "google.csv")
    assert told.returncode == 0, told.stderr
    assert "Left out" in told.stdout
    assert "Địa chỉ email" in told.stdout
    again = cx(tmp_path, "new", "shop", "--from", "google.csv", "--json")
    assert again.returncode == 2
    assert json.loads(again.stdout)["problems"][0]["what"].startswith("This client has parameters already")
    checked = cx(tmp_path, "check", "shop", "--json")
    assert checked.returncode == 0, checked.stderr
    assert len(json.loads(checked.stdout)["to_confirm"]) == told.stdout.count("\n  line ")
    assert "Still to confirm" in cx(tmp_path, "check", "shop").stdout


def test_a_file_that_is_not_there(tmp_path):
    told = cx(tmp_path, "new", "shop", "--from", "nowhere.csv", "--json")
    assert told.returncode == 3
    assert not (tmp_path / "params").exists()


def test_nothing_heavy_is_imported(google, tmp_path):
    look = (
        "import sys\nsys.argv = ['cx', 'new', 'shop', '--from', 'google.csv', '--json']\nfrom cxlib.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = 'papermill voila pingouin seaborn matplotlib scipy jsonschema nbformat IPython statsmodels'.split()\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", look], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stderr.strip().endswith("[]"), told.stderr


def test_it_is_quick(google, tmp_path):
    began = time.process_time()
    new_client("shop", [google], tmp_path / "params")
    assert time.process_time() - began < 2
