"""The published lists as files: read, held to their JSON Schemas, and turned into decisions of the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import yaml
from jsonschema import Draft202012Validator

from registry.exchange.published.timelines import Entry, begins, timeline

# Says of a decision where it came from. What carries it is ours to revise when the files change.
NOTE: Final = "据公开清单载入 / loaded from the published lists"

# A file's kind is told by the one key that only this kind has.
SCHEMAS: Final[dict[str, str]] = {
    "instruments": "instruments.schema.json",
    "matters": "catalogue.schema.json",
    "items": "list.schema.json",
    # Nothing to decide: registry.law, checker.names.thesaurus and queries.certificates.vocabulary read them.
    "parameter": "fit-instruments.schema.json",
    "provisions": "articles.schema.json",
    "texts": "texts.schema.json",
    "burdens": "thesaurus.schema.json",
    "meanings": "certificate-words.schema.json",
}
WHAT_TO_DO: Final = (
    "请改正该文件后重新载入；文件格式见 docs/reference/published-lists.md。",
    "Correct the file and load again; docs/reference/published-lists.md explains the format.",
)


KEPT: Final = 32  # files whose content is kept; the published lists are some 25


class BadFile(Exception):
    """A file of the lists is not as it must be: which one, where in it, and a sentence in zh and en."""

    code = "bad-list-file"

    def __init__(self, file: str, location: str, zh: str, en: str) -> None:
        self.file, self.location = file, location
        self.zh = f"清单文件 {file}（{location}）有误：{zh}{WHAT_TO_DO[0]}"
        self.en = f"The list file {file} ({location}) is wrong: {en} {WHAT_TO_DO[1]}"
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(slots=True)
class Published:
    """What the files say, each as the decision that brings it in; in the files' order, powers before duties."""

    instruments: dict[str, Entry] = field(default_factory=dict[str, Entry])  # InstrumentIssued by number
    repeals: dict[str, Entry] = field(default_factory=dict[str, Entry])  # InstrumentRepealed by number
    matters: dict[str, Entry] = field(default_factory=dict[str, Entry])  # MatterDefined by code
    revisions: dict[str, list[Entry]] = field(default_factory=dict[str, list[Entry]])  # MatterRevised, by their days
    laws: dict[str, Entry] = field(default_factory=dict[str, Entry])  # as the files have them, by short name
    cited: dict[str, list[Entry]] = field(default_factory=dict[str, list[Entry]])  # by matter, as the files have it
    lists: dict[str, Entry] = field(default_factory=dict[str, Entry])  # ListAdopted by code
    items: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])  # ListItemEntered


# The same as SafeLoader, many times as fast where PyYAML was built with it.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """YAML whose dates stay the text they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Published:
    """What the files in this folder, and in the folders in it, say. Raises BadFile with the first that is wrong."""
    by_kind: dict[str, list[tuple[str, Entry]]] = {kind: [] for kind in SCHEMAS}
    files = sorted(path.rglob("*.yaml"))
    if not files:
        raise BadFile(
            str(path), "-", "没有这个文件夹，或其中没有清单文件。", "there is no such folder, or no list in it."
        )
    for file in files:
        name = file.relative_to(path).as_posix()
        kind, content = _checked(file, name, path)
        by_kind[kind].append((name, content))
    return _published(by_kind)


def decisions(path: Path, scopes: Mapping[str, str] | None = None) -> list[Entry]:
    """The decisions that bring all of it into an empty registry, in an order that imports.

    A list with a scope is among them when `scopes` has its unit, with the day from which that exists: a decision can
    only name what is recorded. Raises BadFile.
    """
    published = read(path)
    made = [*published.instruments.values(), *published.matters.values()]
    made += [revised for revisions in published.revisions.values() for revised in revisions]
    for code in published.lists:
        adopted = in_scope(published.lists[code], scopes or {})
        if adopted is not None:
            made.append(adopted)
            made += [entry | {"at": max(entry["at"], adopted["at"])} for entry in published.items[code].values()]
    return [*made, *published.repeals.values()]


def in_scope(adopted: Entry, scopes: Mapping[str, str]) -> Entry | None:
    """The adoption, not before its scope exists; None while it does not."""
    if "scope" not in adopted:
        return adopted
    since = scopes.get(adopted["scope"])
    return None if since is None else adopted | {"at": max(adopted["at"], since)}


