"""Made clients whose data are odd but can be read: too few, all alike, hostile names, no events.

Each function gives a client as one DataFrame per table, under the suite's own column names.
"""

from pathlib import Path

import numpy as np
import pandas as pd

LAST = pd.Timestamp("2024-06-30")
TEXTS = (
    "The tea arrived two days late and the box was torn.",
    "Great cups, they look exactly like the picture and feel solid.",
    "Customer service did not answer my question for a week.",
    "Fair price, fast delivery, I would order here again.",
    "The pot leaks after one month, I want my money back.",
    "Lovely smell and a very good taste, my favourite coffee.",
)
MAPPED = {
    "order_lines": "customer_id order_id order_date product_id product_name category quantity "
    "unit_price channel country",
    "customers": "customer_id joined_on loyalty_joined_on city acquisition_channel",
    "products": "product_id product_name category unit_cost stock",
    "web_sessions": "customer_id session_id started_at channel pages duration_seconds bounced",
    "touchpoints": "customer_id touched_at channel kind campaign cost stage satisfaction",
    "campaign": "customer_id campaign_id arm assigned_at outcome outcome_value",
    "reviews": "review_id written_at text customer_id product_id rating",
    "durations": "customer_id duration event_observed",
    "paths": "path conversions conversion_value nulls",
}
RULES = {"campaign": "control_arm: control"}
Tables = dict[str, pd.DataFrame]
Days = np.ndarray  # before the last day, of each line


def shop(customers: int, *, alike: bool = False, seed: int = 1) -> Tables:
    """Make a shop with every table; where all are alike each does the same on the same days."""
    rng = np.random.default_rng(seed)
    names = [f"k{number:05d}x" for number in range(customers)]
    lines, ago = _lines(names, alike, rng)
    return {
        "order_lines": lines,
        **_people_and_products(names, alike, rng),
        **_visits_and_contacts(lines["customer_id"].to_numpy(), ago, alike, rng),
        **_answers(names, alike, rng),
    }


