"""Proofs that look for what nobody thought of: long, seeded, against real PostgreSQL with the real logins."""
