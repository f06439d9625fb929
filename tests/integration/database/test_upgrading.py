"""What an upgrade of the tables comes upon in databases that others have built on."""

from __future__ import annotations

import psycopg
import pytest

from registry.database import schema
from registry.database.problems import NoDatabase


def test_a_view_of_others_on_a_column_that_goes_is_named_and_nothing_is_changed(empty_database: str) -> None:
    number = next(one.number for one in schema.migrations() if one.name == "read_tables_without_province")
    with psycopg.connect(empty_database) as raw:
        schema.migrate(raw, schema.migrations()[: number - 1])
        raw.execute("CREATE VIEW public.of_ours AS SELECT province, count(*) FROM live.unit GROUP BY province")
        raw.commit()
        with pytest.raises(NoDatabase, match="of_ours") as refused:
            schema.migrate(raw)
        assert refused.value.code == "database-unavailable"
        assert schema.pending(raw) == len(schema.migrations()) - number + 1
        raw.execute("DROP VIEW public.of_ours")
        raw.commit()
        schema.migrate(raw)
        assert schema.pending(raw) == 0
