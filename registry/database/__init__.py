"""PostgreSQL: the one that comes with the program or any from version 15, its connections and its tables."""

from __future__ import annotations

from registry.database.connections import Reader, connect, listener, pool, replica_urls, url, without_password
from registry.database.problems import NoDatabase
from registry.database.replicas import Replicas
from registry.database.row_objects import as_object, as_objects
from registry.database.schema import LIVE, create_read_tables, migrate, replaced_since

__all__ = [
    "LIVE",
    "NoDatabase",
    "Reader",
    "Replicas",
    "as_object",
    "as_objects",
    "connect",
    "create_read_tables",
    "listener",
    "migrate",
    "pool",
    "replaced_since",
    "replica_urls",
    "url",
    "without_password",
]