def _checked(file: Path, name: str, path: Path) -> tuple[str, Entry]:
    """A file's kind and content, once it holds to its schema."""
    try:
        text = file.read_text("utf-8")
        content: Any = _parsed(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadFile(name, "-", "不是 UTF-8 编码的 YAML。", f"it is no YAML in UTF-8: {error}") from None
    kinds = [kind for kind in SCHEMAS if kind in content] if isinstance(content, dict) else []
    if len(kinds) != 1:
        wanted = "、".join(SCHEMAS), ", ".join(SCHEMAS)
        raise BadFile(name, "-", f"须有且仅有一个：{wanted[0]}。", f"it must have exactly one of {wanted[1]}.")
    errors = _errors(text, (path / SCHEMAS[kinds[0]]).read_text("utf-8"))
    if errors:
        error = max(errors, key=lambda error: len(error.absolute_path))  # the deepest says most
        rule = "/".join(str(step) for step in error.absolute_schema_path)
        raise BadFile(name, error.json_path, f"不符合规定格式（{rule}）。", f"{error.message} ({rule}).")
    return kinds[0], cast(Entry, content)


# A folder is read more than once, with few files changed: when it is loaded again, or what it says is looked up.
@lru_cache(maxsize=KEPT)
def _parsed(text: str) -> Any:
    """What a file says, not to be changed. Raises YAMLError."""
    return yaml.load(text, _Loader)  # noqa: S506


@lru_cache(maxsize=KEPT)
def _errors(text: str, schema: str) -> list[Any]:
    """What in a file does not hold to the schema."""
    validator: Any = Draft202012Validator(json.loads(schema))  # its annotations do not say what it takes
    return list(validator.iter_errors(_parsed(text)))


def _published(by_kind: dict[str, list[tuple[str, Entry]]]) -> Published:
    published = Published()
    laws = published.laws
    for name, content in by_kind["instruments"]:
        for location, law in _numbered(content["instruments"]):
            _once(name, location, law["short"], laws, "简称", "short name")
            _once(name, location, law["number"], published.instruments, "文号", "number")
            laws[law["short"]] = law
            published.instruments[law["number"]] = _taken("InstrumentIssued", law, "at", "title", "kind") | {
                "instrument": law["number"]
            }
            if "repealed" in law:
                repeal = {"type": "InstrumentRepealed", "at": law["repealed"], "instrument": law["number"]}
                published.repeals[law["number"]] = repeal | _some(law, "replaced_by", "reenacted") | {"note": NOTE}
    for name, content in by_kind["instruments"]:
        for location, law in _numbered(content["instruments"]):
            if law.get("replaced_by", law["number"]) not in published.instruments:
                raise _unknown(name, location, law["replaced_by"])
    # A matter names the powers it requires, so powers come first; a service what it includes, so services come last.
    order = {"power": 0, "service": 2}
    for name, content in sorted(by_kind["matters"], key=lambda file: order.get(file[1]["kind"], 1)):
        for location, matter in _numbered(content["matters"]):
            _once(name, location, matter["code"], published.matters, "编码", "code")
            for code in (*matter.get("requires", ()), *matter.get("includes", ())):
                if code not in published.matters:
                    raise _unknown(name, location, code)
            defined, *revised = _dated(name, location, content, matter, laws)
            published.matters[matter["code"]], published.revisions[matter["code"]] = defined, revised
            published.cited[matter["code"]] = matter.get("basis", [])
    for name, content in by_kind["items"]:
        _once(name, "list", content["list"], published.lists, "清单编号", "list code")
        if content["instrument"] not in published.instruments:
            raise _unknown(name, "instrument", content["instrument"])
        fields = ("list", "title", "polarity", "covers", "audience", "instrument", "at")
        adopted = _taken("ListAdopted", content, *fields) | _some(content, "scope", "closed", "assigns", "quota")
        published.lists[content["list"]] = adopted
        published.items[content["list"]] = dict(_items(name, content, published.matters))
    return published


def _dated(name: str, location: str, content: Entry, matter: Entry, laws: dict[str, Entry]) -> list[Entry]:
    """The matter's definition, and its revisions by the laws that changed it."""
    for basis in matter.get("basis", ()):
        if basis["law"] not in laws:
            raise _unknown(name, location, basis["law"])
    if "basis" not in matter and "at" not in matter and "at" not in content:
        raise BadFile(
            name, location, "没有依据的事项须写明起始日（at）。", "a matter without a basis must say since when (at)."
        )
    fields = ("name", "category", "aliases", "lawful_holders", "requires", "needs", "power_kind", "issuer")
    more = ("alternative", "materials", "procedure", "online", "asks", "includes", "window")
    days = timeline(matter, laws, begins(matter, content, laws))
    since, first = days[0]
    defined = {"type": "MatterDefined", "at": since, "matter": matter["code"], "kind": content["kind"]}
    defined |= _some(matter, *fields, *more) | {field: value for field, value in first.items() if value is not None}
    revised = {"type": "MatterRevised", "matter": matter["code"]}
    return [
        defined | {"note": NOTE},
        *({"type": revised["type"], "at": day, **revised} | changed | {"note": NOTE} for day, changed in days[1:]),
    ]


def _items(name: str, content: Entry, matters: dict[str, Entry]) -> Iterator[tuple[str, Entry]]:
    seen: dict[str, Entry] = {}
    for location, item in _numbered(content["items"]):
        _once(name, location, item["item"], seen, "事项编号", "item id")
        seen[item["item"]] = item
        if "matter" in item:
            if item["matter"] not in matters:
                raise _unknown(name, location, item["matter"])
            if matters[item["matter"]]["kind"] != content["covers"]:
                raise BadFile(
                    name,
                    location,
                    f"“{item['matter']}”不是清单所列的种类。",
                    f"{item['matter']} is not of the kind that the list covers.",
                )
        entered = {"type": "ListItemEntered", "at": item.get("at", content["at"]), "list": content["list"]}
        fields = ("item", "name", "matter", "category", "terms", "roles", "brings", "issuer", "alternative")
        yield item["item"], entered | _some(item, *fields) | {"note": NOTE}


def _numbered(entries: list[Entry]) -> Iterator[tuple[str, Entry]]:
    """Entries with their place as people read it: the code, name or number they begin with."""
    for entry in entries:
        yield str(next(iter(entry.values()))), entry


def _some(entry: Entry, *fields: str) -> Entry:
    return {name: entry[name] for name in fields if name in entry}


def _taken(kind: str, entry: Entry, *fields: str) -> Entry:
    return {"type": kind} | {name: entry[name] for name in fields} | {"note": NOTE}


def _once(name: str, location: str, key: str, seen: Mapping[str, Entry], zh: str, en: str) -> None:
    if key in seen:
        raise BadFile(name, location, f"{zh}“{key}”重复。", f"the {en} {key} is there twice.")


def _unknown(name: str, location: str, what: str) -> BadFile:
    return BadFile(
        name, location, f"所引“{what}”在清单文件中没有。", f"it names {what}, which no file of the lists has."
    )
