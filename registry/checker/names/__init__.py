"""Whether a name reads as a forbidden matter under another name: pure text, no database."""

from __future__ import annotations
