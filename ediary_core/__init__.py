"""The diary: structure, lessons, attendance."""
