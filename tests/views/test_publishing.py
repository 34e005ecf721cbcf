"""Pages as files: whole, alone, and never half-written."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys

import pytest

from cxlib.errors import ParamsError
from cxlib.views import publish


def test_three_files_that_ask_for_nothing(run_folder, tmp_path):
    written = publish(run_folder, tmp_path / "site")
    assert [path.name for path in written] == ["index.html", "history.html", "method.html"]
    assert len(list((tmp_path / "site").iterdir())) == 3
    for path in written:
        text = path.read_text(encoding="utf-8")
        # Addresses in the page: links a reader may follow, never anything the page loads.
        loaded = re.findall(r'(?:src|srcset|data|poster)="([^"]*)"|<link[^>]*href="([^"]*)"|url\(([^)]*)\)', text)
        assert all("".join(found).startswith("data:") for found in loaded)
        assert "@import" not in text
        assert not re.search(r"<[^>]+\son\w+=", re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL))


def test_the_policy_names_exactly_this_style_and_this_script(run_folder, tmp_path):
    for path in publish(run_folder, tmp_path):
        text = path.read_text(encoding="utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
        assert policy.startswith("default-src &#39;none&#39;")
        assert "unsafe" not in policy
        for tag in ("style", "script"):
            inside = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy


def test_the_same_run_gives_the_same_files(run_folder, tmp_path):
    first = [path.read_bytes() for path in publish(run_folder, tmp_path / "a")]
    second = [path.read_bytes() for path in publish(run_folder, tmp_path / "b")]
    assert first == second


def test_a_stopped_publication_leaves_the_old_pages(run_folder, tmp_path):
    publish(run_folder, tmp_path)
    for path in tmp_path.iterdir():
        path.write_text("old", encoding="utf-8")
    (tmp_path / "keep.txt").write_text("the reader's own", encoding="utf-8")
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, pathlib, sys\n"
            "import cxlib.views.publishing as publishing\n"
            "write = pathlib.Path.write_text\n"
            "def stop(path, *args, **kwargs):\n"
            "    write(path, *args, **kwargs)\n"
            "    os._exit(9)  # the machine is switched off here\n"
            "pathlib.Path.write_text = stop\n"
            "publishing.publish(sys.argv[1], sys.argv[2])\n",
            str(run_folder),
            str(tmp_path),
        ],
        check=False,
    )
    assert killed.returncode == 9
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "method.html").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "history.html").read_text(encoding="utf-8") == "old"
    publish(run_folder, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.html", "index.html", "keep.txt", "method.html"]
    assert (tmp_path / "index.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_folder_without_findings_is_a_mistake_with_a_mend(tmp_path):
    with pytest.raises(ParamsError) as caught:
        publish(tmp_path, tmp_path / "site")
    assert "cx run" in str(caught.value)
    assert not (tmp_path / "site").exists()


def test_findings_of_another_form_are_refused_without_their_values(tmp_path):
    (tmp_path / "findings.json").write_text('{"schema": 99, "client": "a secret answer"}', encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        publish(tmp_path, tmp_path / "site")
    assert "secret" not in str(caught.value)


def test_a_file_is_no_folder(run_folder, tmp_path):
    (tmp_path / "site").write_text("", encoding="utf-8")
    with pytest.raises(ParamsError):
        publish(run_folder, tmp_path / "site")


def test_a_place_that_cannot_be_written_is_a_mistake_with_a_mend(run_folder, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ParamsError, match="cannot be written there"):
        publish(run_folder, tmp_path / "file" / "site")
    (tmp_path / "site" / "method.html").mkdir(parents=True)
    with pytest.raises(ParamsError, match="cannot be written there"):
        publish(run_folder, tmp_path / "site")
    assert [path.name for path in (tmp_path / "site").iterdir() if path.name != "method.html"] in ([], ["history.html"])
