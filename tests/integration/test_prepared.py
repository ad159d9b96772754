"""Queries and inserts that are compiled once do what Django's own do, with every value bound."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from screening.models import Answer, AuditEvent, Edition, Rule, RuleSet, Screening, User, Void
from screening.models.prepared import Prepared, insert
from tests.factories import NOT_KNOWN, PatientFactory, ScreeningFactory

pytestmark = pytest.mark.django_db

BY_UUID = Prepared(
    lambda uuid: Screening.objects.with_edition().with_standing().filter(uuid=uuid), uuid=models.UUIDField()
)


def columns(row: models.Model) -> dict[str, tuple[type, object]]:
    """All that a row holds, each value with its type."""
    values = {str(field.attname): getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: (type(value), value) for name, value in values.items()}


def by_key(model: type[models.Model]) -> Prepared[Any]:
    """A prepared query for the row with a key."""
    return Prepared(lambda pk: model._default_manager.filter(pk=pk), pk=models.BigIntegerField())


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, each with what is bound to it."""
    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        sent.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield sent


def of_data(captured: CaptureQueriesContext) -> list[str]:
    """The statements that are about rows, without those that begin and end a transaction."""
    about_transactions = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return [each["sql"] for each in captured.captured_queries if not each["sql"].startswith(about_transactions)]


# What it finds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Screening, Answer, Void, AuditEvent, Edition, User, RuleSet, Rule])
def test_it_finds_every_column_that_the_plain_query_finds(edition: Edition, model: type[models.Model]) -> None:
    ScreeningFactory(taking_opioid=True, superseded=True, patient=PatientFactory(dose_mg=Decimal("0.125")))
    ScreeningFactory(voided=True, patient=PatientFactory(dose_mg=None, name="Šámple “Patient” 👩‍⚕️"))
    plain = list(model._default_manager.all())
    assert plain
    assert [columns(each) for row in plain for each in by_key(model)(pk=row.pk)] == [columns(row) for row in plain]


def test_rows_come_in_the_order_of_the_query(edition: Edition) -> None:
    screening = ScreeningFactory()
    backwards = Prepared(
        lambda screening: Answer.objects.filter(screening=screening).order_by("-position"),
        screening=models.BigIntegerField(),
    )
    assert [each.position for each in backwards(screening=screening.pk)] == [3, 2, 1, 0]


def test_where_nothing_is_found_there_is_no_row(edition: Edition) -> None:
    assert (BY_UUID(uuid=uuid4()), BY_UUID.first(uuid=uuid4())) == ([], None)


def test_what_is_found_is_known_to_be_in_the_database(edition: Edition) -> None:
    found = BY_UUID.first(uuid=ScreeningFactory().uuid)
    assert found is not None
    assert (found._state.adding, found._state.db) == (False, "default")


def test_a_column_that_was_left_out_is_read_when_it_is_needed(edition: Edition) -> None:
    without = Prepared(lambda pk: Edition.objects.filter(pk=pk).defer("content"), pk=models.BigIntegerField())
    found = without.first(pk=edition.pk)
    assert found is not None
    assert found.get_deferred_fields() == {"content"}
    assert found.content == edition.content


def test_a_related_row_is_found_through_what_was_found(edition: Edition) -> None:
    screening = ScreeningFactory()
    found = BY_UUID.first(uuid=screening.uuid)
    assert found is not None
    assert (found.edition, found.screened_by) == (edition, screening.screened_by)


def test_annotations_are_of_their_own_types(edition: Edition) -> None:
    earlier = ScreeningFactory(superseded=True)
    later = Screening.objects.get(supersedes=earlier)
    found = BY_UUID.first(uuid=earlier.uuid)
    assert found is not None
    said = (found.successor_uuid, found.is_void, found.edition_number, found.edition_sha256)
    assert said == (later.uuid, False, 1, edition.sha256)
    assert [type(each) for each in said] == [UUID, bool, int, str]


