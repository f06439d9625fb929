"""Signed notes and checkpoints as C2SP defines them: small texts that anyone can keep, compare and verify.

See the C2SP specifications signed-note and tlog-checkpoint. Only Ed25519 (signature type 0x01) is used.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = b"\x01"
DASH: Final = "\N{EM DASH} "
MOST: Final = 100  # signatures of a note, as Go's reader has it: each costs a verification, also the same one again


class BadNote(Exception):
    """A text that is no signed note, no checkpoint, no key, or not signed by the key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key with its name, as C2SP's vkey hands it out; subclasses say the type of what it signs."""

    TYPE: ClassVar[bytes]

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line names its key."""
        return sha256(self.name.encode() + b"\n" + self.TYPE + self.key).digest()[:4]

    @property
    def identity(self) -> str:
        """Name and key id, joined by `+`."""
        return f"{self.name}+{self.key_id.hex()}"

    def __str__(self) -> str:
        """As it is handed out: name, key id and key, joined by `+`."""
        return f"{self.identity}+{base64.b64encode(self.TYPE + self.key).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as handed out. Raises BadNote."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise BadNote(f"no public key: {error}") from None
        public = cls(name, key[1:])
        if key[:1] != cls.TYPE or len(key) != 33 or not is_name(name) or public.key_id.hex() != key_id:
            raise BadNote(f"no Ed25519 key of type {cls.TYPE[0]}, or its key id does not fit it")
        return public


class Verifier(PublicKey):
    """The public key of who signs notes."""

    __slots__ = ()
    TYPE = ED25519


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """The public key that goes with it."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def __str__(self) -> str:
        """As it is kept: never show it."""
        seed = base64.b64encode(ED25519 + self.key.private_bytes_raw()).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{seed}"

    @classmethod
    def generate(cls, name: str) -> Signer:
        """A new key. Raises BadNote where the name is none."""
        if not is_name(name):
            raise BadNote("a key's name has no spaces and no plus sign, and is not empty")
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read a key as kept. Raises BadNote, which never shows the key."""
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"] or not is_name(parts[2]):
            raise BadNote("no signing key")
        try:
            seed = base64.b64decode(parts[4], validate=True)
        except binascii.Error:
            raise BadNote("no signing key: it is not base64") from None
        if seed[:1] != ED25519 or len(seed) != 33:
            raise BadNote("no Ed25519 signing key")
        signer = cls(parts[2], Ed25519PrivateKey.from_private_bytes(seed[1:]))
        if signer.verifier.key_id.hex() != parts[3]:
            raise BadNote("the signing key's id does not fit it")
        return signer


def is_name(name: str) -> bool:
    """Whether a key may have this name: not empty, without spaces and plus signs."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def sign(text: str, signer: Signer) -> str:
    """The text as a signed note. The text ends with a line feed."""
    if not text.endswith("\n"):
        raise BadNote("a note's text ends with a line feed")
    signature = base64.b64encode(signer.verifier.key_id + signer.key.sign(text.encode())).decode()
    return f"{text}\n{DASH}{signer.name} {signature}\n"


def opened(note: str, verifier: Verifier) -> str:
    """The text of a note that this key has signed; signatures by others are passed over. Raises BadNote."""
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise BadNote("no signed note")
    if signatures.count("\n") > MOST:
        raise BadNote(f"more than {MOST} signatures")
    text += "\n"
    signed = False
    for line in signatures[:-1].split("\n"):
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise BadNote(f"no signature: {error}") from None
        if not line.startswith(DASH) or not is_name(name) or len(signature) < 5:
            raise BadNote("no signature line")
        if name != verifier.name or signature[:4] != verifier.key_id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(verifier.key).verify(signature[4:], text.encode())
        except InvalidSignature:
            raise BadNote(f"the signature of {name} is false") from None
        signed = True
    if not signed:
        raise BadNote(f"not signed by {verifier.name}")
    return text


def signers(note: str) -> list[str]:
    """Who signed a note by its own account, unverified: name and key id, joined by `+`. Raises BadNote."""
    _, separator, signatures = note.rpartition("\n\n")
    if not separator or signatures.count("\n") > MOST:
        raise BadNote("no signed note")
    named: list[str] = []
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        try:
            named.append(f"{name}+{base64.b64decode(encoded, validate=True)[:4].hex()}")
        except binascii.Error as error:
            raise BadNote(f"no signature: {error}") from None
    return named


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: whose it is, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text; further lines are extensions and passed over. Raises BadNote."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not lines[1].isascii() or not lines[1].isdecimal():
            raise BadNote("no checkpoint")
        if lines[1] != str(int(lines[1])):
            raise BadNote("no checkpoint: its size has leading zeros")
        try:
            root = base64.b64decode(lines[2], validate=True)
        except binascii.Error as error:
            raise BadNote(f"no checkpoint: {error}") from None
        if len(root) != 32:
            raise BadNote("no checkpoint: its root is no SHA-256 hash")
        return cls(lines[0], int(lines[1]), root)
