"""What the consultant chose for the propensity page: the parameters of the notebook."""

from dataclasses import dataclass
from datetime import date

from shared.analysis.propensity_windows import Horizon
from shared.loading.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """What the consultant chose; the notebook's parameters.

    Attributes
    ----------
    outcome_window, horizon_unit
        Length of the outcome, "D" days or "H" hours.
    cutoff_date : str
        Moment to test on, such as "2026-05-01"; "" takes the latest whose outcome is known.
    demographics : bool
        Whether the table of customers may be used.
    leave_out, trust, sources : str
        Columns not to use; suspicious ones to use all the same; which are from where.
    contact_cost, buyer_margin, discount
        Money per contact; per buyer, 0 to learn it from the orders; share of the price.
    least_gain : float
        AUC that a model has to add before a simpler one is given up.
    next_day : bool
        Whether the next 24 hours get a score of their own.
    placebo : bool
        Whether outcomes are dealt out anew.
    """

    outcome_window: int = 28
    horizon_unit: str = "D"
    cutoff_date: str = ""
    demographics: bool = True
    leave_out: str = ""
    trust: str = ""
    sources: str = ""
    contact_cost: float = 0.5
    buyer_margin: float = 0.0
    discount: float = 0.1
    least_gain: float = 0.01
    next_day: bool = True
    placebo: bool = False

    @property
    def horizon(self) -> Horizon:
        """How far ahead the score looks."""
        return Horizon(self.outcome_window, self.horizon_unit)

    @property
    def cutoff(self) -> date | None:
        """The moment to test on, or None for the latest."""
        if not self.cutoff_date:
            return None
        try:
            return date.fromisoformat(self.cutoff_date)
        except ValueError as error:
            raise ConfigError(
                "E-PARA-62", "cutoff_date", f"{self.cutoff_date!r} is no day",
                fix="cutoff_date: 2026-05-01",
            ) from error  # fmt: skip

    def listed(self, name: str) -> tuple[str, ...]:
        """Read a parameter that lists columns, with commas between them."""
        words = str(getattr(self, name)).replace(";", ",")
        return tuple(part.strip() for part in words.split(",") if part.strip())
