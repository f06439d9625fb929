"""The background task that has configured witnesses cosign the log as it grows: in one process at a time."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import psycopg

from registry import database
from registry.database import embedded
from registry.exchange import witnesses
from registry.log import checkpoints, cosignatures, witness_policy
from registry.log.notes import BadNote
from registry.log.witness_policy import Policy
from registry.web.feeds.kept_task import KeptTask
from registry.web.feeds.repeated_warnings import RepeatedWarnings

EVERY: Final = 60.0  # seconds at least between two checkpoints that witnesses are given
LOCK: Final = 0x7175616E_7769746E  # "quanwitn" in ASCII: the advisory lock of the process that submits
log = logging.getLogger("registry.web")


class WitnessWorker(KeptTask):
    """One task of the server process; there is nothing to do where no witness is configured."""

    def __init__(self, url: str | None, decisions: Any) -> None:
        super().__init__()
        self._url = url
        self._decisions = decisions  # the feed of decisions: knows when there is more to witness
        self._warnings = RepeatedWarnings("witnesses")

    async def _keep(self) -> None:
        try:
            policy = await asyncio.to_thread(witness_policy.configured)
        except witness_policy.BadPolicy as problem:
            log.error("%s: %s / %s", problem.code, problem.zh, problem.en)
            return
        while policy is not None:
            covered = None
            try:
                covered = await asyncio.to_thread(self._submit, policy)
                self._warnings.over()
            except (database.NoDatabase, psycopg.Error, checkpoints.NoKey, BadNote) as problem:
                self._warnings.note(problem)
            await asyncio.sleep(EVERY)
            if covered is not None:
                await self._decisions.beyond(covered)

    def _submit(self, policy: Policy) -> int | None:
        """Have every witness cosign the log as it stands; up to where all have, None where one is to be asked again."""
        with database.connect(self._url) as connection:
            row = connection.execute(
                "SELECT coalesce(max(position), 0), pg_try_advisory_lock(%s) FROM log.decision", (LOCK,)
            ).fetchone()
            size, own = row or (0, False)
            due = [
                witness
                for witness in policy.witnesses
                if witness.url is not None and cosignatures.largest(connection, witness.key) < size
            ]
            if not own or not due:
                return size if own else None
            key = checkpoints.signer(embedded.home())
            note = checkpoints.issue(connection, key)
            checkpoint = checkpoints.read(note, key.verifier)
            results = witnesses.submit(connection, note, checkpoint, due)
        for one in results:
            level = logging.ERROR if one.outcome in witnesses.ALARMS else logging.WARNING
            if one.outcome != "cosigned":
                log.log(level, "witness %s: %s / %s", one.witness.name, one.text.zh, one.text.en)
        return checkpoint.size if all(one.outcome == "cosigned" for one in results) else None
