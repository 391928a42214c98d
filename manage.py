#!/usr/bin/env python
"""Django's entry: `python manage.py help` lists the commands; `up` runs the whole office on this machine."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["up"]:
        # Before Django: it makes the settings that Django refuses to start without.
        from dashboard.one_machine.up import up

        sys.exit(up())
    if os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings") == "dashboard.settings":
        from dashboard.one_machine.beside import take_settings

        take_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
