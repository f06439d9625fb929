"""A picture of a page made small: a palette of a few colours, which is all that a page of text has."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

COLOURS: Final = 64


def small_png(picture: bytes) -> bytes:
    """The same picture as a PNG with a palette of COLOURS, packed as tightly as the format allows."""
    with Image.open(io.BytesIO(picture)) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, "PNG", optimize=True)
    return packed.getvalue()
