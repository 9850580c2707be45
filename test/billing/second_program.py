"""The second program: what a charge costs, worked out again from the written rules alone.

Shares no code and no method with actors/tariff: exact fractions, the zone rules of the machine's own
tz database, and a walk over every minute instead of a search for the next price change. Writes
cases.csv (or the path given); `npm test` compares the platform with that table.

Rules (docs/money.md, "The bill"):
 1. Energy between two meter readings flows evenly. Where the price changes between them, the meter at
    that moment is the even flow cut down to a whole Wh.
 2. The price is that of the local clock of the station.
 3. Energy x price is summed exactly; the sum is rounded to fen once, half a fen up.
 4. Each line gets its whole fen; fen that are missing to the sum go to the lines with the largest
    remainders, one each, the earlier line first. Lines stand in order of first energy, all 电费 first.
 5. A charge of 0 Wh pays no fee. Session fee once; parking per begun hour after the free minutes, at
    most its cap; then what is missing to the minimum.
 6. A coupon: valid at the moment of payment [from, until), threshold on the bill before it; percent
    half a fen up; at most its maximum and the bill.
 7. Overstay: whole minutes between the end of the grace and the gun out, without the times in which
    the pile was offline or faulted; at most its cap. Never part of the bill.
"""

import csv
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from math import floor
from pathlib import Path
from zoneinfo import ZoneInfo

import case_families

HERE = Path(__file__).parent
MINUTE = timedelta(minutes=1)


