"""The catalogue of the customer profile: what are the 56 metrics, and why can one be blank?"""

from dataclasses import dataclass

import pandas as pd

GROUPS = (
    "Recency",
    "Frequency",
    "Money",
    "Basket",
    "Stability",
    "Class",
    "Lifecycle",
    "Prediction",
    "Channel and voice",
)


@dataclass(frozen=True)
class Metric:
    """One metric of the profile.

    Attributes
    ----------
    number : int
        Place in the catalogue, 1 to 56; also its place in the profile.
    group : str
        One of `GROUPS`.
    name : str
        Column of the profile.
    formula, unit : str
        As a reader of the table needs them.
    missing : str
        When the metric is blank or stands for less than its name says; "none" if never.
    """

    number: int
    group: str
    name: str
    formula: str
    unit: str
    missing: str


# t = snapshot date, g1 = days of silence after which a customer falls asleep, gap = days between
# successive order dates, gross = purchases after discount and before refunds, position = one
# product in one order, period = calendar month unless the parameter says otherwise.
_CATALOGUE = """
Recency
recency_days | t - last order date | days | none
days_since_first_order | t - first order date | days | none
days_since_last_interaction | t - latest of order, session, click or visit, review | days | \
equals recency_days if there is no other source, flagged
sleep_days | max(0, recency_days - g1) | days | none
interaction_span_days | last - first order date | days | 0 for one order date
asleep_share | sum of max(0, gap - g1), open gap included, / days_since_first_order | share | \
blank if days_since_first_order is under g1
Frequency
frequency | distinct orders | count | none
order_days | distinct order dates | count | none
active_periods | periods with an order | count | none
longest_active_streak | longest run of periods with an order | periods | none
longest_gap_days | largest gap, the open one included | days | none
median_gap_days | median closed gap | days | blank under 2 order dates
gap_cv | population sd / mean of closed gaps | ratio | blank under 3 gaps
orders_per_active_period | frequency / active_periods | count | none
Money
monetary | sum of quantity × unit_price - discount, refunds netted | currency | none
margin | monetary - sum of quantity × unit_cost | currency | \
blank if the cost is unknown on over 5 % of gross
average_order_value | gross / frequency | currency | none
median_order_value | median gross per order | currency | none
largest_order_value | maximum gross per order | currency | none
order_value_trend | Theil-Sen slope of order value per order / median_order_value | \
share per order | blank under 4 orders, or if median_order_value is not positive; over 200 orders \
the last 200, flagged
revenue_last_period | net revenue of the last complete period | currency | 0 if none bought
top_category_share | gross of the largest category / gross with a category | share | \
blank without category
discount_share | discount / (gross + discount) | share | blank without discount column
refund_rate | refunded value / gross | share | blank if no refund is known before t
Basket
positions_per_order | mean distinct products per order | count | blank without product
units_per_order | mean quantity per order | units | blank without quantity
distinct_products | products ever bought | count | blank without product
distinct_categories | categories ever bought | count | blank without category
category_entropy | -sum p ln p over category parts of gross | nats | blank without category
repeat_product_share | positions whose product was in an earlier order / positions | share | \
blank under 2 orders
price_tier | mean over positions of the percentile of the product's unit_price within its category \
| 0 to 1 | categories under 5 products left out; blank if none is left
new_product_rate | last 90 days: positions never bought before / positions | share | \
blank without order in 90 days
Stability
spend_cv | population sd / mean of gross per complete period | ratio | blank under 3 periods
active_period_share | active / complete periods | share | blank under 1 period
seasonality_index | strongest calendar quarter's part of gross / .25 | ratio | \
blank under 24 complete months
spend_slope | least-squares slope of gross per period / its mean | share per period | \
blank under 6 periods
Class
r_score | recency score | 1 to 5 | none
f_score | frequency score | 1 to 5 | none
m_score | money score | 1 to 5 | none
segment | map of eleven | name | none
abc_class | revenue share before the customer under 80 % A, under 95 % B, else C | A B C | \
monetary of 0 or less is C
xyz_class | spend_cv up to .5 X, up to 1 Y, else Z | X Y Z | blank if spend_cv is
Lifecycle
lifecycle_stage | state machine of the seven stages | name | none
previous_stage | stage one period earlier | name | blank if not yet a customer
periods_in_stage | successive periods in lifecycle_stage | periods | none
recoveries | times recovered was entered | count | none
Prediction
expected_next_order_date | last order + own median gap (3 gaps or more), else the segment's | \
date, past = overdue | blank if no gap is known
p_active_90d | P(at least one order in 90 days) | probability | blank without a fitted model
expected_orders_6m | orders expected in 6 months | orders | as p_active_90d
expected_order_value | mean order value expected given history | currency | \
base mean for one-time buyers, flagged
clv_6m | expected orders × expected order value by month, discounted | currency | as p_active_90d
churn_risk_band | 1 - p_active_90d under 1/3 low, to 2/3 medium, above high | band | \
as p_active_90d
Channel and voice
first_channel | acquisition channel, else the first contact's or order's | name | blank if none
last_channel | channel of the last contact or order | name | blank if none
web_visits_28d | sessions in 28 days | count | 0 if covered, blank without web source; flagged if \
the source begins inside the 28 days
mean_sentiment | mean of -2 to +2 over texts of 365 days | score | blank without text
"""


