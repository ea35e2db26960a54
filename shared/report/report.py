"""The report that a notebook fills: what it says, shows and leaves behind for one client."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from shared.analysis.actions import Action
from shared.analysis.intervals import Estimate
from shared.analysis.verdicts import Reason, Verdict
from shared.loading.errors import NotSupportedByData
from shared.plots import theme
from shared.report import by_hand, figures, findings, markup
from shared.report.elements import Element, Elements, block, shell
from shared.report.intake_words import main_table, source_sentence, title_block, wording_of
from shared.report.mistakes import ReportMistake
from shared.report.narrow import pictures
from shared.report.notebooks import numbered_stem, parameter_values
from shared.report.run_settings import delivered_settings
from shared.report.sentences import Sentence, plain, write
from shared.report.tables import Columns, numbers_behind, rows_note, table_markup
from shared.report.words import word


class Report:
    """One report for one client; every method shows one element of the page.

    Parameters
    ----------
    stem : str
        Such as "cohort"; the notebook of that name gives number and parameters.
    client : Client
        What `load_client` returned.
    parameters : mapping, optional
        Values of the parameters outside a kernel; in a kernel the notebook's own are read.

    Raises
    ------
    ConfigError
        If a parameter is out of the range that the notebook states.
    """

    def __init__(
        self, stem: str, client: Any, *, parameters: Mapping[str, object] | None = None
    ) -> None:
        self.stem, self.client = numbered_stem(stem), client
        self.wording = wording_of(client)
        theme.use(self.wording, client.brand)
        self.parameters = parameter_values(stem, parameters)
        by_hand.tell_differences(stem, self.parameters, client)
        self.settings = delivered_settings(stem, self.parameters, client)
        self.elements = Elements()
        self._linked: set[str] = set()

    def header(self, *tables: str) -> None:
        """Show the title block: client, dates, rows used and set aside of the given tables."""
        supplied = self.client.intake.tables
        wanted = [t for t in tables or ("order_lines",) if t in supplied] or list(supplied)
        by_hand.show_style()
        block = title_block(self.client, wanted, self.wording, settings=self.settings)
        self._show("header", "header", block)

    def verdict(self, verdict: Verdict) -> None:
        """Show how far the page can be trusted, and why not further."""
        reasons = tuple(self.sentence(r.template, **r.values) for r in verdict.reasons)
        inner = markup.verdict(verdict.level, reasons)
        self._show("verdict", "verdict", inner, said=reasons, facts={"level": verdict.level.value})

    def finding(self, template: str | Reason, *, id: str | None = None, **values: object) -> None:
        """Say one of at most five findings; the first estimate gives its n and interval."""
        sentence = self.sentence(template, **values)
        if sentence.estimate is None:
            raise ReportMistake(
                f"the finding {template!r} needs an Estimate, for its n and interval"
            )
        if len(self.elements.of("finding")) >= findings.MOST_FINDINGS and not shell():
            raise ReportMistake(f"a page has at most {findings.MOST_FINDINGS} findings")
        inner = markup.finding(sentence, self.wording)
        self._show("finding", id, inner, said=(sentence,), role="listitem")

    def sentence(self, template: str | Reason, /, **values: object) -> Sentence:
        """Write a sentence from a template and values, in the client's number format.

        An answer of an analysis brings both with it.
        """
        if isinstance(template, Reason):
            return write(template.template, {**template.values, **values}, self.wording)
        return write(template, values, self.wording)

    def source(self, table: str = "", *, n: int | None = None, unit: str = "customers") -> Sentence:
        """Say what a figure rests on: table (order lines, or the first), period, n, left out."""
        note = self.client.source(table or main_table(self.client.intake.tables))
        return source_sentence(note, n=n, unit=unit, wording=self.wording)

    def key_figures(self, figures: Mapping[str, object], *, id: str | None = None) -> None:
        """Show a few large numbers by label; a value may be (value, spec)."""
        said = tuple(
            self.sentence("{label}: {value" + (f":{spec}" if spec else "") + "}",
                          label=label, value=value)
            for label, value, spec in markup.with_spec(figures)
        )  # fmt: skip
        self._show("key-figures", id, markup.key_figures(said), tag="dl", said=said)

    def figure(
        self,
        ax: Axes,
        *,
        data: pd.DataFrame | None,
        alt: str | Reason,
        columns: Columns | None = None,
        id: str | None = None,
        file: str | None = None,
    ) -> None:
        """Show a chart with its title, alt text, source and the numbers behind it.

        Parameters
        ----------
        ax : Axes
            From a plot function; title and source are those given to `theme.finish`.
        data : pd.DataFrame or None
            Behind the chart, aggregated: never one row per customer.
        alt : Sentence, Reason or str
            Kind of chart, range, the comparison that matters; 40 characters or more.
        columns : mapping, optional
            Column of `data` to (label, spec).
        file : str, optional
            Name under which `export` writes all of `data`.
        """
        words = theme.chart_words(ax)
        title, source = plain(words.title), plain(words.source)
        heard = self.sentence(alt) if isinstance(alt, Reason) else plain(alt)
        figures.check_alt(heard)
        figures.check_title(title)
        figures.check_behind(data)
        id_ = self.elements.next_id("figure", id)
        wide, small = pictures(ax)
        plt.close(ax.get_figure(root=True))
        said = {"title": title, "alt": heard, "source": source}
        inner = figures.figure_markup(id_, wide, narrow=small, **said)
        inner += numbers_behind(
            data, title=title, columns=columns, wording=self.wording, link=self._link_to(file)
        )
        self._keep("figure", id_, inner, tag="figure", said=(title, heard, source))

    def chart(
        self,
        plot: Callable[..., Axes],
        said: tuple[Reason, Reason],
        data: pd.DataFrame,
        *,
        source: str,
        columns: Columns | None = None,
        drawn: pd.DataFrame | None = None,
        file: str | None = None,
        **options: Any,
    ) -> None:
        """Draw and show a chart: `plot`, given title and source, of the numbers behind it.

        `said` is title and alt text; `drawn` is for a chart of other numbers than its table.
        """
        title, alt = said
        shown = data if drawn is None else drawn
        ax = plot(shown, title=self.sentence(title), source=source, **options)
        self.figure(ax, data=data, columns=columns, alt=alt, file=file)

    def table(
        self,
        frame: pd.DataFrame,
        *,
        caption: str,
        columns: Columns | None = None,
        id: str | None = None,
        rows: int = 12,
        file: str | None = None,
        whole: bool = True,
    ) -> None:
        """Show the first rows of a table, with a link to the file that has all of them.

        The caption says what to look at, `columns` gives label and spec of each column in the
        order shown, `file` is where `export` writes it, `whole` says that `frame` has all its rows.
        """
        inner = table_markup(
            frame, caption=caption, wording=self.wording, columns=columns, rows=rows
        )
        shown, link = min(rows, len(frame)), self._link_to(file)
        inner += rows_note(shown, len(frame), link, self.wording, whole=whole)
        self._show("table", id, inner, said=(plain(caption),))

    def _link_to(self, file: str | None) -> str:
        """Link to a table that `export` has to write."""
        if not file:
            return ""
        address = findings.table_address(self.stem, file)
        self._linked.add(address)
        return by_hand.table_link(address, self.client.slug)

    def say(self, template: str | Reason, /, *, id: str | None = None, **values: object) -> None:
        """Say a computed paragraph: so what."""
        self._say("say", id, self.sentence(template, **values))

    def action(
        self,
        template: str,
        *,
        segment: str,
        size: int,
        money: float | Estimate | None,
        money_is: str = "revenue so far",
        unit: str = "customer|customers",
        id: str | None = None,
        **values: object,
    ) -> None:
        """Say one of at most five things to do: segment, size, money and what the money is."""
        facts = {"segment": segment, "size": size, "money": money}
        sentence = self.sentence(template, **facts, **values)
        measure = self.sentence("{size:count} {size:" + unit + "}", size=size)
        kind = markup.money_kind(money_is, self.wording)
        facts |= {"measure": str(measure), "money_is": kind}
        worth = ("" if money is None else self.wording.format(money, "money"), kind)
        inner = markup.action(sentence, segment=segment, size=measure, worth=worth)
        self._show("action", id, inner, said=(sentence,), facts=facts, role="listitem")

    def actions(self, actions: Iterable[Action]) -> None:
        """Say the things to do as an analysis derived them, most important first."""
        for act in actions:
            facts: dict[str, Any] = {**act.values, "segment": act.segment, "size": act.size}
            self.action(act.template, money=act.money, money_is=act.money_is, **facts)

    def caveat(self, template: str | Reason, /, *, id: str | None = None, **values: object) -> None:
        """Say a limit of the method or of this client's data."""
        self._say("caveat", id, self.sentence(template, **values), role="listitem")

    def warn(self, text: str, /, *, id: str | None = None) -> None:
        """Show a result's weakness that arose on the way, such as a fit that just converged."""
        inner = f"<p><strong>{word('warning')}.</strong> {escape(text)}</p>"
        self._show("warning", id, inner, said=(plain(text),))

    def unsupported(self, reason: str | NotSupportedByData, *, id: str | None = None) -> None:
        """Show, under a question's heading, that the data cannot answer it, why, what is needed."""
        needs = reason.needs if isinstance(reason, NotSupportedByData) else ""
        why = reason.reason if isinstance(reason, NotSupportedByData) else str(reason)
        inner = markup.unsupported(why, needs)
        self._show("unsupported", id, inner, said=(plain(why),))

    @contextmanager
    def where_supported(self) -> Iterator[None]:
        """Show what the block shows, or why the data cannot answer the question above it."""
        try:
            yield
        except NotSupportedByData as reason:
            self.unsupported(reason)

    def export(
        self,
        *,
        tables: Mapping[str, pd.DataFrame],
        metrics: Mapping[str, float | Estimate],
    ) -> None:
        """Write the tables and then findings.json; the last call of a notebook.

        Raises
        ------
        ValueError
            If the page lacks its verdict or findings, or links to a table that is not exported.
        """
        shown = list(self.elements)
        findings.check_story(shown)
        findings.check_links(self._linked, tables, stem=self.stem)
        folder = findings.export_folder(self.client.slug)
        written = findings.write_tables(tables, folder, stem=self.stem)
        record = findings.findings_record(
            self.stem, shown, metrics=metrics, parameters=self.parameters, tables=written
        )
        findings.write_findings(record, folder / "findings" / f"{self.stem}.json")

    def _say(self, kind: str, id_: str | None, sentence: Sentence, **attributes: str) -> None:
        inner = f"<p>{sentence.markup()}</p>"
        self._show(kind, id_, inner, said=(sentence,), **attributes)

    def _show(self, kind: str, id_: str | None, inner: str, **more: Any) -> None:
        self._keep(kind, self.elements.next_id(kind, id_), inner, **more)

    def _keep(
        self,
        kind: str,
        id_: str,
        inner: str,
        *,
        tag: str = "div",
        said: Sequence[Sentence] = (),
        facts: Mapping[str, Any] | None = None,
        **attributes: str,
    ) -> None:
        html = block(tag, id_, kind, inner, **attributes)
        self.elements.show(Element(id_, kind, html, tuple(said), dict(facts or {})))
