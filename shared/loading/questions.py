"""What files leave open: an error that shows each reading and the line that decides."""

import contextlib
from collections.abc import Iterator

from shared.loading.errors import DataRefused, SuiteError

ANSWER_IN = "in client.yaml:"


class Undecided(DataRefused):
    """The data can be read in more than one way, so a person has to say which.

    Parameters
    ----------
    key : str
        Key below `format` in client.yaml that decides, such as "encoding".
    choices : tuple of str
        Values the key may take, the likeliest first.
    column : str
        Column in question, "" where it is the whole file.
    """

    def __init__(
        self,
        code: str,
        place: str,
        what: str,
        *,
        found: str = "",
        fix: str = "",
        key: str = "",
        choices: tuple[str, ...] = (),
        column: str = "",
    ) -> None:
        super().__init__(code, place, what, found=found, fix=fix)
        self.key, self.choices, self.column = key, choices, column


@contextlib.contextmanager
def answered_at(line: str) -> Iterator[None]:
    """Name the very line of client.yaml in the remedy of every error raised inside."""
    try:
        yield
    except SuiteError as error:
        error.fix = error.fix.replace(ANSWER_IN, f"{line}:")
        raise
