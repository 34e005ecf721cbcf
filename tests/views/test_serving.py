"""What is in force, asked of the real server."""

from __future__ import annotations

import http.client
import json
import re
import socket
import uuid
from urllib.parse import urlsplit

import pytest

from cxlib.errors import ParamsError
from cxlib.views import serve
from cxlib.views.serving import settings

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def ask(server):
    """Ask the server for a path, with or without the token; answers (status, headers, text)."""
    parts = urlsplit(server)
    token = parts.query.removeprefix("token=")

    def get(path: str, *, known: bool = True, method: str = "GET", host: str | None = None):
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=90)
        headers = {"Authorization": f"token {token}"} if known else {}
        if host:
            headers["Host"] = host
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, dict(answer.getheaders()), text

    return get


def test_it_listens_on_this_machine_alone(server):
    parts = urlsplit(server)
    assert parts.hostname == "127.0.0.1"
    others = {
        info[4][0]
        for info in socket.getaddrinfo(socket.gethostname(), parts.port, socket.AF_INET, socket.SOCK_STREAM)
        if not info[4][0].startswith("127.")
    }
    for address in others:
        with socket.socket() as other:
            other.settimeout(3)
            assert other.connect_ex((address, parts.port)) != 0


def test_the_address_holds_a_long_token(server):
    assert re.fullmatch(r"token=[\w-]{32}", urlsplit(server).query)


@pytest.mark.parametrize("path", ["/", "/voila/render/findings.ipynb", "/voila/render/history.ipynb", "/?token=wrong"])
def test_without_the_token_a_refusal_in_words(ask, path):
    status, headers, text = ask(path, known=False)
    assert status == 403
    assert "Location" not in headers
    assert "kèm mã truy cập" in text
    assert "with its token" in text
    assert "Traceback" not in text


def test_the_token_leads_on_to_the_findings(ask):
    status, headers, _ = ask("/")
    assert status == 302
    assert headers["Location"] == "/voila/render/findings.ipynb"
    assert "token" not in headers["Location"]


def test_kernels_are_closed_to_a_stranger(ask):
    kernel = uuid.uuid4()
    assert ask(f"/api/kernels/{kernel}", known=False)[0] == 403
    assert ask(f"/api/kernels/{kernel}/channels", known=False)[0] in (400, 403)
    assert ask(f"/voila/api/shutdown/{kernel}", known=False, method="POST")[0] == 403


def test_no_list_of_notebooks_no_contents_no_form(ask):
    for path in (
        "/voila/tree",
        "/voila/tree/",
        "/voila/api/contents",
        "/api/contents",
        "/login",
        "/api/me",
        "/api/kernels",
    ):
        status, _, text = ask(path)
        assert status == 404, path
        assert "ipynb" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/drawing.svg",
        "/voila/files/picture.png",
        "/voila/files/table.csv",
        "/voila/files/.hidden.svg",
        "/voila/files/findings.ipynb",
        "/voila/files/../findings.json",
        "/voila/files/%2e%2e/findings.json",
        "/files/drawing.svg",
        "/voila/static/../../../../../../../etc/passwd",
        "/voila/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/voila/templates/cx/static/../../../../../../../../../../etc/passwd",
        "/voila/render/../findings.ipynb",
        "/voila/render/..%2f..%2fother%2fviews%2ffindings.ipynb",
        "/voila/render/%2fetc%2fpasswd",
        "/voila/render/drawing.svg",
        "/voila/render/other.ipynb",
        "/etc/passwd",
    ],
)
def test_nothing_beside_the_two_pages_is_served(ask, path):
    status, headers, text = ask(path)
    assert status in (400, 403, 404), path
    assert "secret" not in text
    assert "root:" not in text
    assert "Location" not in headers


def test_another_notebook_in_the_folder_is_not_run(ask, run_folder):
    page = (run_folder / "views" / "method.ipynb").read_text(encoding="utf-8")
    (run_folder / "views" / "another.ipynb").write_text(page, encoding="utf-8")
    assert ask("/voila/render/another.ipynb")[0] == 404


