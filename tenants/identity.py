"""Ids of everything we store: UUIDv7, so that rows made together lie together in every index."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    return compat.uuid7()
