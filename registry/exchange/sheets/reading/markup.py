"""XML and HTML of strangers, parsed by lxml: no entities, nothing fetched, no trees without end."""

from __future__ import annotations

import importlib
from typing import Any, Final

_etree: Final[Any] = importlib.import_module("lxml.etree")  # its types are not known
_html: Final[Any] = importlib.import_module("lxml.html")


class BadMarkup(Exception):
    """A text that is no XML, or an HTML page with nothing in it."""


def xml(text: bytes) -> Any:
    """The root element of an XML document. Raises BadMarkup."""
    parser = _etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = _etree.fromstring(text, parser)
    except (_etree.XMLSyntaxError, ValueError) as error:
        raise BadMarkup(str(error)) from None
    if root is None:
        raise BadMarkup("empty")
    return root


def html(text: str) -> Any:
    """The root element of a page, read as browsers do. Raises BadMarkup where there is nothing in it."""
    try:
        return _html.document_fromstring(text)
    except (_etree.LxmlError, ValueError, RecursionError) as error:
        raise BadMarkup(str(error)) from None