def test_a_visitor_chooses_neither_template_nor_theme(ask, document):
    status, headers, text = ask('/voila/render/findings.ipynb?template=lab&theme="><script>alert(1)</script>')
    assert status == 200
    assert "alert(1)" not in text.replace("&lt;script&gt;alert", "").split("cx-card")[0]
    assert not re.search(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", text)
    assert text.count('<article class="cx-card') == len(document.findings)
    assert '<html lang="vi"' in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert f"<title>{document.title.vi}" in text
    assert "Phần chọn sắp dùng được" in text
    assert "The choices work in a moment" in text


def test_a_name_of_another_site_is_refused(ask):
    assert ask("/", host="evil.example")[0] == 403


def test_an_unknown_address_is_told_to_people(ask):
    status, _, text = ask("/somewhere?x=<script>alert(1)</script>")
    assert status == 404
    assert "Không có trang này." in text
    assert "alert(1)" not in text
    assert "http" not in text.replace("text/html", "")


def test_a_failing_kernel_takes_nothing_from_the_page(ask, run_folder, document):
    """The notebook breaks while the server runs: the page stays, and what the kernel brings shows no line of code."""
    page = run_folder / "views" / "findings.ipynb"
    whole = page.read_text(encoding="utf-8")
    broken = json.loads(whole)
    broken["cells"][-1]["source"] = "raise ValueError('the secret answer')"
    page.write_text(json.dumps(broken), encoding="utf-8")
    try:
        status, _, text = ask("/voila/choices/findings.ipynb")
        _, _, prepared = ask("/voila/render/findings.ipynb")
    finally:
        page.write_text(whole, encoding="utf-8")
    assert status == 200
    assert "cx-widgets" not in text
    assert "Không phải do bạn." in text
    assert "Nothing is wrong on your side." in text
    assert "the secret answer" not in text
    assert "ValueError" not in text
    assert "show_tracebacks" not in text
    assert prepared.count('<article class="cx-card') == len(document.findings)


def test_a_page_waits_for_no_kernel(ask, run_folder):
    """The notebooks are taken away while the server runs: all three pages are there as before."""
    views, away = run_folder / "views", run_folder / "away"
    views.rename(away)
    try:
        for name in ("findings", "history", "method"):
            status, headers, text = ask(f"/voila/render/{name}.ipynb")
            assert status == 200
            assert "</html>" in text
            assert headers["Cache-Control"] == "no-store"
    finally:
        away.rename(views)


def test_a_kernel_brings_the_choices_and_nothing_else(ask):
    status, headers, text = ask("/voila/choices/findings.ipynb")
    assert status == 200
    assert text.count("application/vnd.voila.cell-output+json") == 2
    assert "cx-card" not in text
    assert re.search(r'data-kernel="[0-9a-f-]{36}"', text)
    assert "no-store" in headers["Cache-Control"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_the_choices_are_closed_to_a_stranger(ask):
    assert ask("/voila/choices/findings.ipynb", known=False)[0] == 403
    for path in ("/voila/choices/method.ipynb", "/voila/choices/another.ipynb", "/voila/choices/"):
        assert ask(path)[0] == 404


def test_every_setting_is_said(run_folder):
    config = settings(run_folder / "views", 0, "x")
    assert config.Voila.root_dir == str(run_folder / "views")
    assert config.Voila.config_file_paths == []
    assert config.VoilaConfiguration.file_allowlist == []
    assert config.VoilaConfiguration.preheat_kernel is False
    assert config.VoilaConfiguration.progressive_rendering is False
    kernels = config.MappingKernelManager
    assert kernels.cull_connected is True
    assert kernels.cull_busy is True
    # A connection that broke without a word is noticed by two pings; then the kernel's time; then the next look.
    noticed = (
        config.Voila.tornado_settings["ws_ping_interval"] + config.Voila.tornado_settings["ws_ping_timeout"]
    ) / 1000
    assert kernels.cull_idle_timeout >= 60
    assert noticed + kernels.cull_idle_timeout + kernels.cull_interval <= 300
    assert config.VisitorKernels.reading_seconds == 20 * 60
    assert config.AsyncKernelManager.transport_encryption == "auto"


def test_every_setting_is_known_to_voila(run_folder):
    """A trait that a later version renames would be ignored in silence."""
    from jupyter_client.manager import AsyncKernelManager, KernelManager
    from jupyter_server.services.contents.manager import ContentsManager
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from voila.app import Voila
    from voila.configuration import VoilaConfiguration
    from voila.execute import VoilaExecutor

    from cxlib.views.visitors import VisitorKernels

    owners = {
        owner.__name__: owner
        for owner in (
            AsyncKernelManager,
            ContentsManager,
            KernelManager,
            MappingKernelManager,
            VisitorKernels,
            Voila,
            VoilaConfiguration,
            VoilaExecutor,
        )
    }
    config = settings(run_folder / "views", 0, "x")
    for owner, traits in config.items():
        assert set(traits) <= set(owners[owner].class_trait_names()), owner


def test_a_run_without_pages_is_a_mistake_with_a_mend(tmp_path):
    with pytest.raises(ParamsError) as caught:
        serve(tmp_path)
    assert "cx run" in str(caught.value)


def test_a_taken_port_is_a_mistake_with_a_mend(run_folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ParamsError) as caught:
            serve(run_folder, port=taken.getsockname()[1])
    assert "port" in str(caught.value)
