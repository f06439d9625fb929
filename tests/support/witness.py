"""A witness of our own (C2SP tlog-witness): an ASGI application on a port, that can be told to misbehave."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.log import merkle
from registry.log.cosignatures import WitnessKey
from registry.log.notes import BadNote, Checkpoint, Verifier, opened
from registry.web.server import bound

Answer = tuple[int, str, str]  # status, content type, body


@dataclass
class OwnWitness:
    """A witness that knows logs by their origin, and has seen the largest checkpoint of each.

    `instead`: an answer that it gives whatever it is asked; `requests`: the bodies that it was sent.
    """

    name: str
    logs: dict[str, Verifier]
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    requests: list[str] = field(default_factory=list[str])
    instead: Answer | None = None
    url: str = ""

    @property
    def public(self) -> WitnessKey:
        return WitnessKey(self.name, self.key.public_key().public_bytes_raw())

    def cosign(self, text: str, seconds: int) -> str:
        """The signature line of a cosignature."""
        signature = self.key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        blob = self.public.key_id + seconds.to_bytes(8, "big") + signature
        return f"\N{EM DASH} {self.name} {base64.b64encode(blob).decode()}\n"

    def add_checkpoint(self, body: str) -> Answer:
        """What the specification (version 1.1) has a witness answer, in its order."""
        self.requests.append(body)
        if self.instead is not None:
            return self.instead
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        word, _, number = first.partition(" ")
        if word != "old" or not number.isdecimal() or number != str(int(number)) or len(proof) > 63:
            return 400, "text/plain", "malformed"
        old = int(number)
        steps = [base64.b64decode(step, validate=True) for step in proof]
        log = self.logs.get(note.partition("\n")[0])
        if log is None:
            return 404, "text/plain", "unknown origin"
        try:
            text = opened(note, log)
        except BadNote:
            return 403, "text/plain", "not signed"
        checkpoint = Checkpoint.parse(text)
        if old > checkpoint.size:
            return 400, "text/plain", "old size is larger"
        size, root = self.seen.get(checkpoint.origin, (0, merkle.root(0, lambda *_: [])))
        if old != size:
            return 409, "text/x.tlog.size", f"{size}\n"
        consistent = (
            not steps if old == 0 else merkle.verify_consistency(old, checkpoint.size, steps, root, checkpoint.root)
        )
        if not consistent:
            return 422, "text/plain", "inconsistent"
        self.seen[checkpoint.origin] = checkpoint.size, checkpoint.root
        return 200, "text/plain", self.cosign(text, int(time.time()))

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer POST …/add-checkpoint."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        known = scope["method"] == "POST" and scope["path"].endswith("/add-checkpoint")
        status, kind, text = self.add_checkpoint(body.decode()) if known else (404, "text/plain", "no such address")
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})


@contextmanager
def running(*witnesses: OwnWitness) -> Iterator[None]:
    """Have witnesses answer at ports of their own (`url`), in a thread; stopped at the end."""
    servers: list[tuple[uvicorn.Server, threading.Thread, Any]] = []
    try:
        for witness in witnesses:
            listening = bound("127.0.0.1", 0)
            witness.url = f"http://127.0.0.1:{listening.getsockname()[1]}/w"
            server = uvicorn.Server(uvicorn.Config(witness, lifespan="off", log_level="warning", access_log=False))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            servers.append((server, thread, listening))
        yield
    finally:
        for server, thread, listening in servers:
            server.should_exit = True
            thread.join(60)
            listening.close()
