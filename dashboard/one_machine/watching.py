"""What a person sees of an open office."""

import time
from typing import NoReturn

from dashboard.one_machine.console import CannotStart, say, show
from dashboard.one_machine.logs import Log
from dashboard.one_machine.machine import Machine
from dashboard.one_machine.manager import Manager, State


def welcome(office: Machine) -> None:
    say("The office is open")
    show(f"""
  Address    {office.environment.origins[0]}/
  User       admin
  Password   {office.secrets.administrator_password}  (until you change it; it is in secrets.json)
  Broker     {office.broker}
  Data       {office.folder.root}
  Logs       {office.folder.logs}
  Stop       Ctrl-C
""")


def watch(manager: Manager) -> NoReturn:
    """Show what matters until somebody stops the office. Raises CannotStart when supervisord is gone."""
    known = {state.name: state for state in manager.states()}
    while manager.alive:
        for program in manager.office:
            tell(manager.logs[program.name])
        for now in manager.states():
            if news := change(known[now.name], now):
                say(f"{now.name} {news}. Its log is {manager.logs[now.name].path}")
                known[now.name] = now
        time.sleep(0.5)
    raise CannotStart("The process manager was killed, and every program with it. Start again: make run")


def change(before: State, now: State) -> str:
    """What has become of a program, if anything has."""
    if now.process != before.process and now.status == "RUNNING":
        return "stopped and is running again"
    if now.failed and not before.failed:
        return "stopped and is being restarted"
    return ""


def tell(log: Log) -> None:
    for line in log.important():
        show(f"{log.program:>12} | {line}")
