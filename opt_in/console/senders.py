"""The vendor's own senders, one for each channel: each carries the way out of its channel only.

The gate's register decides; a sender that is not in it is refused there.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """`name` and `address` as the reader sees them."""

    sender_id: str
    name: str
    address: str


SENDERS: dict[str, Sender] = {
    "email": Sender("zgoda-offers", "Zgoda offers", "offers@zgoda.example"),
    "sms": Sender("zgoda-offers-sms", "ZgodaOffers", "ZGODA"),
}


def sender_called(sender_id: str) -> Sender | None:
    """None for one that this release does not know."""
    return next((sender for sender in SENDERS.values() if sender.sender_id == sender_id), None)
