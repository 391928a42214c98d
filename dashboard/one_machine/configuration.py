"""The file that tells supervisord what to keep running."""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from dashboard.one_machine import tether
from dashboard.one_machine.folder import Folder
from dashboard.one_machine.programs import Program

SUPERVISORD = """\
[supervisord]
nodaemon=true
silent=true
umask=077
directory={directory}
logfile={log}
logfile_maxbytes=5MB
logfile_backups=1
pidfile={run}/supervisord.pid
childlogdir={run}
{user}

[inet_http_server]
port={address}
username=office
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
# Groups stop one after the other, the last one first: no program sees its server go.
GROUP = """
[group:{name}]
programs={programs}
priority={place}
"""
# A program that ends within `startsecs` is started again after 1, 2, 3... seconds, a later end at once.
PROGRAM = """
[program:{name}]
command={command}
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
redirect_stderr=true
autostart={autostart}
autorestart=true
startsecs=2
startretries=100
stopsignal={stop}
stopwaitsecs=5
killasgroup=true
"""


def configuration(
    folder: Folder, address: str, password: str, groups: Mapping[str, Sequence[Program]]
) -> str:
    """Of a supervisord that answers who knows the password. The first group starts with it."""
    parts = [
        section(
            SUPERVISORD,
            directory=Path.cwd(),
            log=folder.log("supervisord"),
            run=folder.run,
            user="user=root" if os.geteuid() == 0 else "",
            address=address,
            password=password,
        )
    ]
    for place, (name, programs) in enumerate(groups.items()):
        if programs:
            names = ",".join(program.name for program in programs)
            parts.append(section(GROUP, name=name, programs=names, place=place))
        parts += [program_section(folder, program, autostart=place == 0) for program in programs]
    return "".join(parts)


def program_section(folder: Folder, program: Program, *, autostart: bool) -> str:
    return section(
        PROGRAM,
        name=program.name,
        command=shlex.join(tether.command(program.on_death, program.command, program.lock, program.account)),
        log=literal(folder.log(program.name)),  # which supervisor expands twice
        autostart=str(autostart).lower(),
        stop=program.stop_signal.name.removeprefix("SIG"),
    )


def section(text: str, **values: object) -> str:
    return text.format(**{name: literal(value) for name, value in values.items()})


def literal(value: object) -> str:
    """Supervisor expands %(names)s in its configuration; there are none in ours."""
    return str(value).replace("%", "%%")
