import re

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from tenants.operators.models import Operator


class OperatorExists(Exception):
    """There is an operator of this user name already."""


class UnusableUsername(ValueError):
    """A user name has a-z, 0-9, dot, dash and underscore only, at most 64 of them."""


class UnknownLanguage(ValueError):
    """We do not speak it."""


@transaction.atomic
def create_operator(*, username: str, name: str, password: str, language: str = "en") -> Operator:
    """Add a member of the vendor's staff. Raises ValidationError for a password that is too easily guessed."""
    if language not in dict(settings.LANGUAGES):
        raise UnknownLanguage(language)
    operator = Operator(username=username.strip().lower(), name=name.strip(), language=language)
    if not re.fullmatch(r"[a-z0-9._-]{1,64}", operator.username):
        raise UnusableUsername(username)
    validate_password(password, operator)
    operator.set_password(password)
    try:
        with transaction.atomic():
            operator.save(force_insert=True)
    except IntegrityError as error:
        if "operator_username_once" in str(error):
            raise OperatorExists(username) from error
        raise
    return operator


@transaction.atomic
def choose_language(*, operator: Operator, language: str) -> None:
    """The language of this operator's pages from now on."""
    if language not in dict(settings.LANGUAGES):
        raise UnknownLanguage(language)
    Operator.objects.filter(pk=operator.pk).update(language=language)
