"""How a page is made: a template, a language, and headers that let nothing in from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final, Literal, cast
from urllib.parse import quote, quote_plus

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from registry.domain.dates import SHANGHAI, in_chinese
from registry.web.beside import MadeBeside
from registry.web.pages.reader import current

Lang = Literal["zh", "en"]
FRESH: Final = "public, max-age=60"  # a decision recorded is on the page a minute later
SENT_ALONG: Final = {
    "Referrer-Policy": "no-referrer",  # what was asked stands in the address
    "X-Content-Type-Options": "nosniff",
}
REPLACED: Final = frozenset({"href", "reader"})  # by the console's, which keeps the moment; by None after logging out
UNKEPT: Final = "private, no-store"  # what somebody asked is kept nowhere


def language(request: Request) -> Lang:
    """The language of a page: `?lang=`, else English where the browser asks for it and for no Chinese, else Chinese."""
    chosen = request.query_params.get("lang")
    if chosen in ("zh", "en"):
        return chosen
    accepted = [one.strip().lower() for one in request.headers.get("accept-language", "").split(",")]
    english = any(one.startswith("en") for one in accepted)
    return "en" if english and not any(one.startswith("zh") for one in accepted) else "zh"


def render(
    template: str,
    lang: Lang,
    *,
    status: int = 200,
    query: Mapping[str, str] | None = None,
    cache: str = FRESH,
    **values: Any,
) -> Response:
    """A page from a template under templates/, to be extended from base.html.

    `query`: the address's own parameters but `lang`, which the link to the other language keeps. In a template
    `localized("中文", "English")` gives the text of the page's language, `zh` tells which it is, and
    `href("/villages", q="赵")` an address on this server in the same language, `day(date)` a day as it is written,
    `reader` who reads it (None where it becomes a file), and `zone` the time zone of what is shown.
    """
    known = _known(lang, query or {})
    reader = known["reader"]
    in_template = along_with({**environment().globals, **known}, values)
    headers = {**_headers(), "Cache-Control": cache, "Content-Language": _TAGS[lang]}
    if reader is not None and not reader.open:  # else a page kept before logging in is shown after it
        headers["Vary"] = "Accept-Language, Cookie"
    return MadeBeside(lambda: environment().get_template(template).render(in_template), status, headers, "text/html")


def along_with(known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a template is given: what all are, and its own `values`.

    Raises ValueError where one of them is called like what all are given, and is not REPLACED: the frame, which some
    pages use more of than others, would find another thing under that name.
    """
    hiding = known.keys() & values.keys() - REPLACED
    if hiding:
        raise ValueError(f"hides what every template is given: {', '.join(sorted(hiding))}")
    return {**known, **values}


def shown_with(request: Request, query: Mapping[str, str]) -> dict[str, Any]:
    """What every template is given, in the language of a request: as `render` says, and `tag`, the language's name."""
    lang = language(request)
    return {**_known(lang, query), "tags": _TAGS, "tag": _TAGS[lang], "zone": SHANGHAI}


def _known(lang: Lang, query: Mapping[str, str]) -> dict[str, Any]:
    def localized(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    def href(path: str, **parameters: str | None) -> str:
        return address(path, lang, **parameters)

    def day(on: date) -> str:
        return in_chinese(on) if lang == "zh" else on.isoformat()

    return {
        "lang": lang,
        "zh": lang == "zh",
        "localized": localized,
        "href": href,
        "day": day,
        "other": address("", "en" if lang == "zh" else "zh", **query),
        "reader": current(),
    }


def address(path: str, lang: Lang, **parameters: str | None) -> str:
    """An address on this server in a language; parameters that are empty are left out."""
    given = {**parameters, "lang": lang}
    return _quoted_path(path) + "?" + "&".join(f"{_quoted(n)}={_quoted(str(v))}" for n, v in given.items() if v)


def _quoted(text: str) -> str:
    return _quoted_word(text) if len(text) < SHORT else quote_plus(text)


# A page of a thousand numbers has a thousand addresses, of the same few words.
_quoted_word = lru_cache(4096)(quote_plus)
_quoted_path = lru_cache(1024)(quote)
SHORT: Final = 64
_TAGS: Final[dict[Lang, str]] = {"zh": "zh-CN", "en": "en"}


@cache
def environment() -> Environment:
    """The templates, each compiled when it is first shown."""
    made = Environment(
        loader=PackageLoader("registry.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cast("dict[str, Any]", made.globals).update(style=Markup(_style()), tags=_TAGS, zone=SHANGHAI)  # noqa: S704 - our own file
    return made


@cache
def _style() -> str:
    """The one style sheet, which every page has in itself."""
    loader = PackageLoader("registry.web.pages")
    return loader.get_source(Environment(), "style.css")[0]  # noqa: S701 - nothing is rendered with it


@cache
def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Vary": "Accept-Language",
        **SENT_ALONG,
    }
