"""Voila, with the doors that these pages do not need walled up. Imported by `serving` alone: it takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from jupyterlab_server.themes_handler import ThemesHandler
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.web import HTTPError, authenticated
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import AllowListFileHandler, MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.utils import get_page_config

from cxlib.views.material import Material
from cxlib.views.prepared import prepare
from cxlib.views.rendering import PAGES
from cxlib.views.say import Said, say

# What a page needs of Voila beside itself. Its lists of notebooks, its contents interface, its log-in page and
# its renderer of any notebook are left out by not being named here.
NEEDED = (
    KernelHandler,
    VoilaKernelWebsocketHandler,
    MultiStaticFileHandler,
    ThemesHandler,
    VoilaShutdownKernelHandler,
    FileFindHandler,
    AllowListFileHandler,  # serves nothing: its list is empty
)

MESSAGES = {403: "page_denied", 404: "page_absent"}


def message(status: int) -> Said:
    """What an error page says."""
    return say(MESSAGES.get(status, "page_error"))


class Refusing:
    """Without the token: a refusal in words, and no form to try tokens in."""

    def get_login_url(self) -> str:
        raise HTTPError(403)


class Page(Refusing, BaseVoilaHandler):
    """One of the run's pages, as it was prepared; no kernel is asked."""

    def initialize(self, pages: dict[str, bytes], **given) -> None:
        """`pages` by name."""
        super().initialize(**given)
        self.pages = pages

    @authenticated
    async def get(self, page: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(self.pages[page])


class Choices(Refusing, TornadoVoilaHandler):
    """What a kernel of the visitor's own adds to a page that is read already."""

    def initialize(self, **given) -> None:
        """As Voila's."""
        super().initialize(**given)
        self.gone = False

    def on_connection_close(self) -> None:
        """A visitor who left before it was their turn needs no kernel."""
        self.gone = True

    @authenticated
    async def get(self, path: str) -> None:
        async with self.kernel_manager.starting:
            if self.gone:
                return
            self.set_header("Content-Type", "text/html; charset=utf-8")
            async for html in self.get_generator(path=path):
                # Voila says it again; a browser that has to find it out in the stream garbles what it read first.
                self.set_header("Content-Type", "text/html; charset=utf-8")
                if not self.gone:
                    self.write(html)


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
    pages: dict[str, bytes]

    def init_settings(self) -> dict:
        """As Voila's, with the words of the error pages; the pages are prepared here, before anybody can ask."""
        known = super().init_settings()
        known["voila_jinja2_env"].globals["cx_message"] = message
        configuration = get_page_config(
            base_url=self.base_url, settings=known, log=self.log, voila_configuration=self.voila_configuration
        )
        self.pages = prepare(self.material, known["voila_jinja2_env"], configuration)
        return known

    def init_handlers(self) -> list:
        """Only what is needed, and the pages by name."""
        kept = [handler for handler in super().init_handlers() if handler[1] in NEEDED]
        own = {"voila_configuration": self.voila_configuration}
        choices = own | {"template_paths": self.template_paths, "config": self.config}
        names = "|".join(PAGES)
        return [
            *kept,
            (url_path_join(self.server_url, rf"/voila/render/({names})\.ipynb"), Page, own | {"pages": self.pages}),
            (url_path_join(self.server_url, r"/voila/choices/(findings\.ipynb)"), Choices, choices),
            (self.server_url, Start, own),
            (url_path_join(self.server_url, r"/.*"), Nothing, own),
        ]

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
