"""The mistakes of one client.yaml: collected while it is read, told in one go."""

from typing import NoReturn

from shared.loading.errors import ConfigError, join_errors, mask_secrets

NO_FILE = "E-CONF-01"
NOT_YAML = "E-CONF-02"
UNSAFE = "E-CONF-03"
UNKNOWN = "E-CONF-04"
MISSING = "E-CONF-05"
WRONG_VALUE = "E-CONF-06"
UNDECIDED = "E-CONF-07"
TWO_ON_ONE = "E-CONF-08"
BRAND = "E-CONF-09"
SOURCE = "E-CONF-10"
VERSION = "E-CONF-11"


class Mistakes:
    """A list of mistakes, each with its line.

    Parameters
    ----------
    label : str
        How messages name the file, such as "data/acme/client.yaml".

    Attributes
    ----------
    written : list of str
        The lines of the file, once they are read, for messages that quote one.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.written: list[str] = []
        self._found: list[tuple[int, ConfigError]] = []

    def add(self, code: str, line: int, what: str, *, found: str = "", fix: str = "") -> None:
        """Note a mistake; no text of it ever holds an expanded variable or a password."""
        place = f"{self.label}:{line}" if line else self.label
        what, found, fix = map(mask_secrets, (what, found, fix))
        self._found.append((line, ConfigError(code, place, what, found=found, fix=fix)))

    def stop(self, code: str, line: int, what: str) -> NoReturn:
        """Note a mistake after which nothing can be read, and raise all that were found."""
        self.add(code, line, what)
        raise self._joined()

    def raise_if_any(self) -> None:
        """Raise one `ConfigError` that lists every mistake, first line first."""
        if self._found:
            raise self._joined()

    def _joined(self) -> ConfigError:
        return join_errors([mistake for _, mistake in sorted(self._found, key=lambda m: m[0])])
