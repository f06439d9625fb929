"""The questions users ask, one module each, with its SQL beside it. Reads only, over asyncpg.

Every question is asked of a `AsOf`: a day, and how far the log is read. A question about several units is one
statement, whatever their number.
"""
