"""Who stands to what: successors, territory, reach, matching, holding, powers; each defined once."""
