"""The read tables built anew from the log: to compare those that stand, to replace them, to see a state of then."""

from __future__ import annotations

from registry.replay.comparing import Difference, Replayed, replay
from registry.replay.replay_lock import Underway
from registry.replay.state import state
from registry.replay.switching import DependedOn, Switched, switch

__all__ = ["DependedOn", "Difference", "Replayed", "Switched", "Underway", "replay", "state", "switch"]
