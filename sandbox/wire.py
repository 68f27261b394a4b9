"""HTTP/1.1 on real sockets: keep-alive, and every way a connection can fail.

Written on ``http.server`` because werkzeug's own server closes each connection, and a client that pools
connections must meet a server that keeps them.
"""

import io
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug import Request, Response

from sandbox.clock import Clock

_LINGER_OFF = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Reply:
    """An answer and what the network does to it. Without ``response`` the connection is reset."""

    response: Response | None
    cut_after_bytes: int | None = None
    unframed: bool = False
    delay_s: float = 0.0


Answer = Callable[[Request], Reply]


class Listener(ThreadingHTTPServer):
    """One address; each connection has its own thread."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer, clock: Clock) -> None:
        self.answer = answer
        self.clock = clock
        super().__init__(("127.0.0.1", port), Conversation)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a fault of the sandbox and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Conversation(BaseHTTPRequestHandler):
    """The requests of one connection."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """``http.server`` looks for ``do_GET`` and its like; all methods go one way."""
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """The request log replaces it."""

    def version_string(self) -> str:
        return "sandbox"

    def _exchange(self) -> None:
        reply = self.server.answer(Request(self._environ(self._body())))
        if reply.response is None:
            self._reset()
        else:
            self._send(reply.response, reply)

    def _body(self) -> bytes:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": _unquoted(path),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            "wsgi.version": (1, 0),
            "werkzeug.socket": self.connection,
            "sandbox.header_bytes": sum(len(key) + len(value) + 4 for key, value in self.headers.items()),
        }
        for key, value in self.headers.items():
            name = "HTTP_" + key.upper().replace("-", "_")
            if name not in {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}:
                environ[name] = f"{environ[name]},{value}" if name in environ else value
        return environ

    def _send(self, response: Response, reply: Reply) -> None:
        body = b"" if self.command == "HEAD" else response.get_data()
        self.wfile.write(self._head(response, len(body), unframed=reply.unframed))
        self.wfile.write(body if reply.cut_after_bytes is None else body[: reply.cut_after_bytes])
        self.wfile.flush()
        if reply.unframed or reply.cut_after_bytes is not None:
            self.close_connection = True

    def _head(self, response: Response, length: int, *, unframed: bool) -> bytes:
        reason = (
            HTTPStatus(response.status_code).phrase if response.status_code in set(HTTPStatus) else "Unknown"
        )
        lines = [f"HTTP/1.1 {response.status_code} {reason}"]
        lines += [
            f"{key}: {value}" for key, value in response.headers.items() if key.lower() != "content-length"
        ]
        lines.append(f"Date: {format_datetime(self.server.clock.now(), usegmt=True)}")
        if unframed:
            lines.append("Connection: close")
        elif response.status_code != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _reset(self) -> None:
        """Close with RST, so that the client sees "connection reset by peer"."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
        self.close_connection = True
        self.connection.close()


def _unquoted(path: str) -> str:
    """The path as WSGI has it: percent-decoded bytes read as Latin-1."""
    return unquote_to_bytes(path).decode("latin-1")