def _metrics() -> tuple[Metric, ...]:
    found: list[Metric] = []
    group = ""
    for line in _CATALOGUE.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 1:
            group = cells[0]
            continue
        found.append(Metric(len(found) + 1, group, *cells))
    return tuple(found)


METRICS = _metrics()
NAMES = tuple(metric.name for metric in METRICS)

# Code in the column `blank_reasons` -> what it means; the words also stand in the export.
REASONS = {
    "young": "the first order is less than g1 days old",
    "one_date": "fewer than 2 order dates",
    "few_gaps": "fewer than 3 gaps between orders",
    "few_orders": "fewer orders than the metric needs",
    "few_periods": "fewer complete periods than the metric needs",
    "few_months": "fewer than 24 complete months",
    "no_gap": "neither the customer nor the segment has a gap between orders",
    "no_gross": "purchases add up to nothing or less",
    "no_price": "the export has no prices",
    "no_unit_price": "the export has no unit prices",
    "no_cost": "the cost of the goods is unknown on over 5 % of the purchases",
    "no_discount": "the export has no discount",
    "no_refund": "no refund is known before the date",
    "no_product": "no product is known",
    "no_quantity": "no quantity is known",
    "no_category": "no category is known",
    "small_category": "no category bought from has 5 priced products",
    "not_lately": "no known product was bought in the last 90 days",
    "no_scores": "the customer was not placed",
    "no_stages": "the lifecycle stage was not computed",
    "not_yet": "not yet a customer one period earlier",
    "no_model": "waits for the model of the lifetime value report",
    "not_predicted": "the model gives no figure for this customer",
    "no_channel": "no order or contact has a channel",
    "no_web": "no web session is known in the 28 days",
    "no_voice": "waits for the sentiment of the voice report",
    "no_text": "no text of the customer in 365 days",
    "incomplete": "a value that it is computed from is blank in the data",
}

# Code in the column `flags` -> in what way a figure that is there stands for less than it says.
FLAGS = {
    "orders_only": "orders are the only source of interactions",
    "last_200_orders": "computed from the last 200 orders",
    "base_mean": "mean of all customers, as there is one order only",
    "web_begins": "the web source begins inside the 28 days",
}


def profile_catalogue() -> pd.DataFrame:
    """List the metrics of the profile, one row each, in the order of its columns.

    Returns
    -------
    pd.DataFrame
        `number`, `group`, `metric`, `formula`, `unit` and `missing` (when it is blank).
    """
    return pd.DataFrame([vars(metric) for metric in METRICS]).rename(columns={"name": "metric"})
