"""An OpenID Connect provider of a county, started by a test: code flow with PKCE, whose mistakes the test chooses."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "quanze", "a secret of the provider's"
PAGE = "<!doctype html><title>provider</title><link rel=icon href=data:,>"


@dataclass
class IdentityProvider:
    """What it knows and does. `change`: claims that ID tokens have otherwise; `forge`: another's signature.

    `careless`: it takes a code again and again, whatever challenge and verifier. `says`: what it says of itself
    besides. `instead`: what a path answers otherwise, a status with headers and a body; `pause`: seconds before each of
    its bytes.
    """

    address: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    change: dict[str, Any] = field(default_factory=dict[str, Any])
    forge: bool = False
    down: bool = False
    careless: bool = False
    says: dict[str, Any] = field(default_factory=dict[str, Any])
    instead: dict[str, tuple[int, dict[str, str], bytes]] = field(
        default_factory=dict[str, tuple[int, dict[str, str], bytes]]
    )
    pause: float = 0.0
    paths: list[str] = field(default_factory=list[str])
    keys: list[RSAKey] = field(default_factory=list[RSAKey])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on, and offer no other."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"}, private=True)]

    def about(self) -> dict[str, Any]:
        return self.says | {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
        }

    def code(self, request: dict[str, str]) -> str:
        """Let the person log in who is named, and give where the browser goes then."""
        code = secrets.token_urlsafe(8)
        self.codes[code] = request
        return request["redirect_uri"] + "?" + urlencode({"code": code, "state": request["state"]})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What a code is exchanged for, once, by the right client with the verifier of its challenge."""
        basic = b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        request = self.codes.get(form.get("code", "")) if self.careless else self.codes.pop(form.get("code", ""), None)
        if authorization != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        challenge = create_s256_code_challenge(form.get("code_verifier", ""))
        if (
            request is None
            or request["redirect_uri"] != form.get("redirect_uri")
            or (request["code_challenge"] != challenge and not self.careless)
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": self.signed(request)}

    def signed(self, request: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": request["nonce"]}
        claims |= {"sub": f"sub-{request['person']}", "preferred_username": request["person"]}
        claims |= self.people.get(request["person"], {}) | self.change
        kept = {name: value for name, value in claims.items() if value is not None}
        key = RSAKey.generate_key(2048, private=True) if self.forge else self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": self.keys[0].kid}, kept, key)

    def answer(self, method: str, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """The status of an answer with its JSON, its page, or where it leads (beginning with http)."""
        parts = urlsplit(path)
        request = dict(parse_qsl(parts.query))
        self.paths.append(parts.path)
        if self.down:
            return 500, {}
        if parts.path == "/.well-known/openid-configuration":
            return 200, self.about()
        if parts.path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        if parts.path == "/token":
            return self.token(form, authorization)
        if parts.path == "/end":
            return 200, f"{PAGE}<p id=ended>{request.get('post_logout_redirect_uri', '')}</p>"
        if parts.path == "/authorize" and method == "POST":
            return 303, self.code(request | form)
        if parts.path == "/authorize" and request.get("code_challenge_method") == "S256":
            return 200, f"{PAGE}<form method=post><input name=person><button>go</button></form>"
        return 404, {}


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """A provider on a port of its own, in threads of the test process."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            if self.path.partition("?")[0] in provider.instead:
                self.answer_otherwise(*provider.instead[self.path.partition("?")[0]])
                return
            status, body = provider.answer(self.command, self.path, form, self.headers.get("authorization", ""))
            leads = isinstance(body, str) and status == 303
            content = b"" if leads else (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            if leads:
                self.send_header("Location", str(body))
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def answer_otherwise(self, status: int, headers: dict[str, str], body: bytes) -> None:
            provider.paths.append(self.path.partition("?")[0])
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the client lost its patience
                for start in range(0, len(body), 1 if provider.pause else len(body)):
                    time.sleep(provider.pause)
                    self.wfile.write(body[start : start + 1] if provider.pause else body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
