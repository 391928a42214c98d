"""A RabbitMQ node of one's own, which shares nothing with the machine's but the programs."""

import os
import secrets
import shutil
import signal
from pathlib import Path

from consumers.brokers import connect
from dashboard.one_machine import ports

DEBIANS = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The program that Debian's own starter, which takes no settings, runs."""
ACCOUNT = "rabbitmq"
CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
log.console = true
"""


class RabbitMQNode:
    """A node whose data lie in `folder`."""

    name = "rabbitmq"
    stop_signal = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._management, self._distribution = ports.free(), ports.free(), ports.free()
        self._name = f"soak-{secrets.token_hex(4)}@localhost"

    @property
    def url(self) -> str:
        management = f"http://127.0.0.1:{self._management}"
        return f"amqp://guest:guest@127.0.0.1:{self.port}/?management={management}"

    @property
    def account(self) -> str | None:
        """Erlang keeps a secret in the account's home, so root's is left alone."""
        return ACCOUNT if os.geteuid() == 0 else None

    @property
    def command(self) -> list[str]:
        program = DEBIANS if DEBIANS.exists() else Path(shutil.which("rabbitmq-server") or "rabbitmq-server")
        settings = {
            "HOME": self.folder,
            "RABBITMQ_CONF_ENV_FILE": self.folder / "none",
            "RABBITMQ_CONFIG_FILE": self.folder / "rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "enabled_plugins",
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_DIST_PORT": self._distribution,
            "RABBITMQ_MNESIA_BASE": self.folder / "data",
            "RABBITMQ_LOG_BASE": self.folder / "log",
            "RUNNING_UNDER_SYSTEMD": "true",  # the program becomes Erlang, and leaves none behind
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        return ["env", *(f"{name}={value}" for name, value in settings.items()), str(program)]

    def prepare(self) -> None:
        """Makes the folder with the node's configuration."""
        self.folder.mkdir(mode=0o755)
        configuration = CONFIGURATION.format(port=self.port, management=self._management)
        (self.folder / "rabbitmq.conf").write_text(configuration)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "none").touch()
        if self.account:
            shutil.chown(self.folder, self.account, self.account)

    def answers(self) -> None:
        """Raises BrokerUnavailable while it does not take messages."""
        with connect(self.url) as broker:
            broker.publish([])
