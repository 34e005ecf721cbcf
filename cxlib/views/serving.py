"""Serve one run's pages with Voila, on this machine only, every setting said here."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxlib.errors import ParamsError
from cxlib.views.live import live_pages
from cxlib.views.material import HOME, read_material
from cxlib.views.rendering import PAGES, script_policy
from cxlib.views.say import say
from cxlib.views.scripts import EXTENSIONS

ADDRESS = "127.0.0.1"
SHARE = Path(__file__).parent / "share"  # where Voila finds the template named `cx`

# Of live pages alone. Closing the tab stops no kernel. What a kernel outlives its reader by stays under five minutes, a
# connection that broke without a word (noticed after one minute) and the time between two looks included.
LEFT_SECONDS = 200
READING_SECONDS = 20 * 60  # an open page whose widgets nobody touches
LOOK_EVERY_SECONDS = 30
CELL_SECONDS = 120  # a page reads what the run has computed; longer means that something hangs

# Of a page that was prepared, and of what is told when there is none: their own script runs and nothing is loaded, no
# other page may put this one in a frame. A live page has a policy of its own.
POLICY = "; ".join(
    [
        "default-src 'none'",
        script_policy(),
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def serve(
    run_folder: str | Path,
    *,
    port: int = 0,
    token: str | None = None,
    open_browser: bool = False,
    announce: Callable[[str], None] | None = None,
    left_seconds: int = LEFT_SECONDS,
    look_every_seconds: int = LOOK_EVERY_SECONDS,
) -> None:
    """Serve a run's pages until interrupted.

    Parameters
    ----------
    run_folder : str or Path
        A finished run; only its pages can be seen: the three, and the live ones of its `views/` (`live_pages`), as
        they are when the server starts.
    port : int
        0 takes any free port.
    token : str, optional
        What a visitor must know. One is drawn by default; the empty string turns it off.
    open_browser : bool
        Open the page once it can be read.
    announce : callable, optional
        Called once with the whole address, token included, when the server listens; printed by default.
    left_seconds : int
        How long the kernel of a live page outlives its reader.
    look_every_seconds : int
        How often it is looked which kernels have no reader any more.

    Raises
    ------
    ParamsError
        The folder is no run with pages, or the port is taken.
    """
    folder = Path(run_folder).resolve()  # `latest` may move on while this run is served
    views = folder / "views"
    missing = [f"{page}.ipynb" for page in PAGES if not (views / f"{page}.ipynb").is_file()]
    if missing:
        raise ParamsError(
            "The run has no pages to serve.", where="views/" + ", ".join(missing), how="Run the client with cx run."
        )
    material, live = read_material(folder), live_pages(folder)
    token = secrets.token_urlsafe(24) if token is None else token
    with _environment(folder):
        if live:
            _warm_up()  # while Voila is imported here
        from cxlib.views.server import Pages

        config = settings(
            views,
            port,
            token,
            language=material.document.language_default,
            left_seconds=left_seconds,
            every_seconds=look_every_seconds,
        )
        server = Pages(config=config)
        server.material, server.live = material, live
        server.ready = announce or (lambda address: print(address, flush=True))
        if open_browser:
            server.ready = _also_open(server.ready)
        server.initialize([])
        try:
            server.start()
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise ParamsError(
                "The port cannot be used.", where=f"port {port}", how="Name another port, or none to take a free one."
            ) from None


def _also_open(announce: Callable[[str], None]) -> Callable[[str], None]:
    def both(address: str) -> None:
        announce(address)
        webbrowser.open(address)

    return both


def _warm_up() -> None:
    """Start the warm parent, if kernels are forked here: the first visitor finds it ready."""
    from cxlib.kernels import spec

    if spec.installed_provisioner() != spec.PROVISIONER or not spec.is_registered():
        return
    from cxlib.kernels.client import NoWarmKernelError
    from cxlib.kernels.parents import warm_parent

    # Kernels start as usual otherwise, and the provisioner says why.
    with suppress(NoWarmKernelError, OSError):
        warm_parent(os.environ)


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """What Voila and the kernels find in the environment: the template's place, and the project's home."""
    known = {name: os.environ.get(name) for name in ("JUPYTER_PATH", HOME, "OMP_NUM_THREADS")}
    paths = [str(SHARE), *filter(None, [known["JUPYTER_PATH"]])]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    home = next((place.parent for place in folder.parents if place.name == "outputs"), None)
    if home is not None:
        os.environ.setdefault(HOME, str(home))
    try:
        yield
    finally:
        for name, value in known.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def settings(
    views: Path,
    port: int,
    token: str,
    *,
    language: str = "vi",
    left_seconds: int = LEFT_SECONDS,
    every_seconds: int = LOOK_EVERY_SECONDS,
):
    """Every setting of the server, as one traitlets Config; no file is read beside it.

    Parameters
    ----------
    views : Path
        The server's root: the run's view notebooks and nothing else.
    port : int
    token : str
    language : {'vi', 'en'}
        In which figures without a description are named.
    left_seconds, every_seconds : int
        How long a kernel outlives its reader, and how often it is looked.
    """
    from traitlets.config import Config

    failed = say("page_failed")
    config = Config()
    config.Voila.update(
        {
            "config_file_paths": [],  # a voila.json in the working directory has no say
            "root_dir": str(views),
            "ip": ADDRESS,
            "port": port,
            "token": token,
            "base_url": "/",
            "open_browser": False,
            "autoreload": False,
            "log_level": logging.ERROR,  # Voila warns at every visit that a notebook is not signed
            "tornado_settings": {
                "headers": HEADERS,
                "log_function": _log_without_query,
                # A name of another site that leads here (DNS rebinding) is refused; Voila itself would allow it.
                "allow_remote_access": False,
                "local_hostnames": ["localhost"],
                "allow_unauthenticated_access": False,
                # Milliseconds. Jupyter's own pair of values is one that Tornado complains of.
                "ws_ping_interval": 30_000,
                "ws_ping_timeout": 30_000,
            },
        }
    )
    config.VoilaConfiguration.update(
        {
            "template": "cx",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "theme": "light",
            "file_allowlist": [],
            "file_denylist": [".*"],
            "show_tracebacks": False,
            "strip_sources": True,
            "preheat_kernel": False,
            "progressive_rendering": False,
            "http_header_envs": [],
            "extension_language_mapping": {},
            "attempt_fix_notebook": True,
            "extension_allowlist": list(EXTENSIONS),
            "multi_kernel_manager_class": "cxlib.views.visitors.VisitorKernels",
            "resources": {
                "cx": {"failed": {"vi": failed.vi, "en": failed.en}, "picture": say("live_picture").get(language)}
            },
        }
    )
    config.VoilaExecutor.update(
        {
            "cell_error_instruction": f"{failed.vi} / {failed.en}",
            "cell_timeout_instruction": f"{failed.vi} / {failed.en}",
            "show_tracebacks": False,
            "timeout": CELL_SECONDS,
        }
    )
    config.MappingKernelManager.update(
        {
            "cull_idle_timeout": left_seconds,
            "cull_interval": every_seconds,
            "cull_connected": True,
            "cull_busy": True,  # what answers a reader is done in seconds; what is busy for minutes hangs
        }
    )
    config.VisitorKernels.reading_seconds = READING_SECONDS
    config.ContentsManager.allow_hidden = False
    config.KernelManager.transport_encryption = "auto"
    config.AsyncKernelManager.transport_encryption = "auto"
    return config


def _log_without_query(handler) -> None:
    """Failures alone are logged, and never the query, which may hold the token."""
    if handler.get_status() >= 500:
        request = handler.request
        logging.getLogger("tornado.access").warning("%d %s %s", handler.get_status(), request.method, request.path)
