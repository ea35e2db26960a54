"""Join a list of customers with their addresses and hash these for an advertising platform.

Run it where the addresses are; nothing leaves that machine but the file you choose to hand on.
It needs Python 3.9 or newer and nothing else:

    python join_and_hash.py champions.csv contacts.csv audience.csv

The list has a column customer_id. The contacts have customer_id and email, phone, or both; phones
in international form, such as +44 7700 900123. The audience has the columns email and phone, each
the SHA-256 of the trimmed, lower-case address in UTF-8, as the large platforms ask for.
"""

import csv
import hashlib
import re
import sys
from collections.abc import Iterator


def bare_email(text: str) -> str:
    """Trim an address and write it in lower case; what is none becomes empty."""
    email = text.strip().lower()
    return email if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email) else ""


def bare_phone(text: str) -> str:
    """Keep + and digits of a phone in international form; what is none becomes empty."""
    digits = re.sub(r"[^\d+]", "", text.strip())
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    return digits if re.fullmatch(r"\+[1-9]\d{7,14}", digits) else ""


def hashed(text: str) -> str:
    """Give the SHA-256 of a bare address; an empty one stays empty."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest() if text else ""


def rows_of(path: str) -> Iterator[dict[str, str]]:
    """Read a CSV file with commas or semicolons, whatever the first line has more of."""
    with open(path, encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
        head = file.readline()
        file.seek(0)
        yield from csv.DictReader(file, delimiter=";" if head.count(";") > head.count(",") else ",")


def main(wanted_path: str, contacts_path: str, audience_path: str) -> None:
    """Write the audience and say how many were found."""
    wanted = {row["customer_id"].strip() for row in rows_of(wanted_path)}
    found, empty = set(), 0
    with open(audience_path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["email", "phone"])
        for row in rows_of(contacts_path):
            customer = (row.get("customer_id") or "").strip()
            if customer not in wanted or customer in found:
                continue
            found.add(customer)
            email = hashed(bare_email(row.get("email") or ""))
            phone = hashed(bare_phone(row.get("phone") or ""))
            if email or phone:
                writer.writerow([email, phone])
            else:
                empty += 1
    print(f"{len(wanted)} customers wanted, {len(found)} found in the contacts, ", end="")
    print(f"{len(found) - empty} with an address; {len(wanted) - len(found)} not found")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
