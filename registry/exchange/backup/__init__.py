"""A registry kept in a folder while it is in use, and put back from there: docs/howto/backup-and-restore.md.

The log is the truth: it is kept decision by decision, in files that never change once they are full, so that the next
backup into the same folder adds what is new. Read tables are not kept but built anew from the log; digests say whether
they, the journal and the log's root are the same as before.
"""

from __future__ import annotations

from registry.exchange.backup.folder import BadBackup, Manifest, read_manifest
from registry.exchange.backup.restoring import NotEmpty, Restored, restore
from registry.exchange.backup.writing import Kept, back_up

__all__ = ["BadBackup", "Kept", "Manifest", "NotEmpty", "Restored", "back_up", "read_manifest", "restore"]
