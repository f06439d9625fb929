"""Checkpoints of the log: signed, issued, kept; and the keys that sign them.

The signing key comes from REGISTRY_SIGNING_KEY, else from the file `signing.key` under REGISTRY_HOME, made when first
needed. Its public half lies beside it in `signing.pub`: that is what an auditor keeps.
"""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from registry import settings
from registry.log import recorder, tree
from registry.log.notes import BadNote, Checkpoint, Signer, Verifier, opened, sign, signers

NAME: Final = "quanze"
RETIRED: Final = "retired.pub"
log = logging.getLogger("registry.log")


class NoKey(Exception):
    """There is no usable signing key."""

    code = "bad-key"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def signer(home: Path) -> Signer:
    """The key that signs this registry's checkpoints; made where there is none. Raises NoKey, never showing a key."""
    given = settings.SIGNING_KEY.read()
    if given:
        return _parsed(given, settings.SIGNING_KEY.name)
    file, public = home / "signing.key", home / "signing.pub"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if _never_filled(file, public):
            log.warning(
                "%s 是空的，尚未用它签过名，重新生成。 / %s is empty and signed nothing yet: made anew.", file, file
            )
            file.unlink()
        if not file.exists():
            _keep(f"{_generated()}\n", file)
        key = _parsed(file.read_text(encoding="ascii"), str(file))
        if not public.exists():  # before anything is signed: whose public key is there has signed
            _keep(f"{key.verifier}\n", public, 0o644)
    except (OSError, UnicodeDecodeError) as problem:
        raise NoKey(
            f"无法读写签名密钥 {file}：{problem}。请检查 REGISTRY_HOME 的权限，或设置 REGISTRY_SIGNING_KEY。",
            f"The signing key {file} cannot be read or made: {problem}. Check the permissions of REGISTRY_HOME, or set "
            "REGISTRY_SIGNING_KEY.",
        ) from None
    return key


def _generated() -> Signer:
    """A new key under the log's name. Raises NoKey where that is no name."""
    name = settings.LOG_NAME.read() or NAME
    try:
        return Signer.generate(name)
    except BadNote:
        raise NoKey(
            f"REGISTRY_LOG_NAME 不能含空格和加号：{name}",
            f"REGISTRY_LOG_NAME has no spaces and no plus sign: {name}",
        ) from None


def existing_verifier(home: Path) -> Verifier | None:
    """The public half of the key that signs here; None where none was made yet. Makes nothing. Raises NoKey."""
    if settings.SIGNING_KEY.read() or (home / "signing.key").exists():
        return signer(home).verifier
    return None


def _never_filled(file: Path, public: Path) -> bool:
    """Whether the key's file is what a full disk or a kill left of the first attempt to make one."""
    return file.exists() and file.stat().st_size == 0 and not public.exists()


def _keep(text: str, file: Path, mode: int = 0o600) -> None:
    """Write a new file, on disk before it has its name; where another process was faster, its file stays."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".signing-")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as output:
            output.write(text)
            output.flush()
            os.fsync(handle)
        unfinished.chmod(mode)
        with suppress(FileExistsError):
            os.link(unfinished, file)
    finally:
        unfinished.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parsed(text: str, source: str) -> Signer:
    try:
        return Signer.parse(text)
    except BadNote as problem:
        raise NoKey(
            f"{source} 中的签名密钥不可用（{problem}）。请恢复备份；换用新密钥须通知所有持有旧公钥的人。",
            f"The signing key in {source} cannot be used ({problem}). Restore it from a backup; a new key must be made "
            "known to all who hold the old public key.",
        ) from None


def issue(connection: psycopg.Connection, key: Signer) -> str:
    """A checkpoint of the log as it stands, signed and kept: one for each size and key, however often asked for."""
    with connection.transaction():
        size, _ = recorder.lock(connection)
        note = sign(str(Checkpoint(key.name, size, tree.root(connection, size))), key)
        connection.execute(
            "INSERT INTO log.checkpoint (size, note, issued_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (size, note, datetime.now(UTC)),
        )
    return note


def kept(connection: psycopg.Connection) -> list[str]:
    """All checkpoints issued so far, smallest first."""
    return [row[0] for row in connection.execute("SELECT note FROM log.checkpoint ORDER BY size, issued_at")]


def read(note: str, key: Verifier, *retired: Verifier) -> Checkpoint:
    """What a checkpoint says, if this key signed it, or one that signed here before. Raises BadNote."""
    signed = set(signers(note))
    before = next((each for each in retired if f"{each.name}+{each.key_id.hex()}" in signed), key)
    return Checkpoint.parse(opened(note, before))


def retired_verifiers(home: Path) -> list[Verifier]:
    """The keys that signed here before, of `retired.pub` beside the signing key, one a line. Raises BadNote."""
    file = home / RETIRED
    try:
        lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{file}: {problem}") from None
    return [Verifier.parse(line) for line in lines if line.strip()]
