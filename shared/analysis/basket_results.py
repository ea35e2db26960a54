"""What the basket study leaves behind: its full tables and its plain numbers."""

import json

import pandas as pd

from shared.analysis.basket_assortment_answers import replacements
from shared.analysis.basket_exhibits import MOST_EXPORTED
from shared.analysis.basket_pairs import Reading, named
from shared.analysis.basket_study import BasketStudy
from shared.analysis.intervals import Estimate, exact, wilson
from shared.analysis.multiple_testing import LEANING, SETTLED
from shared.analysis.written_tables import six_digits

CONFIRMED = ["earlier_together", "later_together", "earlier_lift", "later_lift", "later_p",
             "stratified_lift", "stratified_low", "stratified_by", "size_lift", "size_low",
             "size_q", "customers", "reading", "why"]  # fmt: skip
ORDER = [reading.value for reading in Reading]


def basket_tables(study: BasketStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    items = study.baskets.items
    pairs = named(_first(study.pairs.table), items)
    found = pairs[pairs["q"] < LEANING]
    keys = ["product_a", "product_b", "product_id_a", "product_id_b"]
    hidden = [c for c in CONFIRMED[:5] if c in pairs] + ["stratified_low"]
    optional = {"groups": study.groups}
    links = study.links
    if isinstance(study.bundles, pd.DataFrame):
        optional["bundles"] = named(study.bundles, items)
    if isinstance(links, pd.DataFrame):
        label = items["label"]
        optional["stock_links"] = links.assign(
            core=label.reindex(links["core"]).to_numpy(),
            consumable=label.reindex(links["consumable"]).to_numpy(),
        )
    tables = {
        "rules": rules_table(study),
        "pairs": pairs.drop(columns=hidden),
        "confirmation": found[[*keys, "together", "lift", "q", *CONFIRMED]],
        "companions": named(study.companions, items).drop(columns="baskets_b"),
        "substitutes": named(study.substitutes, items),
        "items": items.assign(support=items["baskets"] / study.baskets.n).reset_index(drop=True),
        "sizes": study.baskets.sizes,
        **{name: part for name, part in optional.items() if isinstance(part, pd.DataFrame)},
    }
    return {name: six_digits(table) for name, table in tables.items()}


def rules_table(study: BasketStudy) -> pd.DataFrame:
    """Give the rules with names for people and ids, as JSON lists, for programs.

    A name may hold any sign, also the plus that joins names here; the ids are unambiguous.
    """
    labels, ids = (study.baskets.items[column].to_dict() for column in ("label", "item_id"))
    rules = study.rules.head(MOST_EXPORTED).copy()
    for side in ("antecedents", "consequents"):
        ordered = [sorted(items, key=lambda item: str(labels[item])) for items in rules[side]]
        rules[f"{side}_ids"] = [
            json.dumps([str(ids[i]) for i in items], ensure_ascii=False) for items in ordered
        ]
        rules[side] = [" + ".join(str(labels[i]) for i in items) for items in ordered]
    return rules


def basket_metrics(study: BasketStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    baskets, table = study.baskets, study.pairs.table
    sizes, merchandise = baskets.sizes, table[table["reading"] != Reading.SERVICE]
    total = int(sizes["baskets"].sum())
    single = int(sizes.loc[sizes["size"] == 1, "baskets"].sum())
    high = merchandise[merchandise["lift"] > 2]
    return {
        "baskets": baskets.n,
        "baskets_of_two": baskets.of_two,
        "single_item_share": wilson(single, total),
        "large_baskets": baskets.counted["large"],
        "items": baskets.counted["kinds"],
        "pairs": len(merchandise),
        "tested_pairs": study.pairs.tested,
        "robust_pairs": exact(len(study.robust), n=max(len(merchandise), 1), unit="count"),
        "doubtful_pairs": int((table["reading"] == Reading.DOUBTFUL).sum()),
        "highest_lift": float(merchandise["lift"].max()),
        "lift_above_2": len(high),
        "lift_above_2_by_chance": int((high["reading"] == Reading.CHANCE).sum()),
        "rules": study.all_rules,
        "robust_rules": len(study.robust_rules),
        "top_rule_lift": float(study.rules["lift"].max()),
        "substitutes": len(replacements(study)),
        "stock_links": (
            int((study.links["q"] < SETTLED).sum())
            if isinstance(study.links, pd.DataFrame) else float("nan")
        ),
    }  # fmt: skip


def _first(pairs: pd.DataFrame) -> pd.DataFrame:
    """Put robust before doubtful before chance, and keep as many as a workbook can be read with."""
    rank = pairs["reading"].map({reading: place for place, reading in enumerate(ORDER)})
    ordered = pairs.assign(rank=rank).sort_values(
        ["rank", "size_low", "item_a", "item_b"], ascending=[True, False, True, True]
    )
    return ordered.drop(columns="rank").head(MOST_EXPORTED)
