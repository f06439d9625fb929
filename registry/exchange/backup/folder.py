"""The folder of a backup: its files, and `backup.json`, which names them with their digests.

`log/FIRST-LAST.jsonl.gz`: decisions, one JSON object a line. `tables/STAMP/SCHEMA.TABLE.copy.gz`: rows of another
table as PostgreSQL's COPY writes them. Every file is written beside its name and renamed when it is on the disk;
`backup.json` comes last. So a folder with it is a whole backup at any moment, and one that was killed is gone on with.
"""

from __future__ import annotations

import gzip
import os
import stat
import tempfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar, Final, cast

import orjson
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from registry.log import merkle

FORMAT: Final = "quanze backup 1"
MANIFEST: Final = "backup.json"
LOCK: Final = "lock"
LOG: Final = "log"
TABLES: Final = "tables"
SEGMENT: Final = 50_000  # decisions of a file of the log
LEVEL: Final = 3  # of gzip: the log takes a fifth of its size
PIECE: Final = 1 << 20  # bytes
LARGEST: Final = 64 << 20  # bytes of backup.json: it has a few hundred for each file


UNREADABLE: Final = (OSError, EOFError, zlib.error)  # what reading a damaged compressed file raises


class BadBackup(Exception):
    """A folder that is no backup, is damaged, or is of another log."""

    code = "bad-backup"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


# As backup.json is read: what a damaged one says never reaches the database or another folder.
FileName = Annotated[str, StringConstraints(pattern=r"\A(log|tables/[0-9T]+)/[0-9A-Za-z_][0-9A-Za-z_.-]*\z")]
Identifier = Annotated[str, StringConstraints(pattern=r"\A[A-Za-z_][0-9A-Za-z_]{0,62}\z")]
Hexadecimal = Annotated[str, StringConstraints(pattern=r"\A[0-9a-f]{64}\z")]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Text = Annotated[str, StringConstraints(pattern=r"\A[^\x00]*\z")]
_AS_WRITTEN: Final = ConfigDict(strict=True, extra="forbid")
Migration = Annotated[list[Count | Text], Field(min_length=3, max_length=3)]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the backup: its name within the folder, its size in bytes, its SHA-256, and how many rows it has."""

    __pydantic_config__: ClassVar[ConfigDict] = _AS_WRITTEN
    name: FileName
    bytes: Count
    sha256: Hexadecimal
    rows: Count


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table other than the log's: its columns in the order of the file."""

    __pydantic_config__: ClassVar[ConfigDict] = _AS_WRITTEN
    schema: Identifier
    table: Identifier
    columns: list[Identifier]
    file: KeptFile


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, and by what a restored registry is compared with the one it was made of."""

    __pydantic_config__: ClassVar[ConfigDict] = _AS_WRITTEN
    format: str
    program: Text
    server: Text
    made_at: Text
    migrations: list[Migration]  # number, name and checksum of each
    position: Count
    root: Hexadecimal
    journal: Hexadecimal  # SHA-256 of the exported journal
    read_tables: dict[Text, Text]  # by name, how many rows and a sum of their hashes
    signed_by: list[Text]  # the keys that signed the checkpoints: name and key id
    not_kept: list[Text]  # tables left out
    log: list[KeptFile]
    tables: list[KeptTable]
    sequences: dict[Text, Count]  # by name, their last value

    def files(self) -> list[KeptFile]:
        """Every file that it names."""
        return [*self.log, *(table.file for table in self.tables)]


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A row of the log."""

    position: int
    type: str
    version: int
    data: bytes
    tags: Sequence[str]
    recorded_at: datetime
    recorded_by: str | None

    def leaf_hash(self) -> bytes:
        """The hash of its leaf, made anew."""
        day = merkle.day_of(self.data)
        return merkle.leaf_hash(
            merkle.leaf(self.position, self.type, self.version, day, self.data, self.recorded_at, self.recorded_by)
        )

    def line(self) -> bytes:
        """As it stands in a file. Its data is a text within the line, for the leaf is made of its very bytes."""
        fields = {
            "position": self.position,
            "type": self.type,
            "version": self.version,
            "recorded_at": self.recorded_at.isoformat(),
            "recorded_by": self.recorded_by,
            "tags": list(self.tags),
            "data": self.data.decode(),
        }
        return orjson.dumps(fields) + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> StoredDecision:
        """Read a line. Raises ValueError, KeyError or TypeError where it is none."""
        fields: Any = orjson.loads(line)
        recorded_at, data = datetime.fromisoformat(fields.pop("recorded_at")), fields.pop("data").encode()
        read = cls(data=data, recorded_at=recorded_at, **fields)
        by, tags = cast(Any, read.recorded_by), cast(Any, read.tags)
        if (type(read.position), type(read.version), type(read.type)) != (int, int, str) or (
            recorded_at.tzinfo is None
            or not (by is None or isinstance(by, str))
            or not (isinstance(tags, list) and all(isinstance(tag, str) for tag in cast("list[Any]", tags)))
        ):
            raise TypeError("a field of another type")
        return read


