"""The GraphQL API: schema, resolvers, limits, compiled documents, WebSocket."""
