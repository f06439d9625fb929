"""`python -m tests.support.database_of_release 0.3.0`: the database by which later programs test that they migrate it.

Run at the tag, over an empty database (REGISTRY_HOME of its own); writes tests/data/database_of_VERSION.json.gz.
"""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any

from psycopg import sql

from registry import database
from registry.database import embedded, schema
from registry.exchange.journal import export_journal
from registry.impact import finding_feed
from registry.log import checkpoints
from registry.recording.unit_of_work import record
from tests.support.every_decision import EXAMPLES
from tests.support.paths import DATA
from tests.support.worlds import COUNTY, decision, duty

TABLES = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND n.nspname IN ('log', 'live', 'judged') GROUP BY 1, 2 ORDER BY 1, 2
"""


def main(version: str) -> None:
    """Record every type of decision and as many duties as complete a run of the tree, and keep every row."""
    with database.connect() as connection:
        record(connection, COUNTY, recorded_by="clerk")
        signer = checkpoints.signer(embedded.home())
        checkpoints.issue(connection, signer)
        record(connection, EXAMPLES, recorded_by="李四")
        record(connection, [duty(f"M-{number}") for number in range(250)])
        ended = [f"M-{number}" for number in range(0, 100, 3)]
        record(connection, [decision("DelegationEnded", "2024-01-01", ref=ref, reason="completed") for ref in ended])
        checkpoints.issue(connection, signer)
        finding_feed.bring_up_to_date(connection)
        tables: dict[str, Any] = {}
        for name, table, columns in connection.execute(TABLES).fetchall():
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(name, table), listed)
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                rows = b"".join(bytes(piece) for piece in copy).decode()
            if rows:
                tables[f"{name}.{table}"] = {"columns": columns, "rows": rows}
        content = {
            "made by": f"version {version}: python -m tests.support.database_of_release",
            "migrations": len(schema.migrations()),
            "verifier": str(signer.verifier),
            "export": b"".join(export_journal(connection)).decode(),
            "tables": tables,
        }
    packed = gzip.compress(json.dumps(content, ensure_ascii=False).encode(), 9, mtime=0)
    (DATA / f"database_of_{version}.json.gz").write_bytes(packed)


if __name__ == "__main__":
    main(sys.argv[1])
