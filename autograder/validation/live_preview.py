"""A preview that loads itself again: its folder of pages, served to this machine's browser alone.

The pages stay as they are, policy and all. They are shown in a frame, and the page around it asks twice a second
whether they were written again. The server listens at 127.0.0.1 only, answers nobody who does not know the random word
in the path, and gives nothing but the pages of that one folder.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from autograder.pages.templates import render
from autograder.validation.preview import INDEX

_PAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.html")
ASKED = "made"  # the path that says how often the pages were written


class LivePreview:
    """Hold what is served. address: for the browser; `written()` is called whenever the pages were written."""

    def __init__(self, folder: Path, title: str) -> None:
        self.folder = folder
        self.title = title
        self.made = 0
        self.word = secrets.token_urlsafe(24)
        self.address = ""

    def written(self) -> None:
        """Let what is open in a browser load itself again."""
        self.made += 1

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, type and body for the path of a request."""
        _, word, name = path.split("?")[0].split("/", 2) if path.count("/") >= 2 else ("", "", "")
        if not hmac.compare_digest(word.encode(), self.word.encode()):
            return HTTPStatus.NOT_FOUND, "text/plain", b""
        if name == ASKED:
            return HTTPStatus.OK, "text/plain", str(self.made).encode()
        if name == "":
            allows = "frame-src 'self'; connect-src 'self'"
            frame = render("live.html", sheets=("live.css",), script="live.js", allows=allows, title=self.title,
                           page=INDEX, made=self.made)  # fmt: skip
            return HTTPStatus.OK, "text/html", frame.encode()
        if _PAGE.fullmatch(name) and (self.folder / name).is_file():
            return HTTPStatus.OK, "text/html", (self.folder / name).read_bytes()
        if _PAGE.fullmatch(name):  # of a variant that is gone
            return HTTPStatus.FOUND, INDEX, b""
        return HTTPStatus.NOT_FOUND, "text/plain", b""


@contextmanager
def served(folder: Path, title: str) -> Iterator[LivePreview]:
    """Serve the pages of a folder during the block, at a free port of 127.0.0.1. Raises OSError if there is none."""
    live = LivePreview(folder, title)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Host") != host:  # a name that somebody lets point here
                self.send_error(HTTPStatus.FORBIDDEN)
                return
            status, kind, body = live.answer(self.path)
            self.send_response(status)
            if status is HTTPStatus.FOUND:
                self.send_header("Location", kind)
            else:
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
            for name, value in (("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                                ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff")):  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the terminal belongs to what the author reads."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = f"127.0.0.1:{server.server_address[1]}"
    live.address = f"http://{host}/{live.word}/"
    thread = Thread(target=server.serve_forever, name="preview", daemon=True)
    thread.start()
    try:
        yield live
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
