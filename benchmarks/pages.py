"""Pages over HTTP, as the demo serves them: one process, a browser's session, everything on one machine."""

import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import requests

from benchmarks.report import Table, met
from local.environment import SCHOOL_PORT
from local.keys import keys_of
from local.logins import read_logins
from local.story_acts import Stage

SCHOOL = "sp-brzozowa"
ADDRESS = f"http://127.0.0.1:{SCHOOL_PORT}"
HOST = f"{SCHOOL}.localhost:{SCHOOL_PORT}"
TIMES = 150
CLIENTS = 4
FEWEST_LOGINS = 20
TIMEOUT = 30


class Visitor:
    """A person with a session of a browser. The host goes as a header, so no name has to be resolved."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.headers["Host"] = HOST
        self.session.headers["Accept-Language"] = "pl"

    def get(self, path: str) -> str:
        answer = self.session.get(ADDRESS + path, timeout=TIMEOUT, allow_redirects=False)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return answer.text

    def log_in(self, username: str, password: str) -> None:
        form = {"username": username, "password": password, "csrfmiddlewaretoken": _token_in(self.get("/login"))}
        answer = self.session.post(ADDRESS + "/login", form, timeout=TIMEOUT, allow_redirects=False)
        if answer.status_code != 302:
            raise RuntimeError(f"The login was answered with {answer.status_code}.")


def measure_pages(stage: Stage) -> list[Table]:
    stage.act("school", "go_live", SCHOOL)
    password = keys_of(stage.state).demo_password
    usernames = {login.role: login.username for login in read_logins(stage.state) if login.at == SCHOOL}
    people = {}
    for role in ("guardian", "teacher", "director"):
        people[role] = Visitor()
        people[role].log_in(usernames[role], password)
    pages = [
        ("the log-in page: no session, no query", Visitor(), "/login"),
        ("a guardian's home", people["guardian"], "/"),
        ("a guardian's consents", people["guardian"], "/consents/"),
        ("a teacher's day", people["teacher"], "/lessons/"),
        ("a lesson with its pupils", people["teacher"], _lesson_of(people["teacher"])),
        ("a director's home", people["director"], "/"),
        ("a director's timeline", people["director"], "/timeline/"),
    ]
    return [_answers(pages), _logins(usernames["guardian"], password)]


def _answers(pages: list[tuple[str, Visitor, str]]) -> Table:
    rows: list[tuple[object, ...]] = []
    floor = 0.0
    for title, visitor, path in pages:
        alone = sorted(_milliseconds(lambda: visitor.get(path)) for _ in range(TIMES))  # noqa: B023
        median = statistics.median(alone)
        floor = floor or median
        rate = _per_second(lambda: visitor.get(path))  # noqa: B023
        rows.append((title, median, alone[int(TIMES * 0.95)], rate, median / floor))
    return Table(
        "Pages, whole, over HTTP",
        ("page", "median ms", "p95 ms", f"per second, {CLIENTS} at once", "times the first row"),
        rows,
        ["One process of the school's site; the client runs on the same cores and is part of every figure."],
    )


def _logins(username: str, password: str) -> Table:
    rate = _per_second(lambda: Visitor().log_in(username, password))
    return Table(
        "Logging in",
        ("what", "per second", "goal", ""),
        [("page, password by Argon2id, session", rate, f"≥ {FEWEST_LOGINS}/s", met(rate >= FEWEST_LOGINS))],
    )


def _per_second(visit: Callable[[], object]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(visit) for _ in range(TIMES)]:
            done.result()
    return TIMES / (time.perf_counter() - began)


def _milliseconds(visit: Callable[[], object]) -> float:
    began = time.perf_counter()
    visit()
    return (time.perf_counter() - began) * 1000


def _lesson_of(teacher: Visitor) -> str:
    """A lesson of the last week's days, so that there is one whatever day it is."""
    for ago in range(7):
        day = date.today() - timedelta(days=ago)  # noqa: DTZ011
        if found := re.search(r'href="(/lessons/[0-9a-f-]{36}/[^"]+)"', teacher.get(f"/lessons/?day={day}")):
            return found.group(1)
    raise RuntimeError("The demo's teacher has no lesson in a whole week.")


def _token_in(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if not found:
        raise RuntimeError("The page holds no form.")
    return found.group(1)
