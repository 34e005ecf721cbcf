"""What is in force, asked of the real server."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import uuid
from urllib.parse import quote, urlsplit

import pytest

from cxlib.errors import ParamsError
from cxlib.views import publish, serve
from cxlib.views.serving import settings

pytestmark = pytest.mark.kernel


def asking(address: str):
    """Ask a server for a path, with or without the token; answers (status, headers, text)."""
    parts = urlsplit(address)
    token = parts.query.removeprefix("token=")

    def get(path: str, *, known: bool = True, method: str = "GET", **more: str):
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=300)
        headers = {"Authorization": f"token {token}"} if known else {}
        connection.request(
            method, path, headers=headers | {name.replace("_", "-"): told for name, told in more.items()}
        )
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return answer.status, dict(answer.getheaders()), body.decode("utf-8", "replace")

    return get


@pytest.fixture(scope="module")
def ask(server):
    """Of the run as it was filled in."""
    return asking(server)


@pytest.fixture(scope="module")
def ask_live(live_server):
    """Of the run to which somebody has added."""
    return asking(live_server)


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


def test_kernels_are_closed_to_a_stranger(ask_live):
    kernel = uuid.uuid4()
    assert ask_live(f"/api/kernels/{kernel}", known=False)[0] == 403
    assert ask_live(f"/api/kernels/{kernel}/channels", known=False)[0] in (400, 403)
    assert ask_live(f"/voila/api/shutdown/{kernel}", known=False, method="POST")[0] == 403


def test_without_a_live_page_there_is_no_way_to_a_kernel_at_all(ask):
    kernel = uuid.uuid4()
    for path in (f"/api/kernels/{kernel}", f"/api/kernels/{kernel}/channels", "/voila/static/voila.js"):
        assert ask(path)[0] == 404
    assert ask(f"/voila/api/shutdown/{kernel}", method="POST")[0] in (403, 404, 405)


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
        "/voila/render/..%2ffindings.ipynb",
        "/voila/render/.ipynb",
        "/etc/passwd",
    ],
)
def test_nothing_beside_the_pages_is_served(ask, ask_live, path):
    for server in (ask, ask_live):
        status, headers, text = server(path)
        assert status in (400, 403, 404), path
        assert "secret" not in text
        assert "root:" not in text
        assert "Location" not in headers


def test_a_notebook_that_comes_while_the_server_runs_is_not_run(ask_live, live_run):
    page = (live_run / "views" / "method.ipynb").read_text(encoding="utf-8")
    late = live_run / "views" / "late.ipynb"
    late.write_text(page, encoding="utf-8")
    try:
        assert ask_live("/voila/render/late.ipynb")[0] == 404
    finally:
        late.unlink()


def test_a_visitor_chooses_neither_template_nor_theme(ask, document):
    status, headers, text = ask('/voila/render/findings.ipynb?template=lab&theme="><script>alert(1)</script>')
    assert status == 200
    assert "alert(1)" not in text.replace("&lt;script&gt;alert", "").split("cx-card")[0]
    assert not re.search(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", text)
    assert text.count('<article class="cx-card') == len(document.findings)
    assert '<html lang="vi"' in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert f"<title>{document.title.vi}" in text


def test_the_served_page_is_the_published_file_but_for_its_links(ask, run_folder, tmp_path):
    publish(run_folder, tmp_path)
    _, headers, text = ask("/voila/render/findings.ipynb", Accept_Encoding="gzip, br")
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in ask("/voila/render/findings.ipynb")[1]
    published = (tmp_path / "index.html").read_text(encoding="utf-8")
    for name in ("history", "method"):
        published = published.replace(f'"{name}.html"', f'"{name}.ipynb"')
    assert text.split() == published.split()


def test_a_name_of_another_site_is_refused(ask):
    assert ask("/", Host="evil.example")[0] == 403


def test_an_unknown_address_is_told_to_people(ask):
    status, _, text = ask("/somewhere?x=<script>alert(1)</script>")
    assert status == 404
    assert "Không có trang này." in text
    assert "alert(1)" not in text
    assert "http" not in text.replace("text/html", "")


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


def test_an_edited_page_shows_what_was_added_and_no_code(ask_live):
    status, headers, text = ask_live("/voila/render/method.ipynb")
    assert status == 200
    assert "All tests made" in text
    assert "A chart of my own" in text
    assert "told on my page" in text
    assert re.search(r'<img alt="Hình" src="data:image/png;base64,[A-Za-z0-9+/]{1000}', text)
    for unsaid in ("plt.plot", "print('told", "a path of this machine", 'cx-failed" role', "voila.js"):
        assert unsaid not in text
    assert headers["Cache-Control"] == "no-store"
    assert "connect-src 'self'" in headers["Content-Security-Policy"]
    assert text.rstrip().endswith("</html>")


def test_a_page_with_a_widget_loads_scripts_that_a_browser_may_keep(ask_live, odd_name):
    status, _, text = ask_live(f"/voila/render/{quote(odd_name)}.ipynb")
    assert status == 200
    assert "<script>alert" not in text.replace("<h1", "")[: text.index("<main")]
    script = re.search(r'<script src="(/voila/static/[0-9a-f]{16}/voila\.js)"', text)[1]
    status, headers, code = ask_live(script, Accept_Encoding="gzip")
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"].startswith("text/javascript")
    assert len(code) > 1000
    assert ask_live(script, known=False)[0] == 403
    assert ask_live(script.replace("voila.js", "../../../../etc/passwd"))[0] == 404


def test_further_pages_are_listed_and_their_names_are_text(ask_live, odd_name):
    _, _, text = ask_live("/voila/render/findings.ipynb")
    listed = re.search(r'<nav class="cx-more-pages".*?</nav>', text, re.DOTALL)[0]
    assert f'href="{quote(odd_name, safe="")}.ipynb"' in listed
    assert "Chi phí &lt;script&gt;alert(1)&lt;/script&gt;" in listed
    assert "method.ipynb" not in listed
    assert "cx-more-pages" not in ask_live("/voila/render/history.ipynb")[2].split("</style>")[1]


@pytest.mark.parametrize("name", ["fails", "broken"])
def test_a_live_page_that_fails_says_so_without_a_line_of_code(ask_live, name):
    status, _, text = ask_live(f"/voila/render/{name}.ipynb")
    assert status == 200
    assert "Không phải do bạn." in text
    assert "Nothing is wrong on your side." in text
    for unsaid in ("the secret answer", "ValueError", "Traceback", "JSON", "show_tracebacks"):
        assert unsaid not in text
    assert ("<pre>before" in text) == (name == "fails")
    assert text.rstrip().endswith("</html>")


def test_live_pages_are_closed_to_a_stranger(ask_live):
    for name in ("method", "fails"):
        assert ask_live(f"/voila/render/{name}.ipynb", known=False)[0] == 403


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


def test_a_taken_port_is_a_mistake_with_a_mend(run_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ParamsError) as caught:
            serve(run_folder, port=taken.getsockname()[1])
    assert "port" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
