"""How a recipe is read: YAML with its lines, names resolved, types and columns checked. No data is touched."""
