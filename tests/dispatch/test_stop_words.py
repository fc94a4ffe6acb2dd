# ruff: noqa: RUF001 (Ukrainian is written in its own letters)
import pytest

from notifications.languages import Language
from notifications.stop_words import means_stop, stop_word_for


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop", "Stop.", " stop! ", "STOP\n", "„STOP”", "S T O P", "stop please", "Prosim STOP", "STOP!!!"),
        *(
            "ODJAVA",
            "odjava.",
            "Odjavi",
            "odjavi prosim",
            "WYPISZ",
            "wypisz mnie",
            "REZYGNUJE",
            "Rezygnuję",
            "rezygnuję.",
        ),
        *("СТОП", "стоп", "Стоп, дякую", "ВІДПИСАТИСЯ", "відписатися", "Хочу відписатися"),
        # the same letters from another keyboard
        *("CTOП", "СTОП", "STОР"),
        "STOP I said it three times and nothing happened, so once more",
    ],
)
def test_a_reply_that_wants_no_more_offers_is_understood(text: str) -> None:
    assert means_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "...", "👍", "ok", "tak", "da", "так", "stopper", "nonstop", "odjavljam"),
        "Dziękuję, kiedy zaczyna się wycieczka?",
        "Ali je to zadnji stop pred šolo ali bo še kakšen kasneje?",
        "0" * 5000,
    ],
)
def test_any_other_reply_is_no_stop(text: str) -> None:
    assert not means_stop(text)


@pytest.mark.parametrize(
    ("country", "language", "word"),
    [
        *(("SI", "sl", "STOP"), ("SI", "en", "STOP"), ("PL", "pl", "STOP"), ("PL", "uk", "STOP")),
        # Ukrainian letters would make an English message of 160 letters three messages.
        *(("UA", "uk", "СТОП"), ("UA", "en", "STOP")),
    ],
)
def test_the_word_in_a_message_is_one_of_its_country(country: str, language: Language, word: str) -> None:
    assert stop_word_for(country, language) == word
    assert means_stop(word)
