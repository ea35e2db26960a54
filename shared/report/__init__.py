"""What a notebook says: header, findings, figures, tables, verdict, actions, export."""

from shared.report.report import Report

__all__ = ["Report"]
