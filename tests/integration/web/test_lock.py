"""A lock by name lasts as long as the transaction, and stops only those who lock the same."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction
from django.db.transaction import TransactionManagementError

from screening.audit.append_only import deletable
from screening.models import Screening
from screening.web.transactions import lock

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_a_transaction_nothing_is_locked_and_no_trigger_is_suspended() -> None:
    with pytest.raises(TransactionManagementError):
        lock(Screening(pk=1))
    with pytest.raises(TransactionManagementError), deletable(connection, [Screening]):
        pass


@pytest.mark.postgresql
def test_the_same_row_waits_and_another_does_not() -> None:
    same, other, waited = Event(), Event(), list[bool]()

    def take(pk: int, taken: Event) -> None:
        try:
            with transaction.atomic():
                lock(Screening(pk=pk))
                taken.set()
        finally:
            connections.close_all()

    with transaction.atomic():
        lock(Screening(pk=1))
        threads = [Thread(target=take, args=(1, same)), Thread(target=take, args=(2, other))]
        for each in threads:
            each.start()
        assert other.wait(10)
        waited.append(not same.wait(0.2))
    for each in threads:
        each.join(10)
    assert (waited, same.is_set()) == ([True], True)
