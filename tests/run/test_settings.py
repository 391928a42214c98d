"""A wrong setting ends any process with one line that names the variable, before it does anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parent.parent.parent
PROCESSES = {
    "manage.py": ["manage.py", "check"],
    "celery": ["-m", "celery", "--broker=", "-A", "workflow_processor", "report"],
    "uvicorn": ["-m", "uvicorn", "dashboard.asgi:application"],
}
WRONG = {
    "DATABASE_URL": "mysql://root:hidden@localhost/office",
    "BROKER_URL": "kafka://user:hidden@localhost",
    "CELERY_BROKER_URL": "sqs://user:hidden@",
    "CHANNEL_URL": "amqp://user:hidden@localhost",
    "SECRET_KEY": "hidden",
    "PUBLIC_URL": "office.example.com/hidden",
    "PORT": "65536 hidden",
    "SCHEMAS": "/hidden",
    "UNDO_SECONDS": "-1",
    "TIME_ZONE": "Atlantis/hidden",
    "EXAMPLE": "yes hidden",
    "LOG_FORMAT": "xml hidden",
}


def run(arguments: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_address_is_refused_for_its_parts_too() -> None:
    for address in ("amqp://host:port/", "amqp://host/?heartbeat=hidden", "valkey:///0"):
        ended = run(["-c", "import dashboard.settings"], BROKER_URL=address)
        assert ended.stderr.startswith("BROKER_URL has a wrong value."), address


def test_the_port_of_a_database_is_looked_at_before_it_is_waited_for() -> None:
    for hosts, code in (("host:port", 2), ("host:65536", 2), ("one:5432,two:5433", 0)):
        ended = run(["-c", "import dashboard.settings"], DATABASE_URL=f"postgresql://{hosts}/office")
        assert ended.returncode == code, hosts


@pytest.mark.parametrize("variable", WRONG)
def test_a_wrong_value_is_one_line_that_names_the_variable_and_hides_the_value(variable: str) -> None:
    ended = run(["-c", "import dashboard.settings"], **{variable: WRONG[variable]})
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{variable} has a wrong value. Expected: ")
    assert ended.stderr.count("\n") == 1
    assert "hidden" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_refuses_a_wrong_setting_in_the_same_words(process: str) -> None:
    ended = run(PROCESSES[process], UNDO_SECONDS="soon")
    assert ended.returncode == 2
    assert ended.stderr == "UNDO_SECONDS has a wrong value. Expected: how long a requeue can be undone: " + (
        "seconds, 0 to 3600\n"
    )


def test_a_missing_secret_is_asked_for() -> None:
    ended = run(["-c", "import os; del os.environ['SECRET_KEY']; import dashboard.settings"])
    assert ended.returncode == 2
    assert ended.stderr.startswith("SECRET_KEY is not set. Expected: at least 50 random characters")


def test_celery_that_mistakes_the_business_broker_for_its_own_does_not_start() -> None:
    ended = run(["-m", "celery", "-A", "workflow_processor", "report"])
    assert ended.returncode == 1
    assert ended.stderr.startswith("Celery would use BROKER_URL")


def test_celery_uses_the_broker_that_is_set_for_it() -> None:
    url = os.environ["CELERY_BROKER_URL"]
    used = "print(app.connection_for_write().as_uri(include_password=True))"
    ended = run(["-c", f"from workflow_processor.celery import app; {used}"])
    assert ended.stdout.strip() == url.replace("valkey://", "redis://")


def test_tests_use_the_servers_of_their_own_process() -> None:
    assert os.environ["BROKER_URL"] == settings.BROKER_URL
