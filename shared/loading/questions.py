"""What files leave open: an error that shows each reading and the line that decides."""

import contextlib
import re
from collections.abc import Callable, Iterator

from shared.loading.errors import DataRefused, SuiteError

# How a remedy asks for a key of `format`, before it is known where client.yaml has it.
_ANSWER = re.compile(r"in client\.yaml: format: \{(\w+): (.*?)\}")


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
def answered_at(answer: Callable[[str, str], str] | None) -> Iterator[None]:
    """Name the very line of client.yaml in the remedy of every error raised inside.

    `answer` says what to type for a key and where, as `TableConfig.answer` does; None while there
    is no client.yaml.
    """
    try:
        yield
    except SuiteError as error:
        if answer is not None:
            error.fix = _ANSWER.sub(lambda m: answer(f"format.{m[1]}", m[2]), error.fix)
        raise
