"""How pages name what the gate knows by a short word: channels, products, and lists of them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from babel.lists import format_list
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Inside a list or a sentence; a label begins with a capital letter (capfirst).
CHANNELS: dict[str, "StrPromise"] = {
    "email": _("e-mail"),
    "sms": _("text message"),
    "in_app": _("notice in the diary"),
    "push": _("notice on the phone"),
}
# After a verb, where languages bend the word.
BY_CHANNEL: dict[str, "StrPromise"] = {
    "email": _("by e-mail"),
    "sms": _("by text message"),
    "in_app": _("by a notice in the diary"),
    "push": _("by a notice on the phone"),
}
# What the vendor sells today. A request may name another; it is then shown by its short word.
PRODUCTS: dict[str, "StrPromise"] = {"plus": _("Plus package")}


def channel_name(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def channel_names(channels: Iterable[str]) -> str:
    return listed([channel_name(channel) for channel in channels])


def by_channels(channels: Iterable[str]) -> str:
    """ "by e-mail and by text message" in the reader's language."""
    return listed([str(BY_CHANNEL.get(channel, channel)) for channel in channels])


def product_name(product: str) -> str:
    return str(PRODUCTS.get(product, product))


def product_names(products: Iterable[str]) -> str:
    return listed([product_name(product) for product in products])


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return format_list(words, locale=get_language() or "en")
