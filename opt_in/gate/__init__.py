"""The gate: schema `consent` in the database and typed calls to its functions. The lowest layer of all."""
