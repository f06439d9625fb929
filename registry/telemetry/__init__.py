"""How a running server is seen from outside: its log, its metrics, its traces. None of them has a text or a person."""
