"""A form that comes after a log-out, and the address of a form in the address bar."""

from tenants.people.models import User
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.visitors import Visitor


def test_a_form_sent_after_a_log_out_says_so_and_leads_back_to_its_page(school: School, guardian: User) -> None:
    page = Visitor(school, guardian)
    page.logout()
    came_from = f"http://{school.subdomain}.localhost/account/contacts/?x=1"

    answer = page.post("/account/contacts/email/code/send", headers={"Referer": came_from, "Accept-Language": "en"})

    content = answer.content.decode()
    assert answer.status_code == 401
    assert "You are logged out" in content
    assert 'href="/login?next=%2Faccount%2Fcontacts%2F"' in content
    assert 'class="languages"' not in content


def test_no_other_site_says_where_the_log_in_leads(school: School, guardian: User) -> None:
    page = Visitor(school, guardian)
    page.logout()

    answer = page.post("/account/contacts/email/code/send", headers={"Referer": "https://elsewhere.example/account/"})

    assert 'href="/login?next=%2F"' in answer.content.decode()


def test_the_address_of_a_form_is_answered_with_a_page(school: School, guardian: User) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)

    answer = Visitor(school, guardian).get("/account/contacts/email/code/send")

    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    assert "There is nothing here for you" in answer.content.decode()
