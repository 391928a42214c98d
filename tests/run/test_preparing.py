"""`manage.py prepare`: what has to be there before the office starts."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from consumers.broker import Confirmation, Outgoing
from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)


def test_a_consumer_can_delegate_before_the_first_intake_has_started(settings: Settings) -> None:
    settings.BROKER_URL = f"memory://{uuid4()}"
    call_command("prepare")
    with connect(settings.BROKER_URL) as broker:
        assert broker.publish([Outgoing(INTAKE_QUEUE, broker.message(b""))]) == [Confirmation.CONFIRMED]


def test_a_broker_that_is_away_does_not_keep_the_office_from_being_prepared(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BROKER_URL = "valkey://127.0.0.1:1/0"
    call_command("prepare")
    assert f"{INTAKE_QUEUE} is made once the broker answers." in capsys.readouterr().out