def _lines(names: list[str], alike: bool, rng: np.random.Generator) -> tuple[pd.DataFrame, Days]:
    customers = len(names)
    counts = np.full(customers, 6) if alike else rng.integers(1, 13, customers)
    owner = np.repeat(np.arange(customers), counts)
    nth = np.concatenate([np.arange(count) for count in counts])
    size = len(owner)
    ago = 40 * nth if alike else rng.integers(0, 700, size)
    product = np.zeros(size, int) if alike else rng.integers(0, 8, size)
    basket = np.arange(size) if alike else np.repeat(np.cumsum(-(-counts // 2)), counts) + nth // 2
    # Who buys two things in a row buys them in one order.
    ago = ago if alike else pd.Series(ago).groupby(basket).transform("first").to_numpy()
    customer = np.array(names)[owner]
    lines = pd.DataFrame({
        "customer_id": customer, "order_id": [f"o{b}" for b in basket],
        "order_date": (LAST - pd.to_timedelta(ago, "D")).strftime("%Y-%m-%d"),
        "product_id": [f"p{p}" for p in product], "product_name": [f"Product {p}" for p in product],
        "category": [f"Group {p % 3}" for p in product],
        "quantity": 1 if alike else rng.integers(1, 4, size),
        "unit_price": 10.5 if alike else rng.integers(5, 60, size) + 0.5,
        "channel": "web" if alike else rng.choice(["web", "shop"], size), "country": "IE",
    })  # fmt: skip
    return lines, ago


def _people_and_products(names: list[str], alike: bool, rng: np.random.Generator) -> Tables:
    customers, everyone = len(names), np.arange(len(names))
    first = pd.Timestamp("2022-06-01")
    return {
        "customers": pd.DataFrame({
            "customer_id": names, "joined_on": first.strftime("%Y-%m-%d"),
            "loyalty_joined_on": np.where(everyone % (1 if alike else 2), "", "2023-01-15"),
            "city": "Cork" if alike else rng.choice(["Cork", "Galway"], customers),
            "acquisition_channel": "ads" if alike else rng.choice(["ads", "mail"], customers),
        }),
        "products": pd.DataFrame({
            "product_id": [f"p{p}" for p in range(8)],
            "product_name": [f"Product {p}" for p in range(8)],
            "category": [f"Group {p % 3}" for p in range(8)], "unit_cost": 4.25, "stock": 50,
        }),
    }  # fmt: skip


def _visits_and_contacts(
    customer: np.ndarray, ago: Days, alike: bool, rng: np.random.Generator
) -> Tables:
    size = len(customer)
    return {
        "web_sessions": pd.DataFrame({
            "customer_id": customer, "session_id": [f"s{i}" for i in range(size)],
            "started_at": (LAST - pd.to_timedelta(ago + 1, "D")).strftime("%Y-%m-%d 10:00"),
            "channel": "ads" if alike else rng.choice(["ads", "mail"], size),
            "pages": 3 if alike else rng.integers(1, 9, size),
            "duration_seconds": 60 if alike else rng.integers(5, 900, size), "bounced": 0,
        }),
        "touchpoints": pd.DataFrame({
            "customer_id": customer,
            "touched_at": (LAST - pd.to_timedelta(ago + 2, "D")).strftime("%Y-%m-%d 09:00"),
            "channel": "ads" if alike else rng.choice(["ads", "mail", "search"], size),
            "kind": "click", "campaign": "spring", "cost": 0.5,
            "stage": "view" if alike else rng.choice(["view", "basket"], size),
            "satisfaction": 4 if alike else rng.integers(1, 6, size),
        }),
    }  # fmt: skip


def _answers(names: list[str], alike: bool, rng: np.random.Generator) -> Tables:
    customers, everyone = len(names), np.arange(len(names))
    return {
        "campaign": pd.DataFrame({
            "customer_id": names, "campaign_id": "spring",
            "arm": np.where(everyone % 2, "mailed", "control"),
            "assigned_at": "2024-03-01", "outcome": 1 if alike else rng.integers(0, 2, customers),
            "outcome_value": 10.5 if alike else rng.integers(0, 90, customers),
        }),
        "reviews": pd.DataFrame({
            "review_id": [f"r{i}" for i in everyone],
            "written_at": (LAST - pd.to_timedelta(everyone % 300, "D")).strftime("%Y-%m-%d"),
            "text": [TEXTS[0 if alike else i % len(TEXTS)] for i in everyone],
            "customer_id": names, "product_id": [f"p{0 if alike else i % 8}" for i in everyone],
            "rating": [4 if alike else 1 + i % 5 for i in everyone],
        }),
    }  # fmt: skip


def of_few_kinds(kinds: int = 6, copies: int = 60) -> Tables:
    """Make a shop of a few customers, each of whom stands there many times over."""
    ids = ("customer_id", "order_id", "session_id", "review_id")

    def copied(frame: pd.DataFrame) -> pd.DataFrame:
        named = [name for name in ids if name in frame]
        if not named:
            return frame
        return pd.concat(
            [frame.assign(**{i: frame[i] + f"_{copy}" for i in named}) for copy in range(copies)]
        )

    return {name: copied(frame) for name, frame in shop(kinds).items()}


CLIENT_NAME = "Märkte *b* $x$ {{7*7}} <b>"
HOSTILE = (
    "*bold* _it_ `code` # head", r"$\\alpha_1$ costs $5", "{{7*7}} {x} {0:d} %s",
    "<b>tag</b> &amp;", "<script>alert(1)</script>", "[a](http://evil.example) | b",
    "=SUM(A1) İade ışık жё", "茶 🫖",
)  # fmt: skip
CHANNELS = {
    "ads": "(start)",
    "mail": "SALES",
    "search": "(null)",
    "web": "$x$ *web*",
    "shop": "NULL",
}


def hostile(customers: int = 400) -> Tables:
    """Name products, groups, channels, stages and towns so that careless code would obey them."""
    tables = shop(customers)
    named = {f"Product {i}": name for i, name in enumerate(HOSTILE)}
    named |= {f"Group {i}": f"{name} group" for i, name in enumerate(HOSTILE[:3])}
    named |= {"view": "{{view}}", "basket": "$basket$", "spring": "# spring <i>", "Cork": "<u>Cork"}
    renamed = {name: frame.replace(CHANNELS | named) for name, frame in tables.items()}
    words = ("iade", "İade", "İADE", "Iade istiyorum, kargo geç kaldı", "очень плохой чайник")
    text = [f"{words[i % 5]} {TEXTS[i % len(TEXTS)]} *{i}* <b>$x$" for i in range(customers)]
    return renamed | {"reviews": renamed["reviews"].assign(text=text)}


def mostly_once(customers: int = 1000) -> Tables:
    """Let nine of ten order once, and one in ten two to six times."""
    counts = np.where(np.arange(customers) % 10, 1, 2 + np.arange(customers) // 10 % 5)
    owner = np.repeat(np.arange(customers), counts)
    rng = np.random.default_rng(2)
    ago = pd.to_timedelta(rng.integers(0, 700, len(owner)), "D")
    lines = pd.DataFrame({
        "customer_id": [f"k{i:04d}" for i in owner], "order_id": range(len(owner)),
        "order_date": (LAST - ago).strftime("%Y-%m-%d"), "product_id": "p1", "quantity": 1,
        "unit_price": rng.integers(5, 60, len(owner)) + 0.5,
    })  # fmt: skip
    return {"order_lines": lines}


def stays(customers: int = 300, *, one_leaves_in: int = 0) -> Tables:
    """Know how long each has stayed; one in so many left, or nobody; one is a group alone."""
    number = np.arange(customers)
    return {"durations": pd.DataFrame({
        "customer_id": [f"k{i}" for i in number], "duration": 5 + number % 40,
        "event_observed": number % one_leaves_in == 0 if one_leaves_in else 0,
        "plan": np.where(number % 2, "yearly", "monthly"),
        "status": np.where(number < customers - 1, "member", "guest"),
    })}  # fmt: skip


def baskets(orders: int, sizes: tuple[int, int], products: int) -> Tables:
    """Make orders of random products, each of a size between the two."""
    rng = np.random.default_rng(3)
    lines = []
    for order in range(orders):
        day = (LAST - pd.Timedelta(order % 600, "D")).strftime("%Y-%m-%d")
        for product in rng.choice(products, rng.integers(*sizes, endpoint=True), replace=False):
            lines.append((f"k{order % (orders // 3)}", f"o{order}", day, f"p{product}", 1, 9.5))
    names = ["customer_id", "order_id", "order_date", "product_id", "quantity", "unit_price"]
    return {"order_lines": pd.DataFrame(lines, columns=names)}


def reviews(*texts: str, copies: int = 20) -> Tables:
    """Make reviews of these texts."""
    every = [text for _copy in range(copies) for text in texts]
    return {"reviews": pd.DataFrame({
        "review_id": [f"r{i}" for i in range(len(every))], "written_at": "2024-05-01",
        "text": every,
    })}  # fmt: skip


def paths(*rows: tuple[str, int, int]) -> Tables:
    """Make channel paths of (path, conversions, journeys without one)."""
    frame = pd.DataFrame(rows, columns=["path", "conversions", "nulls"])
    return {"paths": frame.assign(conversion_value=10.0 * frame["conversions"])}


def write(root: Path, slug: str, tables: Tables, *, name: str = "", parameters: str = "") -> None:
    """Write a client's folder: a CSV per table and a client.yaml that maps them."""
    folder = root / slug
    folder.mkdir(parents=True)
    lines = [f"name: {name or slug.title()}", "currency: EUR", "locale: en_GB",
             "timezone: Europe/Dublin", "snapshot_date: 2024-07-01", "tables:"]  # fmt: skip
    for table, frame in tables.items():
        frame.to_csv(folder / f"{table}.csv", index=False)
        mapped = [column for column in MAPPED[table].split() if column in frame]
        lines += [f"  {table}:", f"    source: {table}.csv",
                  f"    columns: {{{', '.join(f'{one}: {one}' for one in mapped)}}}"]  # fmt: skip
        lines += [f"    rules: {{{RULES[table]}}}"] if table in RULES else []
    lines += [f"parameters: {parameters}"] if parameters else []
    (folder / "client.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
