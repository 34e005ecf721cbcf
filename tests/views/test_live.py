"""Which notebooks of a run are executed for each visitor: those with something of somebody's own, whatever it is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from cxlib.views.live import cells_digest, live_pages
from cxlib.views.prepared import Packed, frame, prepare


@pytest.fixture
def run(run_folder, tmp_path):
    """A copy to write in."""
    shutil.copytree(run_folder, tmp_path / "run")
    return tmp_path / "run"


def names(folder) -> list[str]:
    return [page.name for page in live_pages(folder)]


def edit(path, change) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_what_a_run_has_filled_in_needs_no_kernel(run):
    assert names(run) == []


def test_the_digest_is_the_one_that_the_manifest_writes_down():
    from cxlib.runs.manifest import digest

    cells = ["import cxlib as cx", "cx.show_findings(run_dir)  # trả lời"]
    assert cells_digest(cells) == digest(cells)


def test_opening_executing_and_saving_changes_nothing(run):
    def execute(content):
        content["metadata"]["toc"] = {"x": 1}
        for number, cell in enumerate(content["cells"]):
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
            cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
        content["cells"].append({"cell_type": "code", "source": "  \n", "metadata": {}, "outputs": []})

    edit(run / "views" / "findings.ipynb", execute)
    assert names(run) == []


def filled(source):
    """Another cell of parameters than the one that the run has filled in."""
    return lambda made: lambda content: content["cells"][1].update(source=source)


CHANGES = {
    "a cell more": lambda made: lambda content: content["cells"].append(made.cell("1 + 1")),
    "a word more": lambda made: lambda content: content["cells"].insert(0, made.cell("A word of mine.", "markdown")),
    "a cell less": lambda made: lambda content: content["cells"].pop(),
    "another page": lambda made: lambda content: content["cells"][-1].update(source="cx.show_method(run_dir)"),
    "another language": filled('run_dir = "outputs/sample/run"\nlanguage = "en"'),
    "another run": filled('run_dir = "outputs/other/x"\nlanguage = "vi"'),
    "a parameter more": filled('run_dir = "outputs/sample/run"\nlanguage = "vi"\nq = 1'),
    "code": filled("import os"),
    "no cells": lambda made: lambda content: content.update(cells="x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_somebody_changed_is_never_passed_over(run, make_run, change):
    edit(run / "views" / "history.ipynb", change(make_run))
    assert names(run) == ["history"]


def test_a_notebook_or_a_manifest_that_cannot_be_read_is_not_passed_over_either(run):
    (run / "views" / "method.ipynb").write_text("{", encoding="utf-8")
    assert names(run) == ["method"]
    (run / "manifest.json").write_text("{", encoding="utf-8")
    assert names(run) == ["findings", "history", "method"]


def test_a_run_of_an_earlier_version_is_known_by_its_own_manifest(run):
    """Its notebooks differ from today's; what it wrote down of them is what counts."""

    def older(content):
        content["cells"][0]["source"] = 'run_dir = "x"'
        content["cells"][-1]["source"] = "cx.show_findings(run_dir)"

    page = run / "views" / "findings.ipynb"
    edit(page, older)
    assert names(run) == ["findings"]
    sources = [cell["source"] for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]]
    cells = ["".join(source) for place, source in enumerate(sources) if place != 1]
    edit(
        run / "manifest.json",
        lambda told: told["code"]["notebooks"].update({"views/findings.ipynb": cells_digest(cells)}),
    )
    assert names(run) == []


def test_further_notebooks_by_their_heading_or_name(run, make_run):
    views = run / "views"
    make_run.new_notebook(views / "costs.ipynb", make_run.cell("text\n\n##  What it cost ##", "markdown"))
    make_run.new_notebook(views / "plain.ipynb", make_run.cell("# no heading, a comment"))
    assert [(page.name, page.title, page.headed) for page in live_pages(run)] == [
        ("costs", "What it cost", True),
        ("plain", "plain", False),
    ]


def test_only_what_lies_openly_in_views_is_a_page(run, make_run, tmp_path):
    views = run / "views"
    make_run.new_notebook(tmp_path / "outside.ipynb", make_run.cell("1"))
    make_run.new_notebook(views / ".hidden.ipynb", make_run.cell("1"))
    (views / ".ipynb_checkpoints").mkdir()
    make_run.new_notebook(views / ".ipynb_checkpoints" / "findings-checkpoint.ipynb", make_run.cell("1"))
    (views / "folder.ipynb").mkdir()
    (views / "link.ipynb").symlink_to(tmp_path / "outside.ipynb")
    Path(os.fsdecode(os.fsencode(views) + b"/\xff\xfe.ipynb")).write_text("{}", encoding="utf-8")
    assert names(run) == []


HOSTILE = '"><img src=x onerror=alert(1)> %2e?#&.'


