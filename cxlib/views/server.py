"""Voila, with the doors that these pages do not need walled up. Imported by `serving` alone: it takes seconds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from jupyterlab_server.themes_handler import ThemesHandler
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.web import HTTPError, authenticated
from voila import __version__ as voila_version
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.notebook_renderer import NotebookRenderer
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.utils import get_page_config

from cxlib.views.live import LivePage
from cxlib.views.material import Material
from cxlib.views.prepared import Frame, Packed, frame, prepare
from cxlib.views.say import Said, say
from cxlib.views.scripts import Scripts, extension_files, static_files

# What a live page needs of Voila beside itself. Its lists of notebooks, its contents interface, its log-in page, its
# files and its renderer of any notebook are left out by not being named here; without a live page, these are too.
FOR_KERNELS = (KernelHandler, VoilaKernelWebsocketHandler, ThemesHandler, VoilaShutdownKernelHandler)

TO_ITS_KERNEL = 'id="jupyter-config-data"'  # in a page that talks with its kernel: the template says so for widgets
KEPT_BY_BROWSERS = "private, max-age=31536000, immutable"
# ipywidgets' loader compiles its templates; a cell may show a script of its own.
LIVE_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HTML = "text/html; charset=utf-8"

MESSAGES = {403: "page_denied", 404: "page_absent"}


def message(status: int) -> Said:
    """What an error page says."""
    return say(MESSAGES.get(status, "page_error"))


class Refusing:
    """Without the token: a refusal in words, and no form to try tokens in."""

    def get_login_url(self) -> str:
        raise HTTPError(403)


class Sending(Refusing, BaseVoilaHandler):
    """What is in memory already."""

    def send(self, item: Packed) -> None:
        """Send it, packed to whom can unpack it."""
        body, packed = item.for_browser(self.request.headers.get("Accept-Encoding", ""))
        self.set_header("Vary", "Accept-Encoding")
        if packed:
            self.set_header("Content-Encoding", "gzip")
        self.finish(body)


class Script(Sending):
    """One of the files that a live page with widgets loads."""

    def initialize(self, files: Scripts, **given) -> None:
        """`files` by name."""
        super().initialize(**given)
        self.files = files

    @authenticated
    async def get(self, name: str) -> None:
        if name not in self.files:
            raise HTTPError(404)
        self.set_header("Content-Type", self.files.kind(name))
        self.set_header("Cache-Control", KEPT_BY_BROWSERS)
        self.send(self.files.read(name))


class Page(Sending):
    """One of the run's pages: as it was prepared, or from a kernel of the visitor's own."""

    def initialize(self, pages: dict[str, Packed], frames: dict[str, Frame], make: Callable, **given) -> None:
        """Pages and frames by name; `make` makes Voila's renderer of a notebook."""
        super().initialize(**given)
        self.pages, self.frames, self.make = pages, frames, make
        self.gone = False

    def on_connection_close(self) -> None:
        """A visitor who left before it was their turn needs no kernel."""
        self.gone = True

    @authenticated
    async def get(self, name: str) -> None:
        self.set_header("Content-Type", HTML)
        if name in self.frames:
            await self._show_live(name)
        elif name in self.pages:
            self.send(self.pages[name])
        else:
            raise HTTPError(404)

    async def _show_live(self, name: str) -> None:
        self.set_header("Content-Security-Policy", LIVE_POLICY)
        self._say(self.frames[name].before)
        try:
            async with self.kernel_manager.starting:
                if not self.gone:
                    await self._run(f"{name}.ipynb")
        except Exception:  # the page has begun: what stopped it goes to the log, and to the visitor in words
            self.log.exception("The live page %r could not be shown", name)
            self._say(self.frames[name].failed)
        self._say(self.frames[name].after)

    async def _run(self, file: str) -> None:
        """What the notebook shows, cell by cell.

        Voila's own handler does this in a task of which it hears no more when it fails, and waits for ever.
        """
        renderer = self.make(request_handler=self, notebook_path=file)
        await renderer.initialize()
        number = await self.kernel_manager.start_kernel(
            kernel_name=renderer.notebook.metadata.kernelspec.name,
            path="",
            env={**os.environ, "SERVER_SOFTWARE": f"voila/{voila_version}"},
        )
        needed = False
        try:
            async for html, _ in renderer.generate_content_generator(number, self.kernel_manager.get_kernel(number)):
                self._say(html)
                needed = needed or TO_ITS_KERNEL in html
        finally:
            if self.gone or not needed:
                with suppress(Exception):  # it has died before
                    await self.kernel_manager.shutdown_kernel(number, now=True)

    def _say(self, html: bytes | str) -> None:
        if not self.gone:
            self.write(html)
            self.flush()


