"""Purchases of the public data sets that have published models, as order lines."""

import ibis
import pandas as pd

CDNOW_COLUMNS = ["master", "customer_id", "order_date", "cds", "line_value"]


def cdnow_frame(datasets):
    frame = pd.read_csv(
        datasets / "cdnow" / "CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=CDNOW_COLUMNS,
        dtype={"customer_id": str, "order_date": str},
    )
    return frame.assign(order_date=pd.to_datetime(frame["order_date"], format="%Y%m%d"))


def cdnow_lines(datasets):
    return ibis.memtable(cdnow_frame(datasets).drop(columns=["master", "cds"]))


def cdnow_summary(datasets):
    """Give the summary that lifetimes ships: calibration to 1997-09-30, in weeks."""
    path = datasets / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    names = {"x": "frequency", "t_x": "recency", "zbar": "monetary_value"}
    return pd.read_csv(path).rename(columns=names)


def apparel_lines(datasets):
    frame = pd.read_csv(datasets / "apparel" / "apparelTrans.csv", parse_dates=["Date"])
    names = {"Id": "customer_id", "Date": "order_date", "Price": "line_value"}
    return ibis.memtable(frame.rename(columns=names).astype({"customer_id": str}))
