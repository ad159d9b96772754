"""The session of a request: found while it lasts, by one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from screening.models import Edition
from screening.session_store import SessionStore

pytestmark = pytest.mark.django_db


def kept(**values: object) -> str:
    """The key of a session that holds some values."""
    session = SessionStore()
    session.update(values)
    session.create()
    return str(session.session_key)


def ends(key: str) -> datetime:
    """When a session ends."""
    return Session.objects.get(session_key=key).expire_date


def test_a_session_holds_what_was_put_into_it() -> None:
    key = kept(number=7, words="Šámple", deep={"list": [1, None]})
    session = SessionStore(key)
    assert dict(session.items()) == {"number": 7, "words": "Šámple", "deep": {"list": [1, None]}}
    assert session.session_key == key


def test_a_session_is_what_djangos_own_store_finds() -> None:
    key = kept(number=7)
    assert SessionStore(key).load() == db.SessionStore(key).load() == {"number": 7}


def test_of_two_sessions_each_is_found_by_its_own_key() -> None:
    first, second = kept(number=1), kept(number=2)
    assert [SessionStore(key)["number"] for key in (first, second, first)] == [1, 2, 1]


@pytest.mark.parametrize("seconds", [0, 1, 86_400])
def test_an_expired_session_is_not_found(seconds: int) -> None:
    key = kept(number=7)
    with time_machine.travel(ends(key) + timedelta(seconds=seconds), tick=False):
        session = SessionStore(key)
        assert (session.load(), session.session_key) == ({}, None)


def test_a_session_is_found_until_its_last_second() -> None:
    key = kept(number=7)
    with time_machine.travel(ends(key) - timedelta(seconds=1), tick=False):
        assert SessionStore(key).load() == {"number": 7}


@pytest.mark.parametrize("key", ["a" * 32, "' OR '1'='1", "%s%s%s%s%s", "Ж" * 32, "a" * 5_000])
def test_an_unknown_key_finds_no_session(key: str) -> None:
    kept(number=7)
    session = SessionStore(key)
    assert (session.load(), session.session_key) == ({}, None)


def test_a_session_is_found_by_one_statement(django_assert_num_queries: Any) -> None:
    key = kept(number=7)
    with django_assert_num_queries(1):
        assert SessionStore(key)["number"] == 7


def test_that_there_is_no_session_is_found_by_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert SessionStore("a" * 32).load() == {}


def test_what_is_changed_in_a_session_is_kept_and_nothing_else() -> None:
    key, other = kept(number=7), kept(number=8)
    session = SessionStore(key)
    session["number"] = 9
    session.save()
    assert [SessionStore(each)["number"] for each in (key, other)] == [9, 8]


def test_a_session_that_was_deleted_is_not_found() -> None:
    key = kept(number=7)
    SessionStore(key).delete()
    assert SessionStore(key).load() == {}


def test_with_an_expired_session_a_person_signs_in_again(client: Client, edition: Edition) -> None:
    assert client.get("/screenings/").status_code == 200
    Session.objects.update(expire_date=timezone.now())
    response = client.get("/screenings/")
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/?next=/screenings/")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param('"aaaaaaaaaaaa\\355\\240\\200"', id="half a character"),
        pytest.param("a" * 4_000, id="4,000 characters"),
        pytest.param('"aaaaaaaaaaaa\\000"', id="a zero byte"),
    ],
)
def test_a_cookie_that_is_no_key_leads_to_the_sign_in(db: None, value: str) -> None:
    stranger = Client(raise_request_exception=False)
    response = stranger.get("/screenings/", headers={"cookie": f"ldn_session={value}"})
    assert (response.status_code, response.headers.get("Location")) == (302, "/accounts/login/?next=/screenings/")