@pytest.mark.parametrize("state", ["superseded", "voided", ""])
def test_annotations_are_those_of_the_plain_query(edition: Edition, state: str) -> None:
    screening = ScreeningFactory(**({state: True} if state else {}))
    plain = Screening.objects.with_edition().with_standing().get(pk=screening.pk)
    found = BY_UUID.first(uuid=screening.uuid)
    assert {name: value for name, value in vars(found).items() if name != "_state"} == {
        name: value for name, value in vars(plain).items() if name != "_state"
    }


# How it asks --------------------------------------------------------------------------------------------------


def test_two_values_in_turn_find_each_its_own_row(edition: Edition) -> None:
    first, second = ScreeningFactory(), ScreeningFactory(taking_opioid=True)
    found = [BY_UUID.first(uuid=each.uuid) for each in (first, second, first)]
    assert [each.outcome for each in found if each] == [first.outcome, second.outcome, first.outcome]


def test_each_call_is_one_statement_with_the_value_bound_to_it(edition: Edition) -> None:
    asked = [ScreeningFactory().uuid, ScreeningFactory().uuid]
    by_uuid = Prepared(lambda uuid: Screening.objects.filter(uuid=uuid), uuid=models.UUIDField())
    with statements() as sent:
        for uuid in asked:
            by_uuid(uuid=uuid)
    assert len(sent) == 2
    assert len({sql for sql, _ in sent}) == 1
    assert [[UUID(str(each)) for each in bound] for _, bound in sent] == [[uuid] for uuid in asked]


def test_the_query_is_built_once_for_all_calls(edition: Edition) -> None:
    built = []

    def build(pk: Any) -> models.QuerySet[Edition]:
        built.append(pk)
        return Edition.objects.filter(pk=pk)

    by_pk = Prepared(build, pk=models.BigIntegerField())
    assert [len(by_pk(pk=pk)) for pk in (edition.pk, edition.pk + 1, edition.pk)] == [1, 0, 1]
    assert len(built) == 1


def test_a_value_goes_to_every_place_that_the_query_has_for_it(edition: Edition) -> None:
    screening = ScreeningFactory()
    either = Prepared(
        lambda uuid: Screening.objects.filter(Q(uuid=uuid) | Q(submission=uuid)), uuid=models.UUIDField()
    )
    found = [either.first(uuid=each) for each in (screening.uuid, screening.submission)]
    assert found == [screening, screening]


def test_several_values_do_not_change_places(edition: Edition) -> None:
    screening = ScreeningFactory(patient=PatientFactory(name="Sample Name", record_number="DEMO-0001"))
    both = Prepared(
        lambda number, name: Screening.objects.filter(patient_name=name, record_number=number),
        number=models.CharField(),
        name=models.CharField(),
    )
    assert both(name="Sample Name", number="DEMO-0001") == [screening]
    assert both(name="DEMO-0001", number="Sample Name") == []


@pytest.mark.parametrize(
    "value", ["' OR '1'='1", "%s", "%(key)s", "\\", '"', "x'; DROP TABLE screening_screening; --"]
)
def test_a_value_is_never_taken_for_a_part_of_the_statement(edition: Edition, value: str) -> None:
    ScreeningFactory()
    of_that_name = ScreeningFactory(patient=PatientFactory(name=value))
    by_name = Prepared(lambda name: Screening.objects.filter(patient_name=name), name=models.CharField())
    assert by_name(name=value) == [of_that_name]


def test_a_value_is_given_as_its_field_is_kept(edition: Edition) -> None:
    screening = ScreeningFactory()
    later_than = Prepared(lambda at: Screening.objects.filter(screened_at__gt=at), at=models.DateTimeField())
    assert later_than(at=datetime(2000, 1, 1, tzinfo=UTC)) == [screening]
    assert later_than(at=screening.screened_at) == []


def test_a_query_without_a_place_for_a_name_is_refused(edition: Edition) -> None:
    forgetful = Prepared(lambda uuid: Screening.objects.all(), uuid=models.UUIDField())
    with pytest.raises(ValueError, match="no place for uuid"):
        forgetful(uuid=uuid4())


