"""The page for when something broke: made without the request, and all the same in the reader's language."""

import pytest
from django.test import RequestFactory
from django.utils.translation import override

from portal.views.errors import server_error


@pytest.mark.parametrize("language", ["pl", "en"])
def test_it_says_its_language_and_offers_no_empty_list_of_others(language: str) -> None:
    with override(language):
        content = server_error(RequestFactory().get("/")).content.decode()

    assert f'<html lang="{language}">' in content
    assert 'class="languages"' not in content
