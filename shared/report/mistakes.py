"""What a notebook can do wrong with its report; told to its author without a traceback."""


class ReportMistake(ValueError):
    """A page that would break a promise to its reader: an author's mistake, not the data's."""
