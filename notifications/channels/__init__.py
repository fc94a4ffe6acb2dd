"""The ways out of the house. Only this package imports mail libraries."""
