"""The trial ledger: a study counts once, a changed one counts again, and the view adds up."""

import datetime as dt

import pytest
import sqlalchemy as sa

from service.instants import Window
from storage import database, reports, trials
from storage.trials import StudyIdentity
from tests.storage.builders import at

FIRST, OTHER = StudyIdentity("choices", "data"), StudyIdentity("other choices", "data")


def enter(
    connection: sa.Connection, document: int, tests: int, study: StudyIdentity | None, made_at: dt.datetime
) -> str:
    return reports.save(
        connection,
        target="bitcoin",
        window=Window(at(0), at(24)),
        settings_digest=study.settings_digest if study else "unknown",
        data_digest=study.data_digest if study else None,
        document={"n": document},
        html_name=f"{document}.html",
        verdicts=[],
        made_at=made_at,
        trials={"s": tests},
    )


def test_a_study_made_again_counts_once_and_a_changed_choice_counts_again(engine: sa.Engine) -> None:
    """Though its page reads otherwise by then; what a later version computes beyond it is counted too."""
    with database.begin(engine) as connection:
        for document, tests, study in ((1, 40, FIRST), (2, 40, FIRST), (3, 40, OTHER), (4, 46, FIRST), (5, 30, FIRST)):
            enter(connection, document, tests, study, at(30 + document))
        assert trials.count_tests(connection, "s") == 40 + 40 + 6
        assert trials.count_tests(connection, "s", besides=FIRST) == 40
        assert trials.count_tests(connection, "s", besides=OTHER) == 46
        assert trials.count_tests(connection, "s", besides=StudyIdentity("choices", "newer data")) == 86
        assert trials.count_tests(connection, "s", as_of=at(33), besides=OTHER) == 40


def test_what_is_not_known_to_be_the_same_counts(engine: sa.Engine) -> None:
    """Tests entered without digests (by an earlier release) are always of another study."""
    with database.begin(engine) as connection:
        enter(connection, 1, 7, None, at(30))
        enter(connection, 2, 40, FIRST, at(31))
        assert trials.count_tests(connection, "s", besides=FIRST) == 7
        assert trials.count_tests(connection, "s", besides=OTHER) == 47


def test_the_view_adds_up_in_the_order_in_which_they_were_made(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        last = enter(connection, 1, 5, OTHER, at(40))
        first = enter(connection, 2, 40, FIRST, at(30))
        rows = connection.exec_driver_sql(
            "SELECT report, settings_digest, data_digest, tests, tests_so_far FROM v_trials "
            "WHERE series = 's' ORDER BY made_at_us"
        )
        assert [tuple(row) for row in rows] == [
            (first, "choices", "data", 40, 40),
            (last, "other choices", "data", 5, 45),
        ]


@pytest.mark.parametrize("known", [True, False])
def test_a_store_of_the_release_before_learns_its_digests_from_its_reports(database_url: str, known: bool) -> None:
    """Two reports of one study were counted twice; the later stays unknown, so that nothing is less than it was."""
    engine = database.open_engine(database_url)
    made = {"settings_digest": "choices", "data_digest": "data"}
    database.move(engine, "0005")
    with engine.begin() as connection:
        for number in (1, 2):
            document = {"n": number, **({"reproduction": made} if known else {})}
            row = (f"k{number}", "bitcoin", 0, 1, "choices", document, "x.html", [], number)
            names = ("key", "target", "window_start", "window_end", "settings_digest")
            names += ("document", "html_name", "verdicts", "made_at")
            table = sa.table(
                "report", *(sa.column(n, sa.JSON if n in ("document", "verdicts") else None) for n in names)
            )
            connection.execute(sa.insert(table).values(dict(zip(names, row, strict=True))))
            held = sa.text("INSERT INTO trial SELECT 's', id, 40 FROM report WHERE key = :key")
            connection.execute(held, {"key": f"k{number}"})
    database.migrate(engine)
    with database.read(engine) as connection:
        assert trials.count_tests(connection, "s") == 80
        assert trials.count_tests(connection, "s", besides=FIRST) == (40 if known else 80)
    engine.dispose()
