"""The ways out of the house. Only this package imports mail libraries."""

# Here nothing leaves the machine; everywhere else addresses, codes and texts go encrypted.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
