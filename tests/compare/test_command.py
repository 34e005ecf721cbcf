"""`cx compare` as a user types it."""

from __future__ import annotations

import json


def test_it_says_what_is_different_and_writes_the_page(cx, changed_set, tmp_path):
    outputs, page = tmp_path / "outputs", tmp_path / "page.html"
    told = cx("compare", "sample", "--outputs", outputs, "--page", page)
    assert told.returncode == 0, told.stderr
    assert "“the price was clear” and “Would come back”" in told.stdout
    assert "add --explain" in told.stdout
    assert "Lần chạy" in page.read_text(encoding="utf-8")
    told = cx("compare", "sample", "20260102", "20260101", "--outputs", outputs, "--language", "vi")
    assert "Chỉ có ở lần thứ hai." in told.stdout


def test_json_is_one_object(cx, changed_set, tmp_path):
    told = cx("compare", "sample", "previous", "latest", "--outputs", tmp_path / "outputs", "--json")
    answer = json.loads(told.stdout)
    assert answer["ok"]
    assert [cause["part"] for cause in answer["causes"]] == ["findings", "evidence", "actions", "loop"]
    assert answer["explained"] is None


def test_mistakes_are_exit_2_and_say_what_to_do(cx, make, tmp_path):
    make(), make()
    for words in (("2027",), ("2026",), ("latest", "latest", "--explain"), ("--language", "fr")):
        told = cx("compare", "sample", *words, "--outputs", tmp_path / "outputs")
        assert told.returncode == 2
        assert told.stdout == ""
        assert "Traceback" not in told.stderr
