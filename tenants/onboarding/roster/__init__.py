"""OneRoster CSV bundles, read and judged without a database: archive → tables → records → plan."""
