"""The fast path of GraphQL: hot documents answered by one statement, byte for byte as the executor answers them.

`compiled` turns a document into SQL; `hot` keeps the statements and asks them in front of the application. The plain
form is the executor (`registry.web.graphql.execution`); tests/integration/web/test_graphql_compiled.py compares the
two. Without this package every answer stays the same and the hot question takes three times as long.
"""
