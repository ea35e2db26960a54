"""What can go wrong, one class per exit code, each with a message a person can act on."""

import re

MOST_LINES = 8
_ADDRESS_SECRET = re.compile(r"(\w+://[^\s:/@]*):\S+@")  # a password may hold an @


class SuiteError(Exception):
    """A failure with a code, a place, what is wrong, what was found and what to type.

    Parameters
    ----------
    code : str
        Such as "E-DATA-07".
    place : str
        File, row and column, such as "orders.csv:17:order_date".
    what : str
        What is wrong, in one line; counts, never a personal value.
    found : str, optional
        What was seen instead; may hold several lines.
    fix : str, optional
        What to type or to ask the client for.
    """

    exit_code = 1

    def __init__(self, code: str, place: str, what: str, *, found: str = "", fix: str = "") -> None:
        super().__init__(code, place, what, found, fix)
        self.code, self.place, self.what, self.found, self.fix = code, place, what, found, fix

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.place, self.what, self.found, self.fix)

    def __str__(self) -> str:
        lines = [f"{self.code} {self.place}  {self.what}".rstrip()]
        for label, text in (("found", self.found), ("fix", self.fix)):
            for i, line in enumerate(text.splitlines()):
                lines.append(f"  {label if i == 0 else '':<6} {line}")
        if len(lines) > MOST_LINES:
            lines = [*lines[: MOST_LINES - 1], f"  … {len(lines) - MOST_LINES + 1} more lines"]
        return mask_secrets("\n".join(lines))


class ConfigError(SuiteError):
    """Usage or configuration is wrong; nothing ran."""

    exit_code = 2


class DataRefused(SuiteError):
    """The client's data cannot be read without guessing or losing rows; nothing ran."""

    exit_code = 3


class EnvironmentFault(SuiteError):
    """Disk, permission, a package or an engine is missing; the data are not to blame."""

    exit_code = 4


class NotSupportedByData(Exception):
    """The data are fine but cannot carry this analysis: a page with that verdict is delivered.

    Parameters
    ----------
    reason : str
        What was found, with its number, such as "3 customers".
    needs : str, optional
        What would be needed, such as "at least 50 customers".
    """

    exit_code = 0
    SEPARATOR = "\n  needs  "

    def __init__(self, reason: str, needs: str = "") -> None:
        super().__init__(reason, needs)
        self.reason, self.needs = reason, needs

    def __str__(self) -> str:
        return f"{self.reason}{self.SEPARATOR}{self.needs}" if self.needs else self.reason


def join_errors(errors: list[ConfigError]) -> ConfigError:
    """Fold several mistakes into one error that lists each on a line of its own, at most 7."""
    if len(errors) == 1:
        return errors[0]
    first, *rest = errors
    lines = [f"{e.code} {e.place}  {_on_one_line(e)}" for e in rest]
    return _SeveralMistakes(first.code, first.place, _on_one_line(first), found="\n".join(lines))


def _on_one_line(error: ConfigError) -> str:
    found = f" ({error.found})" if error.found else ""
    return error.what + found + (f"; {error.fix}" if error.fix else "")


class _SeveralMistakes(ConfigError):
    def __str__(self) -> str:
        lines = [f"{self.code} {self.place}  {self.what}", *self.found.splitlines()]
        if len(lines) > MOST_LINES:
            hidden = len(lines) - MOST_LINES + 1
            lines = [*lines[: MOST_LINES - 1], f"… and {hidden} more mistakes"]
        return mask_secrets("\n".join(lines))


def mask_secrets(text: str) -> str:
    """Replace the password of every address in a text."""
    return _ADDRESS_SECRET.sub(r"\1:***@", text)


def _rebuild(
    kind: type[SuiteError], code: str, place: str, what: str, found: str, fix: str
) -> SuiteError:
    return kind(code, place, what, found=found, fix=fix)
