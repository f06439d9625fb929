"""Who may read every decision of the log, wherever it is about."""

from __future__ import annotations

from registry.access.roles import Role
from registry.access.viewer import Viewer

READERS = (Role.CLERK, Role.EDITOR, Role.ORGANIZER, Role.AUDITOR)


def reads_whole_log(viewer: Viewer) -> bool:
    """Whether the viewer has, for the whole registry, a role that reads; on an open registry everybody has."""
    return viewer.open or None in viewer.units(*READERS)
