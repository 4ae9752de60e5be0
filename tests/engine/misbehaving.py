"""An OpenAI-compatible server out of the standard library that misbehaves as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Answers ``/v1/models`` well, and each ``/v1/chat/completions`` by the next act of its server."""

    protocol_version = "HTTP/1.1"
    server: Misbehaving

    def log_message(self, *_given: object) -> None:
        pass

    def do_GET(self) -> None:
        found = self.server.pages.get(self.path)
        self.send_json(200 if found is not None else 404, found if found is not None else {"error": "not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            server.asked.append(body)
            server.keys.append(self.headers.get("Authorization", ""))
            server.under_way += 1
            server.most_under_way = max(server.most_under_way, server.under_way)
            act = server.acts.pop(0) if server.acts else server.otherwise
        try:
            act(self, body)
        except OSError:
            server.hung_up.set()
        finally:
            with server.lock:
                server.under_way -= 1

    def send_json(self, status: int, document: Any, **headers: str) -> None:
        self.send_body(status, json.dumps(document).encode("utf-8"), **headers)

    def send_body(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def send_piece(self, text: str) -> None:
        data = json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": None}]})
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()


class Misbehaving(ThreadingHTTPServer):
    """``acts`` are done in order, one a request, then ``otherwise``; ``pages`` are what GET finds."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.acts: list[Act] = []
        self.otherwise: Act = answer
        self.under_way = self.most_under_way = 0
        self.hung_up = threading.Event()
        self.pages: dict[str, Any] = {"/v1/models": {"data": [{"id": "m", "max_model_len": 4096}]}}
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def completion(text: str, **more: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"} | more
    return {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


def answer(handler: Handler, body: dict[str, Any]) -> None:
    """Say the question back."""
    said = f"You asked: {body['messages'][-1]['content']}"
    if not body.get("stream"):
        handler.send_json(200, completion(said))
        return
    handler.begin_stream()
    for word in said.split(" "):
        handler.send_piece(word + " ")
    last = json.dumps({"choices": [{"delta": {}, "finish_reason": "length"}]})
    handler.wfile.write(f": a comment\n\ndata: {last}\n\ndata: [DONE]\n\n".encode())


def status(number: int, document: Any = None, **headers: str) -> Act:
    """Refuse with a status."""
    return lambda handler, _body: handler.send_json(number, document or {"error": {"message": "no"}}, **headers)


def raw(body: bytes, length: int | None = None) -> Act:
    """Send exactly this as an answer."""
    return lambda handler, _body: handler.send_body(200, body, length)


def cut_stream(handler: Handler, _body: dict[str, Any]) -> None:
    """Begin to answer and hang up."""
    handler.begin_stream()
    handler.send_piece("half an ")


def hang_up(handler: Handler, _body: dict[str, Any]) -> None:
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.close()


def slow(seconds: float) -> Act:
    """Answer late."""

    def act(handler: Handler, body: dict[str, Any]) -> None:
        time.sleep(seconds)
        answer(handler, body)

    return act


def endless_stream(handler: Handler, _body: dict[str, Any]) -> None:
    """Go on until the asker hangs up."""
    handler.begin_stream()
    while True:
        handler.send_piece("on and ")
        time.sleep(0.01)