def segment_name(first: int, last: int) -> str:
    """The name of the file with these decisions."""
    return f"{LOG}/{first:010d}-{last:010d}.jsonl.gz"


def segments(position: int) -> list[tuple[int, int]]:
    """The first and last positions of each file of a log that ends there."""
    return [(first, min(first + SEGMENT - 1, position)) for first in range(1, position + 1, SEGMENT)]


class Digested:
    """A file that is being written, compressed, and digested as it lies on the disk."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw, self.digest, self.size = raw, sha256(), 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return self.raw.write(content)

    def flush(self) -> None:
        self.raw.flush()


@contextmanager
def compressed(folder: Path, name: str) -> Generator[tuple[gzip.GzipFile, Digested]]:
    """A new file of the backup to write into; it takes its name when it is whole and on the disk. Raises OSError."""
    target = folder / name
    for parent in reversed(Path(name).parents):  # each closed to others, which mkdir(parents=True) would not be
        (folder / parent).mkdir(mode=0o700, exist_ok=True)
    with durably(target) as file:
        digested = Digested(file)
        with gzip.GzipFile(filename="", fileobj=cast(Any, digested), mode="wb", mtime=0, compresslevel=LEVEL) as packed:
            yield packed, digested


@contextmanager
def durably(target: Path) -> Generator[BinaryIO]:
    """A file that only its owner reads, written beside its name and renamed when it is on the disk. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(handle)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    entry = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)


def decisions(folder: Path, name: str) -> Iterator[StoredDecision]:
    """The decisions of a file. Raises BadBackup."""
    try:
        with gzip.open(folder / name, "rb") as lines:
            for line in lines:
                yield StoredDecision.parse(line)
    except (*UNREADABLE, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise damaged(name, problem) from None


def check(folder: Path, kept: KeptFile) -> None:
    """Whether a file is as it was written. Raises BadBackup."""
    digest = sha256()
    try:
        if _plain(folder / kept.name) != kept.bytes:
            raise damaged(kept.name, ValueError("size"))
        with (folder / kept.name).open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except OSError as problem:
        raise damaged(kept.name, problem) from None
    if digest.hexdigest() != kept.sha256:
        raise damaged(kept.name, ValueError("SHA-256"))


def _plain(file: Path) -> int:
    """The size of a plain file, in bytes. Raises OSError, also where it is a pipe or a device: that may never end."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError("no plain file")
    return status.st_size


def damaged(name: str, problem: BaseException) -> BadBackup:
    """A file that cannot be used."""
    why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return BadBackup(f"备份文件 {name} 缺失或已损坏（{why}）。", f"The file {name} is missing or damaged ({why}).")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the files that it names the backup. Raises OSError."""
    with durably(folder / MANIFEST) as file:
        file.write(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2) + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """What a folder holds. Raises BadBackup."""
    try:
        if _plain(folder / MANIFEST) > LARGEST:
            raise ValueError("size")
        content = (folder / MANIFEST).read_bytes()
        given: Any = orjson.loads(content)
        if given["format"] != FORMAT:
            raise BadBackup(
                f"{folder} 的备份格式是“{given['format']}”，本程序读“{FORMAT}”。",
                f"{folder} has the format {given['format']}; this program reads {FORMAT}.",
            )
        return _MANIFEST.validate_json(content)
    except ValidationError as problem:
        wrong = problem.errors()[0]
        raise _unread(folder, f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _unread(folder, str(problem)) from None


def _unread(folder: Path, why: str) -> BadBackup:
    return BadBackup(
        f"{folder} 不是完整的备份（{MANIFEST} 读不出：{why}）。",
        f"{folder} is no complete backup ({MANIFEST} cannot be read: {why}).",
    )


_MANIFEST: Final = TypeAdapter(Manifest)
