"""What recognised tables would record, compared with what the registry has."""
