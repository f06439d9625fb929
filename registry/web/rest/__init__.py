"""Addresses beside /graphql: health, files in and out."""
