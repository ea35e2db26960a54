"""Ctrl-C and SIGTERM: an orderly end with the exit code that shells expect."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_received: list[int] = []


class Interrupted(BaseException):
    """A signal asked this run to end; no `except Exception` may hold it up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first signal into `Interrupted`; further ones do not disturb the tidying up."""

    def stop(number: int, _: FrameType | None) -> None:
        """Raise on the first signal and turn a deaf ear to the rest."""
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        _received.append(number)
        raise Interrupted(number)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    for each in SIGNALS:
        signal.signal(each, stop)
    try:
        yield
    finally:
        _received.clear()
        for each, handler in before.items():
            signal.signal(each, handler)


def raise_if_interrupted() -> None:
    """Raise `Interrupted` again where a library turned it into an error of its own."""
    if _received:
        raise Interrupted(_received[0])
