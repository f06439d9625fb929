"""What style sheets say of a page's elements, written into these: Excel and Word strike and hide by classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

_COMMENT: Final = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE: Final = re.compile(r"(?P<tag>[a-zA-Z][\w-]*)?(?:\.(?P<name>[\w-]+))?(?:#(?P<id>[\w-]+))?")
# Only what hides letters, strikes them, or gives them or their ground a colour.
_WANTED: Final = re.compile(
    r"\s*(?:display|visibility|mso-hide|color|background(?:-color)?|text-decoration(?:-line)?)\s*:", re.IGNORECASE
)
_NONE: Final = re.compile(
    r"\s*background(?:-color)?\s*:\s*(?:none|transparent|auto|initial|(?:#fff(?:fff)?|white)\b)", re.IGNORECASE
)
_MEDIA: Final = re.compile(r"@media([^{]*)\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}", re.IGNORECASE)
_MOST: Final = 5_000  # rules

Rule = tuple[str, str, str, str]  # tag, class and id that an element must have, all in lower case; its declarations


def rules(sheets: Iterable[str]) -> list[Rule]:
    """The rules of these style sheets for elements by tag, class or id; those for others are left out."""
    results: list[Rule] = []
    for sheet in sheets:
        for selectors, body in _RULE.findall(_MEDIA.sub(_shown, _COMMENT.sub("", sheet))):
            declared = ";".join(one for one in body.split(";") if _WANTED.match(one) and not _NONE.match(one))
            for selector in selectors.split(",") if declared else ():
                match = _SIMPLE.fullmatch(selector.strip())
                if match and selector.strip() and len(results) < _MOST:
                    tag, name, id_ = ((match[part] or "").lower() for part in ("tag", "name", "id"))
                    results.append((tag, name, id_, declared))
    return results


def written_in(root: Any, known: Sequence[Rule]) -> Any:
    """The page with the declarations of the rules in the `style` of its elements, before their own."""
    by_tag: dict[str, list[Rule]] = {}
    by_name: dict[str, list[Rule]] = {}
    for rule in known:
        tag, name, id_, _ = rule
        (by_name if name or id_ else by_tag).setdefault(name or id_ or tag, []).append(rule)
    for element in root.iter() if known else ():
        if not isinstance(element.tag, str):
            continue
        names = {*(element.get("class") or "").lower().split()}
        id_ = (element.get("id") or "").lower()
        fitting = [*by_tag.get(element.tag.lower(), ())]
        for name in sorted(names | {id_} - {""}):
            fitting += (
                rule
                for rule in by_name.get(name, ())
                if rule[0] in ("", element.tag.lower()) and rule[1] in {"", *names} and rule[2] in ("", id_)
            )
        if fitting:
            declared: dict[str, str] = {}  # the last one of a property is the one that holds
            for one in ";".join([*(rule[3] for rule in fitting), element.get("style") or ""]).split(";"):
                declared[one.partition(":")[0].strip().lower()] = one
            element.set("style", ";".join(declared.values()))
    return root


def _shown(media: re.Match[str]) -> str:
    """The rules under @media where they are for screens."""
    return media[2] if re.search("screen|all", media[1], re.IGNORECASE) and "not" not in media[1] else ""
