import pytest

from ediary_core.selectors.register_order import in_register_order
from tenants.people.models import User


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("sl", ["Cvetko", "Čeh", "Hočevar", "Hozjan", "Šmid", "Turk", "Zorko", "žagar"]),
        ("pl", ["Cegła", "Ćwik", "Lis", "Łada", "Nowak", "O'Neil", "Ósmak", "Zając", "Źrebak", "Żak"]),
        ("uk", ["Гай", "Ґава", "Дуб", "Ємець", "Жук", "Ивко", "Іванко", "Їжак", "Smith"]),
        ("en", ["Eder", "Édouard", "Efendi"]),
    ],
)
def test_names_stand_in_the_order_of_the_schools_language(language: str, names: list[str]) -> None:
    people = [User(family_name=name, given_name="A") for name in reversed(names)]

    assert [person.family_name for person in in_register_order(people, language=language)] == names


def test_given_names_decide_between_namesakes_and_blanks_come_first() -> None:
    people = [User(family_name=family, given_name=given) for family, given in (("Kos", "Žan"), ("Kos", "Ana"))]
    people.append(User(family_name="Kos Novak", given_name="Ana"))

    ordered = in_register_order(people, language="sl")
    assert [f"{person.given_name} {person.family_name}" for person in ordered] == [
        "Ana Kos",
        "Žan Kos",
        "Ana Kos Novak",
    ]
