from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants.people.models import User
from tenants.people.services.subjects import publish_subjects


class UnknownLanguage(ValueError):
    """We do not speak it."""


@transaction.atomic
def choose_language(*, person: User, language: str) -> None:
    """The language of pages and of messages to this person, from now on."""
    if language not in dict(settings.LANGUAGES):
        raise UnknownLanguage
    User.objects.filter(pk=person.pk).update(language=language, language_chosen_at=timezone.now())
    publish_subjects(user_ids=[person.pk])