class Start(Refusing, BaseVoilaHandler):
    """The address that is handed out: takes the token, keeps it as a cookie, and goes on without it."""

    async def get(self) -> None:
        self.redirect(url_path_join(self.base_url, "voila", "render", "findings.ipynb"))


class Nothing(Refusing, BaseVoilaHandler):
    """Every other address."""

    async def get(self) -> None:
        raise HTTPError(404)


class Pages(Voila):
    """Voila for the pages of one run."""

    ready: Callable[[str], None]
    material: Material
    live: tuple[LivePage, ...] = ()
    ioloop: IOLoop | None = None

    def start(self) -> None:
        """Serve until stopped; its temporary folder goes in any case, also when it never came to listen."""
        try:
            super().start()
        finally:
            if self.connection_dir:
                shutil.rmtree(self.connection_dir, ignore_errors=True)

    def _handle_signal_stop(self, sig, frame) -> None:
        if self.ioloop is None:  # Voila would look for its loop in vain
            raise KeyboardInterrupt
        super()._handle_signal_stop(sig, frame)

    def init_settings(self) -> dict:
        """As Voila's, with the words of the error pages."""
        known = super().init_settings()
        known["voila_jinja2_env"].globals["cx_message"] = message
        return known

    def init_handlers(self) -> list:
        """The pages by name, prepared before anybody can ask; and what live pages need, where there are any."""
        own = {"voila_configuration": self.voila_configuration}
        pages = own | {
            "pages": prepare(self.material, self.live),
            "frames": {page.name: frame(self.material, page, self.live) for page in self.live},
            "make": self._renderer,
        }
        voilas = super().init_handlers()
        return [
            *(self._for_kernels(voilas, own) if self.live else ()),
            (url_path_join(self.server_url, r"/voila/render/([^/]+)\.ipynb"), Page, pages),
            (self.server_url, Start, own),
            (url_path_join(self.server_url, r"/.*"), Nothing, own),
        ]

    def _for_kernels(self, voilas: list, own: dict) -> list:
        kept = [handler for handler in voilas if handler[1] in FOR_KERNELS]
        self._addresses: dict[str, str] = {}
        for name, files in (
            ("static", static_files(self.static_paths)),
            ("labextensions", extension_files(self.labextensions_path)),
        ):
            address = url_path_join(self.base_url, "voila", name, files.version)
            kept.append((url_path_join(address, "(.*)"), Script, own | {"files": files}))
            self._addresses[name] = address
        return kept

    def _renderer(self, **given) -> NotebookRenderer:
        """Voila's renderer of a notebook, told where this server has the files that Voila looks for."""
        addresses = {
            "fullStaticUrl": self._addresses["static"],
            "fullLabextensionsUrl": self._addresses["labextensions"],
        }
        configuration = get_page_config(
            base_url=self.base_url,
            settings=self.app.settings,
            log=self.log,
            voila_configuration=self.voila_configuration,
        )
        return NotebookRenderer(
            voila_configuration=self.voila_configuration,
            traitlet_config=self.config,
            template_paths=self.template_paths,
            config_manager=self.config_manager,
            contents_manager=self.contents_manager,
            kernel_spec_manager=self.kernel_spec_manager,
            base_url=self.base_url,
            page_config=configuration | addresses,
            **given,
        )

    def listen(self) -> None:
        """Take the port, tell the address, and work until stopped."""
        sockets = bind_sockets(self.port, self.ip)
        self.port = sockets[0].getsockname()[1]
        HTTPServer(self.app).add_sockets(sockets)
        query = f"?token={quote(self.token, safe='')}" if self.token else ""
        self.ioloop = IOLoop.current()
        self.ioloop.add_callback(self.ready, f"http://{self.ip}:{self.port}{self.base_url}{query}")
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()