def test_hostile_names_and_titles_are_text(run, make_run, material):
    views = run / "views"
    make_run.new_notebook(views / f"{HOSTILE}.ipynb", make_run.cell("1"))
    make_run.new_notebook(views / "b.ipynb", make_run.cell("# <script>alert(2)</script>", "markdown"))
    live = live_pages(run)
    page = prepare(material, live)["findings"].plain.decode("utf-8")
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert 'href="%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E%20%252e%3F%23%26..ipynb"' in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in page
    for item in live:
        around = frame(material, item, live)
        text = (around.before + around.failed + around.after).decode("utf-8")
        assert "<img src=x" not in text
        assert "<script>alert" not in text


def test_live_pages_are_not_prepared_and_only_the_findings_name_the_others(run, make_run, material):
    make_run.add_cells(run / "views" / "method.ipynb", make_run.cell("1"))
    make_run.new_notebook(run / "views" / "costs.ipynb", make_run.cell("1"))
    pages = prepare(material, live_pages(run))
    assert sorted(pages) == ["findings", "history"]
    assert 'href="costs.ipynb"' in pages["findings"].plain.decode("utf-8")
    assert 'href="costs.ipynb"' not in pages["history"].plain.decode("utf-8")
    assert "cx-more-pages" not in prepare(material, ())["findings"].plain.decode("utf-8").split("</style>")[1]


def test_an_edited_language_is_the_one_shown_first(run, material):
    edit(
        run / "views" / "method.ipynb",
        lambda content: content["cells"][1].update(source='run_dir = "outputs/sample/run"\nlanguage = "en"'),
    )
    [page] = live_pages(run)
    assert page.language == "en"
    assert b'<html lang="en"' in frame(material, page, [page]).before


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("GZIP", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("x-gzippy", False),
    ],
)
def test_packed_for_whom_can_unpack_it(accepted, packed):
    assert Packed.pack(b"page " * 1000).for_browser(accepted)[1] is packed


def test_what_packing_does_not_shrink_is_sent_as_it_is():
    assert Packed.pack(b"x").for_browser("gzip") == (b"x", False)


def test_scripts_are_known_by_name_and_nothing_else_is_a_file(tmp_path):
    from cxlib.views.scripts import EXTENSIONS, Scripts, extension_files

    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret.js").write_text("2", encoding="utf-8")
    files = Scripts([("", tmp_path / "a"), ("", tmp_path / "none")])
    assert "one.js" in files
    for name in ("../secret.js", "a/one.js", "/etc/passwd", "", "."):
        assert name not in files
    assert files.read("one.js").plain == b"1"
    again = Scripts([("", tmp_path / "a")])
    assert again.version == files.version
    (tmp_path / "a" / "one.js").write_text("longer", encoding="utf-8")
    assert Scripts([("", tmp_path / "a")]).version != files.version
    folder = tmp_path / "labextensions" / EXTENSIONS[0]
    folder.mkdir(parents=True)
    (folder / "package.json").write_text("{}", encoding="utf-8")
    (tmp_path / "labextensions" / "other.js").write_text("", encoding="utf-8")
    found = extension_files([str(tmp_path / "labextensions")])
    assert f"{EXTENSIONS[0]}/package.json" in found
    assert "other.js" not in found


def test_a_stage_made_by_hand_is_told_on_the_method_page(run):
    from cxlib.views.material import read_material
    from cxlib.views.rendering import LINKS, render_method

    def adopt(told):
        told["stages"] = [{"name": "clean", "status": "reused"}, {"name": "drivers", "status": "adopted"}]

    before = render_method(read_material(run), LINKS).main
    assert "By hand" not in before
    edit(run / "manifest.json", adopt)
    main = render_method(read_material(run), LINKS).main
    assert "By hand: for this run an analyst changed the test of the factors in a notebook" in main
    assert "Có phần làm thủ công: ở lần chạy này, người phân tích đã tự sửa bước kiểm định các yếu tố" in main
    edit(run / "manifest.json", lambda told: told["stages"].append({"name": "culture<b>", "status": "adopted"}))
    assert "culture&lt;b&gt;" in render_method(read_material(run), LINKS).main


def test_publishing_leaves_live_pages_to_the_server(run, make_run, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    import cxlib.runs.listing
    from cxlib.cli.commands import app

    monkeypatch.setattr(cxlib.runs.listing, "shown_run", lambda outputs, client: run)
    ask = CliRunner().invoke
    words = ["publish", "sample", "--to", str(tmp_path / "site")]
    assert "Not published" not in ask(app, words).output
    make_run.add_cells(run / "views" / "method.ipynb", make_run.cell("1"))
    done = ask(app, words)
    assert "Not published, since they need a kernel (cx view shows them): method.ipynb" in done.output
    assert json.loads(ask(app, [*words, "--json"]).output)["live"] == ["method.ipynb"]
    assert (tmp_path / "site" / "method.html").is_file()