def read(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def minute_of(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


TARIFFS = {}
for row in read("tariffs.csv"):
    TARIFFS.setdefault(row["tariff"], []).append(row)
FEES = {row["tariff"]: row for row in read("fees.csv")}
COUPONS = {row["coupon"]: row for row in read("coupons.csv")}


def yuan(fen):
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen_of(text):
    return int(Fraction(text) * 100)


def half_up(amount):
    return floor(amount + Fraction(1, 2))


def rate_at(tariff, moment):
    """Row of the tariff by the clock on the station's wall."""
    rows = TARIFFS[tariff]
    local = moment.astimezone(ZoneInfo(rows[0]["zone"]))
    minute = local.hour * 60 + local.minute
    for row in rows:
        if minute_of(row["from"]) <= minute < minute_of(row["to"]):
            return row
    raise LookupError(f"{tariff} has no price at minute {minute}")


def energy_by_price(tariff, start, readings):
    """[((period, energy price, service price), Wh)] in order of first energy; prices as text."""
    drawn = {}
    (from_at, from_wh), rest = readings[0], readings[1:]
    assert from_at == start

    def take(row, wh):
        if wh > 0:
            key = rate_key(row)
            drawn[key] = drawn.get(key, 0) + wh

    for to_at, to_wh in rest:
        cut, cut_wh = from_at, from_wh
        row = rate_at(tariff, from_at)
        # every full UTC minute strictly between the readings: prices change on full minutes only
        step = from_at.replace(second=0, microsecond=0) + MINUTE
        while step < to_at:
            now = rate_at(tariff, step)
            if rate_key(now) != rate_key(row):
                share = Fraction((step - from_at) // timedelta(milliseconds=1),
                                 (to_at - from_at) // timedelta(milliseconds=1))
                wh_here = from_wh + floor((to_wh - from_wh) * share)
                take(row, wh_here - cut_wh)
                cut, cut_wh, row = step, wh_here, now
            step += MINUTE
        take(row, to_wh - cut_wh)
        from_at, from_wh = to_at, to_wh
    return list(drawn.items())


def rate_key(row):
    return (row["period"], row["energy per kWh"], row["service per kWh"])


def metered_lines(drawn):
    lines = []
    for purpose, which in (("energy", 1), ("service", 2)):
        merged = {}
        for key, wh in drawn:
            name = (key[0], key[which])
            merged[name] = merged.get(name, 0) + wh
        for (period, price), wh in merged.items():
            exact = Fraction(wh, 1000) * Fraction(price) * 100
            lines.append({"text": f"{purpose} {period} {kwh(wh)} kWh x {price}",
                          "exact": exact, "fen": floor(exact)})
    total = half_up(sum(line["exact"] for line in lines)) if lines else 0
    missing = total - sum(line["fen"] for line in lines)
    order = sorted(range(len(lines)), key=lambda i: (lines[i]["fen"] - lines[i]["exact"], i))
    for index in order[:missing]:
        lines[index]["fen"] += 1
    return lines


def kwh(wh):
    return f"{wh // 1000}.{wh % 1000:03d}"


def fee_lines(tariff, wh, lasted, so_far):
    fees = FEES.get(tariff)
    if fees is None or wh == 0:
        return []
    lines = []

    def add(text, fen):
        lines.append({"text": text, "fen": fen})

    if fees["session"]:
        add(f"session 1 x {fees['session']}", fen_of(fees["session"]))
    if fees["parking per hour"]:
        paid = lasted - timedelta(minutes=int(fees["parking free minutes"]))
        hours = -((-paid) // timedelta(hours=1)) if paid > timedelta(0) else 0
        if hours:
            fen = min(hours * fen_of(fees["parking per hour"]), fen_of(fees["parking cap"]))
            add(f"parking {hours} x {fees['parking per hour']}", fen)
    if fees["minimum"]:
        missing = fen_of(fees["minimum"]) - so_far - sum(line["fen"] for line in lines)
        if missing > 0:
            add(f"minimum to {fees['minimum']}", missing)
    return lines


def coupon_off(name, bill, currency, paid_at):
    """Fen that come off, or the code of the refusal."""
    coupon = COUPONS[name]
    if coupon["currency"] != currency:
        return "coupon.other-currency"
    valid = datetime.fromisoformat(coupon["valid from (UTC)"]) <= paid_at
    if not valid or paid_at >= datetime.fromisoformat(coupon["valid until (UTC)"]):
        return "coupon.not-valid"
    if bill < fen_of(coupon["from a bill of"]):
        return "coupon.below-threshold"
    takes = coupon["takes off"]
    off = half_up(Fraction(bill) * int(takes[:-1]) / 100) if takes.endswith("%") else fen_of(takes)
    if coupon["at most"]:
        off = min(off, fen_of(coupon["at most"]))
    return min(off, bill)


def overstay(tariff, end, gun_out, blocked):
    """Second by second, since every moment of the cases is a full second."""
    fees = FEES[tariff]
    grace_end = end + timedelta(minutes=int(fees["overstay grace minutes"]))
    seconds = 0
    moment = grace_end
    while moment < gun_out:
        if not any(start <= moment < stop for start, stop in blocked):
            seconds += 1
        moment += timedelta(seconds=1)
    return min(seconds // 60 * fen_of(fees["overstay per minute"]), fen_of(fees["overstay cap"]))


def span_of(text):
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text.lstrip("+"))
    parts = [int(part) for part in text.split(":")]
    return sign * timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)


def wh_of(text):
    return int(Fraction(text) * 1000)


def worked(case):
    tariff = case["tariff"]
    rows = TARIFFS[tariff]
    start = datetime.fromisoformat(case["start"]).astimezone(timezone.utc)
    readings = [(start, wh_of(case["meter at start"]))]
    for part in case["meter readings"].split("; "):
        after, meter = part.split(" ")
        readings.append((start + span_of(after), wh_of(meter)))
    end = readings[-1][0]
    drawn = energy_by_price(tariff, start, readings)
    lines = metered_lines(drawn)
    so_far = sum(line["fen"] for line in lines)
    lines += fee_lines(tariff, sum(wh for _, wh in drawn), end - start, so_far)
    bill = sum(line["fen"] for line in lines)
    texts = [f"{line['text']} = {yuan(line['fen'])}" for line in lines]
    off = ""
    if case["coupon"]:
        paid_at = datetime.fromisoformat(case["paid at"])
        off = coupon_off(case["coupon"], bill, rows[0]["currency"], paid_at)
    taken = off if isinstance(off, int) else 0
    stay = ""
    if case["gun out"]:
        blocked = [tuple(end + span_of(edge) for edge in part.split(" to "))
                   for part in case["pile blocked"].split("; ") if part]
        stay = yuan(overstay(tariff, end, end + span_of(case["gun out"]), blocked))
    local_end = end.astimezone(ZoneInfo(rows[0]["zone"]))
    return {
        **case,
        "zone": rows[0]["zone"],
        "end": local_end.isoformat(),
        "lines": "; ".join(texts),
        "before coupon": yuan(bill),
        "coupon takes": yuan(off) if isinstance(off, int) else off,
        "total": yuan(bill - taken),
        "overstay": stay,
    }


COLUMNS = ["case", "group", "why", "zone", "tariff", "start", "end", "meter at start",
           "meter readings", "coupon", "paid at", "gun out", "pile blocked", "lines",
           "before coupon", "coupon takes", "total", "overstay"]


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "cases.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        for number, case in enumerate(case_families.all_cases(), start=1):
            table.writerow({"case": f"{number:03d}", **worked(case)})


if __name__ == "__main__":
    main()