@pytest.mark.django_db(transaction=True)
def test_several_threads_ask_at_once_and_each_gets_its_own_answer(edition: Edition) -> None:
    asked = [ScreeningFactory().uuid for _ in range(8)]
    by_uuid = Prepared(lambda uuid: Screening.objects.filter(uuid=uuid), uuid=models.UUIDField())
    together = Barrier(len(asked))

    def ask(uuid: UUID) -> list[UUID]:
        try:
            together.wait(timeout=30)
            return [each.uuid for _ in range(20) for each in by_uuid(uuid=uuid)]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(asked)) as pool:
        assert list(pool.map(ask, asked)) == [[uuid] * 20 for uuid in asked]


# What it inserts ----------------------------------------------------------------------------------------------


def another(screening: Screening, **changes: Any) -> Screening:
    """A screening with the columns of one that is kept, not yet in the database."""
    kept = {str(field.attname): getattr(screening, field.attname) for field in screening._meta.concrete_fields}
    return Screening(**{**kept, "id": None, "uuid": uuid4(), "submission": uuid4(), **changes})


def event(**changes: Any) -> AuditEvent:
    """An event that is not yet in the database."""
    return AuditEvent(**{"at": datetime.now(UTC), "actor_name": "Sample Person", "action": "tested", **changes})


def kept(row: models.Model, *, without: set[str] = frozenset()) -> dict[str, tuple[type, object]]:  # type: ignore[assignment]
    """What the database holds of a row but for its key."""
    read = type(row)._default_manager.get(pk=row.pk)
    return {name: value for name, value in columns(read).items() if name not in {"id", *without}}


@pytest.mark.parametrize("count", [1, 4])
def test_rows_are_inserted_in_one_statement(db: None, count: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        insert(*(event() for _ in range(count)))
    assert len(of_data(captured)) == 1
    assert AuditEvent.objects.count() == count


def test_each_row_is_given_its_own_key(db: None) -> None:
    rows = [event(action=f"tested {number}") for number in range(5)]
    insert(*rows)
    assert {row.pk: row.action for row in rows} == dict(AuditEvent.objects.values_list("pk", "action"))


def test_keys_go_on_after_rows_that_django_saved(db: None) -> None:
    rows = [event() for _ in range(4)]
    insert(rows[0])
    rows[1].save()
    insert(rows[2], rows[3])
    assert sorted({row.pk for row in rows}) == list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


def test_a_row_knows_that_it_was_inserted(db: None) -> None:
    row = event()
    insert(row)
    assert (row._state.adding, row._state.db) == (False, "default")
    assert AuditEvent.objects.get() == row


@pytest.mark.parametrize("dose", [Decimal("4.5"), Decimal("0.125"), Decimal(100), None])
def test_a_screening_comes_back_as_if_django_had_saved_it(edition: Edition, dose: Decimal | None) -> None:
    screening = ScreeningFactory(patient=PatientFactory(name="Šámple O’Patient %s"))
    ours = another(
        screening, dose_mg=dose, unrecognised=["a", "ü"], supersedes_id=screening.uuid, amendment_reason="x"
    )
    insert(ours)
    theirs = another(ScreeningFactory(), dose_mg=dose, supersedes_id=ScreeningFactory().uuid)
    for field in Screening._meta.concrete_fields:
        if field.attname not in {"id", "uuid", "submission", "supersedes_id"}:
            setattr(theirs, field.attname, getattr(ours, field.attname))
    theirs.save()
    own = {"uuid", "submission", "supersedes_id"}
    assert kept(ours, without=own) == kept(theirs, without=own)
    assert {name: kept(ours)[name] for name in own} == {name: (UUID, getattr(ours, name)) for name in own}


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({}, id="empty"),
        pytest.param({"agent": "Tramadol “50” %s \\ ü", "kind": ["a", "b"], "dose": "4.5"}, id="texts"),
        pytest.param({"deep": {"list": [1, 2.5, None, True, {"x": []}]}}, id="nested"),
        pytest.param([], id="a list"),
        pytest.param("text", id="a text"),
    ],
)
@pytest.mark.parametrize("actor", [None, 7])
def test_an_event_comes_back_as_if_django_had_saved_it(db: None, details: Any, actor: int | None) -> None:
    at = datetime(2026, 11, 23, 14, 32, 1, 234567, tzinfo=UTC)
    ours, theirs = (event(at=at, details=details, actor_id=actor) for _ in range(2))
    insert(ours)
    theirs.save()
    assert kept(ours) == kept(theirs)
    assert (kept(ours)["details"][1], kept(ours)["actor_id"][1], kept(ours)["at"][1]) == (details, actor, at)


