"""Which witnesses are trusted, and how many of them: a file in the format of C2SP tlog-policy.

witness W1 <key> https://witness.example/
witness W2 <key> https://other.example/
group both all W1 W2
quorum both
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from registry import settings
from registry.domain.text import Text
from registry.log.cosignatures import WitnessKey
from registry.log.notes import BadNote, Verifier

NONE: Final = "none"
LARGEST: Final = 256 * 1024  # bytes of a policy file


class BadPolicy(Exception):
    """The file of witnesses cannot be used."""

    code = "bad-witnesses"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(Text(zh, en).joined)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its name in the policy, its key, and where checkpoints are submitted (None: only verified)."""

    name: str
    key: WitnessKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Witnesses, groups of them (how many of which members), and whose cosignature makes a checkpoint good."""

    witnesses: tuple[Witness, ...] = ()
    groups: Mapping[str, tuple[int, tuple[str, ...]]] | None = None
    quorum: str = NONE

    @property
    def keys(self) -> list[WitnessKey]:
        """The keys of all witnesses."""
        return [witness.key for witness in self.witnesses]

    def satisfied(self, cosigned_by: Collection[WitnessKey]) -> bool:
        """Whether cosignatures by these are the quorum."""
        names = {witness.name for witness in self.witnesses if witness.key in cosigned_by}
        return self.quorum == NONE or self._counts(self.quorum, names)

    def _counts(self, name: str, names: Collection[str]) -> bool:
        group = (self.groups or {}).get(name)
        if group is None:
            return name in names
        needed, members = group
        return sum(self._counts(member, names) for member in members) >= needed


def configured() -> Policy | None:
    """The policy that REGISTRY_WITNESS_POLICY names; None where it names none. Raises BadPolicy."""
    given = settings.WITNESS_POLICY.read()
    if not given:
        return None
    try:
        file = Path(given)
        if file.stat().st_size > LARGEST:
            raise BadPolicy(f"{given} 过大，不是证人文件。", f"{given} is too large to be a file of witnesses.")
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as problem:
        raise BadPolicy(
            f"无法读取证人文件 {given}：{problem.strerror}",
            f"The file of witnesses {given} cannot be read: {problem.strerror}",
        ) from None
    return parse(text, given)


def parse(text: str, source: str = "policy") -> Policy:
    """Read a policy. Raises BadPolicy, with the line that is wrong."""
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            continue
        problem = reading.take(words)
        if problem is not None:
            raise BadPolicy(f"{source} 第 {number} 行：{problem.zh}", f"{source}, line {number}: {problem.en}")
    if reading.quorum is None:
        raise BadPolicy(f"{source} 没有 quorum 行。", f"{source} has no quorum line.")
    return Policy(tuple(reading.witnesses), reading.groups, reading.quorum)


class _Reading:
    """A policy under way, line by line."""

    def __init__(self) -> None:
        self.witnesses: list[Witness] = []
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum: str | None = None
        self._logs: set[bytes] = set()
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, words: list[str]) -> Text | None:
        """Read a line's words; gives what is wrong with them."""
        match words:
            case ["log", key] | ["log", key, _]:
                return self._log(key)
            case ["witness", name, key]:
                return self._witness(name, key, None)
            case ["witness", name, key, url]:
                return self._witness(name, key, url)
            case ["group", name, needed, *members] if members:
                return self._group(name, needed, members)
            case ["quorum", name]:
                return self._quorum(name)
            case _:
                return Text(
                    "应为 log、witness、group 或 quorum 行（C2SP tlog-policy 格式）。",
                    "a line is one of log, witness, group, quorum (C2SP tlog-policy).",
                )

    def _log(self, key: str) -> Text | None:
        try:
            verifier = Verifier.parse(key)
        except BadNote as problem:
            return Text(f"日志公钥不可用：{problem}", f"the log's key cannot be used: {problem}")
        if verifier.key in self._logs:
            return Text("日志公钥重复。", "the log's key is there already.")
        self._logs.add(verifier.key)
        return None

    def _witness(self, name: str, key: str, url: str | None) -> Text | None:
        try:
            read = WitnessKey.parse(key)
        except BadNote as problem:
            return Text(f"证人公钥不可用：{problem}", f"the witness's key cannot be used: {problem}")
        if any(read.key == witness.key.key for witness in self.witnesses):
            return Text("证人公钥重复。", "the witness's key is there already.")
        if url is not None:
            split = urlsplit(url)
            if split.scheme not in ("http", "https") or not split.hostname:
                return Text(
                    f"地址须以 http:// 或 https:// 开头：{url}", f"an address begins with http:// or https://: {url}"
                )
        problem = self._name(name)
        if problem is None:
            self.witnesses.append(Witness(name, read, url))
        return problem

    def _group(self, name: str, needed: str, members: list[str]) -> Text | None:
        unknown = [member for member in members if member not in self._names]
        if unknown:
            return Text(f"前面没有 {unknown[0]}。", f"nothing before is called {unknown[0]}.")
        if len(set(members)) < len(members) or self._members & set(members):
            return Text("每个名称只能属于一个组。", "a name can be in one group only, once.")
        number = {"all": len(members), "any": 1}.get(needed, 0)
        if not number and needed.isascii() and needed.isdecimal() and not needed.startswith("0") and len(needed) < 9:
            number = int(needed)
        if not 1 <= number <= len(members):
            return Text(
                f"须为 all、any 或 1 至 {len(members)}：{needed}", f"all, any, or 1 to {len(members)}: {needed}"
            )
        problem = self._name(name)
        if problem is None:
            self.groups[name] = number, tuple(members)
            self._members.update(members)
        return problem

    def _quorum(self, name: str) -> Text | None:
        if self.quorum is not None:
            return Text("只能有一个 quorum 行。", "there is one quorum line only.")
        if name != NONE and name not in self._names:
            return Text(f"前面没有 {name}。", f"nothing before is called {name}.")
        self.quorum = name
        return None

    def _name(self, name: str) -> Text | None:
        if name == NONE or name in self._names:
            return Text(f"名称 {name} 已用。", f"the name {name} is taken.")
        self._names.add(name)
        return None
