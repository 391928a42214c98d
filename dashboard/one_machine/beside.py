"""Commands beside an office that runs on this machine, in another terminal: they work on that office.

`manage.py up` makes up addresses and passwords that `manage.py add_person` could not know.
"""

import json
import os

from dashboard.environment import Environment
from dashboard.one_machine import machine
from dashboard.one_machine.folder import Folder
from dashboard.one_machine.lock import held

NAMES = [name.upper() for name in Environment.model_fields]
NEEDED = {name.upper() for name, field in Environment.model_fields.items() if field.is_required()}


def leave_settings(folder: Folder) -> None:
    """Write down this process's environment, which `machine.plan` has completed; for its owner alone."""
    settings = {name: os.environ[name] for name in NAMES if os.environ.get(name)}
    folder.settings_file.unlink(missing_ok=True)
    with os.fdopen(os.open(folder.settings_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(settings, file)


def take_settings() -> None:
    """Complete this process's environment with that of the office that runs in DATA_DIR.

    Nothing happens where none runs, and where whoever asks names a server or a key of their own: half of one
    office's settings and half of another's would be neither.
    """
    given = {name for name, value in os.environ.items() if value}
    folder = machine.folder()
    if given & NEEDED or not held(folder):
        return
    settings = json.loads(folder.settings_file.read_text())
    os.environ.update({name: value for name, value in settings.items() if name not in given})
