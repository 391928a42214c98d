"""A TCP proxy in front of a server, to lose connections at a chosen moment."""

import socket
from contextlib import suppress
from threading import Event, Lock, Thread
from time import sleep
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class TcpProxy:
    """Passes everything on to `host:port` until told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._sockets: set[socket.socket] = set()
        self._lock = Lock()
        self._cut_after_request = False
        self._keep_answers = False
        self._late = 0.0
        self._answering = Event()
        self._answering.set()
        self._listener = self._listening(0)
        self.port: int = self._listener.getsockname()[1]

    @classmethod
    def to(cls, url: str) -> Self:
        """One in front of the server at this URL."""
        address = urlsplit(url)
        return cls(address.hostname or "", address.port or 5672)

    def way_to(self, url: str) -> str:
        """The same address, by way of the proxy."""
        address = urlsplit(url)
        account, at, _ = address.netloc.rpartition("@")
        return address._replace(netloc=f"{account}{at}127.0.0.1:{self.port}").geturl()

    def _listening(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = listener.accept()
                self._begin(client)

    def _begin(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._upstream)
        except OSError:  # the server is away
            client.close()
            return
        with self._lock:
            self._sockets |= {client, server}
        Thread(target=self._connect, args=(client, server), daemon=True).start()

    def _connect(self, client: socket.socket, server: socket.socket) -> None:
        answers = Thread(target=self._pass_on, args=(server, client, False), daemon=True)
        answers.start()
        self._pass_on(client, server, True)
        answers.join()
        with self._lock:
            self._sockets -= {client, server}
        client.close()
        server.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        with suppress(OSError):  # cut
            while data := source.recv(65536):
                if is_request and self._cut_after_request:
                    self._cut_after_request, self._keep_answers = False, True
                    target.sendall(data)
                    self.cut()
                    self._keep_answers = False
                elif is_request:
                    target.sendall(data)
                elif not self._keep_answers:
                    self._answering.wait()
                    sleep(self._late)
                    target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Lose every connection that is open now."""
        with self._lock:
            lost, self._sockets = self._sockets, set()
        for end in lost:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut_after_request(self) -> None:
        """Let the next bytes of a client through to the server, and lose the connection before the answer."""
        self._cut_after_request = True

    @property
    def cutting(self) -> bool:
        """Whether it is still to lose the connection."""
        return self._cut_after_request

    def hold_answers(self) -> None:
        """Keep what servers say until `pass_answers`; clients wait in vain."""
        self._answering.clear()

    def pass_answers(self) -> None:
        self._answering.set()

    def slow_down(self, seconds: float) -> None:
        """From now on what servers say comes so much later; 0 ends that."""
        self._late = seconds

    def down(self) -> None:
        """Lose every connection and refuse new ones."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        self.cut()

    def up(self) -> None:
        """Accept again, on the same port."""
        self._listener = self._listening(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        self.pass_answers()