def test_of_several_rows_each_keeps_its_own_values(edition: Edition) -> None:
    screening = ScreeningFactory(taking_opioid=True, given={"opioid-use": NOT_KNOWN})
    new = another(screening)
    insert(new)
    rows = list(screening.answers.all())
    copies = [
        Answer(**{name: value for name, (_, value) in columns(row).items() if name not in {"id", "screening_id"}})
        for row in rows
    ]
    for copy in copies:
        copy.screening = new
    insert(*copies)
    own = {"screening_id"}
    assert [kept(copy, without=own) for copy in copies] == [kept(row, without=own) for row in rows]


# What the database goes on to refuse --------------------------------------------------------------------------


def refused(*rows: models.Model) -> str:
    """What the database says against rows that are inserted."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        insert(*rows)
    return str(refusal.value)


def test_an_amendment_without_a_reason_is_refused(edition: Edition) -> None:
    screening = ScreeningFactory()
    assert "amendment_has_a_reason" in refused(another(screening, supersedes_id=screening.uuid))
    assert Screening.objects.count() == 1


def test_a_reason_without_an_amendment_is_refused(edition: Edition) -> None:
    assert "amendment_has_a_reason" in refused(another(ScreeningFactory(), amendment_reason="x"))


def test_a_second_record_of_one_form_is_refused(edition: Edition) -> None:
    screening = ScreeningFactory()
    assert "submission" in refused(another(screening, submission=screening.submission))


def test_a_second_amendment_of_one_record_is_refused(edition: Edition) -> None:
    screening = ScreeningFactory(superseded=True)
    again = another(screening, supersedes_id=screening.uuid, amendment_reason="x")
    assert "supersedes" in refused(again)


def test_of_several_rows_none_is_kept_when_one_is_refused(edition: Edition) -> None:
    screening = ScreeningFactory()
    new = another(screening)
    insert(new)
    row = columns(screening.answers.all()[0])
    copy = {name: value for name, (_, value) in row.items() if name not in {"id", "screening_id"}}
    refused(*(Answer(screening=new, **copy) for _ in range(2)))
    assert not new.answers.exists()


@pytest.mark.django_db(transaction=True)
def test_an_answer_to_no_screening_is_refused(edition: Edition) -> None:
    row = columns(ScreeningFactory().answers.all()[0])
    values = {name: value for name, (_, value) in row.items() if name not in {"id", "screening_id"}}
    refused(Answer(screening_id=0, **values))
    assert Answer.objects.count() == 4


@pytest.mark.parametrize("change", ["UPDATE {} SET id = id WHERE id = %s", "DELETE FROM {} WHERE id = %s"])
def test_what_was_inserted_is_never_changed_or_deleted(edition: Edition, change: str) -> None:
    for row in (another(ScreeningFactory()), event()):
        insert(row)
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            connection.cursor().execute(change.format(row._meta.db_table), [row.pk])


def test_saving_what_was_inserted_once_more_is_refused(db: None) -> None:
    row = event()
    insert(row)
    row.action = "changed"
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        row.save()


def test_what_is_inserted_goes_when_the_transaction_is_undone(db: None) -> None:
    def insert_and_fail() -> None:
        with transaction.atomic():
            insert(event())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        insert_and_fail()
    assert not AuditEvent.objects.exists()
