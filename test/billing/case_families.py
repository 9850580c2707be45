"""The 500 questions: which charges are worth a look, and why. Answers come from second_program.py.

Each family walks a risk of its own; nothing is random, so the table is the same every time.
"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo


def local(zone, text, fold=0):
    """A moment by the clock on the wall; fold 1: the second time that it shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def plus(moment, **span):
    zone = moment.tzinfo
    return (moment.astimezone(timezone.utc) + timedelta(**span)).astimezone(zone)


def hms(seconds):
    sign = "-" if seconds < 0 else "+"
    seconds = abs(int(seconds))
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + (f":{seconds % 60:02d}" if seconds % 60 else "")


def kwh(wh):
    return f"{wh // 1000}.{wh % 1000:03d}"


def case(group, why, tariff, start, steps, **more):
    """`steps`: [(seconds after the start, Wh drawn until then)]."""
    base = more.pop("base", 100_000)
    readings = "; ".join(f"{hms(after)} {kwh(base + wh)}" for after, wh in steps)
    return {"group": group, "why": why, "tariff": tariff, "start": start.isoformat(),
            "meter at start": kwh(base), "meter readings": readings, "coupon": "", "paid at": "",
            "gun out": "", "pile blocked": "", **more}


SHANGHAI = "Asia/Shanghai"
DAY = "2026-03-10T"


def at(text, day=DAY):
    return local(SHANGHAI, day + text)


def midnight():
    for before in (1, 59, 60, 600, 3600):
        for wh in (1_000, 7_777):
            yield case("midnight", f"ends {before} s before midnight", "city",
                       plus(local(SHANGHAI, "2026-03-11T00:00"), seconds=-before - 1800),
                       [(1800, wh)])
            yield case("midnight", f"{before} s on both sides of midnight, one price", "city",
                       plus(local(SHANGHAI, "2026-03-11T00:00"), seconds=-before), [(2 * before, wh)])
            yield case("midnight", f"{before} s on both sides of midnight, the price changes", "hub",
                       plus(local(SHANGHAI, "2026-03-11T00:00"), seconds=-before), [(2 * before, wh)])
    for start, hours in (("23:30", 9), ("22:00", 11), ("20:15", 12), ("00:00", 24), ("12:00", 48)):
        yield case("midnight", f"{hours} h from {start}, one reading at the end", "hub", at(start),
                   [(hours * 3600, hours * 6_543)])
        yield case("midnight", f"{hours} h from {start}, through every period", "city", at(start),
                   [(hours * 3600, hours * 6_543)])


CITY_EDGES = ("06:00", "08:00", "11:00", "13:00", "15:00", "18:00", "19:00", "21:00", "22:00")


def borders():
    for edge in CITY_EDGES:
        moment = at(edge)
        yield case("border", f"ends a second before {edge}", "city",
                   plus(moment, seconds=-901), [(900, 6_001)])
        yield case("border", f"ends at {edge} sharp: all before", "city",
                   plus(moment, seconds=-900), [(900, 6_001)])
        yield case("border", f"ends a second after {edge}", "city",
                   plus(moment, seconds=-900), [(901, 6_001)])
        yield case("border", f"starts at {edge} sharp: all after", "city", moment, [(900, 6_001)])
        yield case("border", f"starts a second before {edge}", "city",
                   plus(moment, seconds=-1), [(900, 6_001)])
        yield case("border", f"a reading at {edge} itself", "city", plus(moment, seconds=-600),
                   [(600, 4_321), (1500, 9_876)])
        yield case("border", f"readings around {edge}, energy only after", "city",
                   plus(moment, seconds=-600), [(590, 0), (1200, 5_000)])
        yield case("border", f"10 min around {edge}, odd Wh", "city",
                   plus(moment, seconds=-300), [(600, 3_333)])


def saving():
    berlin, york = "Europe/Berlin", "America/New_York"
    changes = [
        (berlin, ("berlin", "berlin-hours"), "2026-03-29T", "2026-10-25T", 2),
        (york, ("new-york",), "2026-03-08T", "2026-11-01T", 1),
        (berlin, ("berlin",), "2027-03-28T", "2027-10-31T", 2),
        (york, ("new-york",), "2027-03-14T", "2027-11-07T", 1),
    ]
    for zone, tariffs, spring, autumn, again in changes:
        for tariff in tariffs:
            for start, minutes in (("00:30", 30), ("00:30", 180), ("01:00", 60), ("01:15", 45),
                                   ("01:45", 75), ("00:00", 360), ("01:59", 2)):
                yield case("daylight saving", f"spring, the clock jumps: {minutes} min from {start}",
                           tariff, local(zone, spring + start), [(minutes * 60, minutes * 187)])
            for start, minutes in (("00:30", 30), ("00:30", 240), ("01:00", 60), ("01:15", 105),
                                   ("01:45", 150), ("00:00", 420)):
                yield case("daylight saving", f"autumn, an hour twice: {minutes} min from {start}",
                           tariff, local(zone, autumn + start), [(minutes * 60, minutes * 187)])
            hour = f"{again:02d}"
            for fold in (0, 1):
                which = "first" if fold == 0 else "second"
                for minute, minutes in (("00", 30), ("10", 15), ("20", 25), ("40", 20), ("45", 60)):
                    yield case("daylight saving",
                               f"autumn, the {which} {hour}:{minute}, {minutes} min", tariff,
                               local(zone, f"{autumn}{hour}:{minute}", fold),
                               [(minutes * 60, minutes * 211)])
    for text, minutes, why in (("2026-04-05T01:00", 120, "half an hour twice"),
                               ("2026-04-05T01:40", 40, "half an hour twice"),
                               ("2026-10-04T01:30", 90, "half an hour is missing"),
                               ("2026-10-04T01:50", 30, "half an hour is missing")):
        yield case("daylight saving", f"{why}: {minutes} min from {text[11:]}", "lord-howe",
                   local("Australia/Lord_Howe", text), [(minutes * 60, minutes * 97)])
    for start, minutes in (("11:59", 2), ("11:00", 120), ("12:00", 60), ("23:59", 721)):
        yield case("zone", f"UTC+5:45: {minutes} min from {start}", "kathmandu",
                   local("Asia/Kathmandu", "2026-03-10T" + start), [(minutes * 60, minutes * 97)])


def calendar():
    nights = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-12-31", "2027-12-31")
    leaps = ("2028-02-28", "2028-02-29", "2032-02-29")
    for day in nights:
        yield case("month end", f"over the night of {day}, one price", "city",
                   local(SHANGHAI, day + "T22:30"), [(3 * 3600, 22_222)])
        yield case("month end", f"over the night of {day}, the price changes", "hub",
                   local(SHANGHAI, day + "T23:00"), [(3600, 7_007), (3 * 3600, 20_021)])
    for day in leaps:
        yield case("leap day", f"into or out of it: the night of {day}", "hub",
                   local(SHANGHAI, day + "T23:15"), [(2 * 3600, 13_131)])
        yield case("leap day", f"noon to noon from {day}", "city",
                   local(SHANGHAI, day + "T12:00"), [(24 * 3600, 60_606)])
        yield case("leap day", f"in Europe, the night of {day}", "berlin",
                   local("Europe/Berlin", day + "T23:00"), [(8 * 3600, 40_404)])


IN_MARCH = "2026-03-10T12:00:00+00:00"


def coupons():
    def with_coupon(why, coupon, fen, paid_at=IN_MARCH, tariff="flat"):
        # 10 Wh cost one fen under the flat tariff
        return case("coupon", why, tariff, at("10:00"), [(1800, fen * 10)], coupon=coupon,
                    **{"paid at": paid_at})

    for coupon, threshold in (("cpn_5-off-30", 3_000), ("cpn_20-off-100", 10_000),
                              ("cpn_12-pct-from-10", 1_000)):
        for fen in (threshold - 1, threshold, threshold + 1, threshold * 2, 1):
            yield with_coupon(f"threshold {threshold // 100} yuan, bill of {fen} fen", coupon, fen)
    for fen in (0, 1, 299, 300, 301, 4_321):
        yield with_coupon(f"3 yuan off a bill of {fen} fen", "cpn_3-off", fen)
    for fen in (1, 2, 3, 9, 10, 11, 30, 31, 50, 99, 100, 101, 1_234, 4_999, 9_999):
        yield with_coupon(f"15 % of {fen} fen", "cpn_15-pct", fen)
    for fen in (1, 2, 3, 5, 999, 1_001):
        yield with_coupon(f"50 % of {fen} fen: half a fen goes to the driver", "cpn_50-pct", fen)
    for fen in (3_999, 4_000, 4_001, 4_002, 4_003, 20_000):
        yield with_coupon(f"20 %, at most 8 yuan, of {fen} fen", "cpn_20-pct-max-8", fen)
    for fen in (4_166, 4_167, 4_171, 8_000):
        yield with_coupon(f"12 %, at most 5 yuan, of {fen} fen", "cpn_12-pct-from-10", fen)
    for fen in (1, 100, 12_345):
        yield with_coupon(f"all of {fen} fen is free", "cpn_free", fen)
        yield with_coupon(f"a fen off {fen} fen", "cpn_fen-off", fen)
    yield with_coupon("a fen off nothing: below its threshold", "cpn_fen-off", 0)
    for moment, why in (("2026-02-28T23:59:59+00:00", "a second before it is valid"),
                        ("2026-03-01T00:00:00+00:00", "the first second"),
                        ("2026-03-01T08:00:00+08:00", "the first second, by the station's clock"),
                        ("2026-03-31T23:59:59+00:00", "the last second"),
                        ("2026-04-01T00:00:00+00:00", "a second too late"),
                        ("2027-03-10T12:00:00+00:00", "a year too late")):
        yield with_coupon(f"paid in {why}", "cpn_3-off", 1_000, moment)
        yield with_coupon(f"percent, paid in {why}", "cpn_15-pct", 1_000, moment)
    yield with_coupon("a coupon in euro for a bill in yuan", "cpn_euro", 1_000)
    for tariff in ("session", "minimum", "all-fees"):
        for coupon in ("cpn_3-off", "cpn_50-pct", "cpn_free"):
            yield with_coupon(f"fees are reduced too ({tariff})", coupon, 321, tariff=tariff)


def fees():
    for wh in (0, 1, 1_990, 2_000, 2_010, 4_990, 4_995, 5_000, 5_005, 9_999, 20_000):
        for tariff in ("session", "minimum"):
            yield case("fee", f"{kwh(wh)} kWh", tariff, at("10:00"), [(1800, wh)])
    for minutes in (0, 1, 29, 30, 31, 89, 90, 91, 150, 210, 270, 271, 600):
        yield case("fee", f"parking: {minutes} min, 30 free, an hour begun counts", "parking",
                   at("10:00"), [(minutes * 60, 8_000)])
    for seconds in (1799, 1800, 1801, 5400, 5401):
        yield case("fee", f"parking: {seconds} s", "parking", at("10:00"), [(seconds, 8_000)])
    for minutes, wh in ((59, 500), (60, 500), (61, 500), (61, 9_000), (200, 3_000), (200, 30_000),
                        (400, 0), (400, 1)):
        yield case("fee", f"all fees: {minutes} min, {kwh(wh)} kWh", "all-fees", at("06:30"),
                   [(minutes * 60, wh)])


def stays():
    def stay(why, seconds, blocked="", tariff="city"):
        return case("overstay", why, tariff, at("10:00"), [(1800, 10_000)],
                    **{"gun out": hms(seconds), "pile blocked": blocked})

    for minutes in (0, 1, 14, 15, 16, 17, 30, 60, 113, 114, 115, 116, 240, 1_440):
        yield stay(f"gun out {minutes} min after the end", minutes * 60)
        yield stay(f"a second before {minutes} min", minutes * 60 - 1 if minutes else 0)
    for seconds in (899, 900, 901, 959, 960, 961, 6_839, 6_840, 6_899, 6_900):
        yield stay(f"{seconds} s after the end", seconds)
    for blocked, why in (("+00:00 to +00:15", "offline through the grace: it runs on"),
                         ("+00:15 to +00:45", "offline half an hour after the grace"),
                         ("+00:20 to +00:20:30", "offline for 30 s: a minute less"),
                         ("+00:10 to +00:20", "offline over the end of the grace"),
                         ("+00:16 to +02:00", "faulted until after the gun was out"),
                         ("+00:00 to +02:00", "offline all the time"),
                         ("+00:20 to +00:30; +00:25 to +00:40", "two faults that overlap"),
                         ("+00:20 to +00:30; +00:40 to +00:50", "two faults apart"),
                         ("+00:30 to +00:40; +00:20 to +00:50", "one fault inside another")):
        yield stay(why, 3600, blocked)
    for minutes in (29, 30, 31, 32, 109, 110, 111, 300):
        yield stay(f"another rule (30 min, 1.00, 80.00): {minutes} min", minutes * 60, tariff="hub")


def rounding():
    for wh in (0, 1, 49, 50, 51, 499, 500, 501, 999, 1_000, 1_499, 1_500, 1_501, 2_500, 10_500):
        yield case("rounding", f"{wh} Wh at 0.01 per kWh: half a fen is 500 Wh", "half-fen",
                   at("10:00"), [(600, wh)])
    for wh in (1, 3, 7, 142, 999, 1_234, 4_321, 12_347, 61_803, 99_999):
        yield case("rounding", f"prices with five decimals, {kwh(wh)} kWh", "fine", at("09:00"),
                   [(3600, wh)])
        yield case("rounding", f"five decimals over noon, {kwh(wh)} kWh", "fine", at("11:30"),
                   [(3600, wh)])
    for wh in (1_000, 1_001, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 10_000, 11_111):
        yield case("rounding", f"equal remainders in two periods: the earlier line first, {wh} Wh",
                   "ties", at("05:30"), [(3600, wh)])
        yield case("rounding", f"equal remainders in four periods, {wh} Wh", "ties", at("00:00"),
                   [(24 * 3600, wh)])
    for wh in (1, 100, 999, 1_000, 1_001, 2_999, 3_000, 30_000, 33_333):
        yield case("rounding", f"thirds over three periods, {wh} Wh", "thirds", at("04:00"),
                   [(16 * 3600, wh)])
    for wh in (1, 910_000, 999_999):
        yield case("rounding", f"the dearest price that may be, {kwh(wh)} kWh", "dear", at("10:00"),
                   [(3600, wh)])


def meters():
    evenly = [(900 * n, 2_750 * n) for n in range(1, 13)]
    yield case("meter", "a reading each quarter of an hour", "city", at("10:00"), evenly)
    yield case("meter", "a reading each quarter of an hour, seven minutes off", "city", at("10:07"),
               evenly)
    yield case("meter", "fast first, slow at the end", "city", at("10:30"),
               [(600, 12_000), (1200, 19_000), (2400, 24_000), (5400, 26_001)])
    yield case("meter", "a pause over a border costs nothing", "city", at("10:30"),
               [(900, 5_000), (4500, 5_000), (5400, 9_000)])
    yield case("meter", "no energy at all", "city", at("10:30"), [(3600, 0)])
    yield case("meter", "one Wh", "city", at("10:30"), [(3600, 1)])
    yield case("meter", "two Wh over a border: a Wh each", "city", at("10:30"), [(3600, 2)])
    yield case("meter", "three Wh over a border: cut down at the border", "city", at("10:30"),
               [(3600, 3)])
    yield case("meter", "a register near its highest value", "city", at("10:30"), [(3600, 20_000)],
               base=999_999_970_000)
    yield case("meter", "a register at zero", "city", at("10:30"), [(3600, 20_000)], base=0)
    for seconds in (1, 2, 7, 61, 3_599, 3_601):
        yield case("meter", f"a charge of {seconds} s over the border at 11:00", "city",
                   plus(at("11:00"), seconds=-(seconds // 2)), [(seconds, 1_009)])
    for gap in (1, 3, 6, 9):
        yield case("meter", f"{gap} h without a reading", "city", at("09:45"),
                   [(600, 5_000), (600 + gap * 3600, 5_000 + gap * 7_001), (1800 + gap * 3600, 90_000)])


def all_cases():
    """Two families may come to the same charge: it is asked once."""
    seen = set()
    for family in (midnight, borders, saving, calendar, coupons, fees, stays, rounding, meters):
        for one in family():
            given = tuple(value for name, value in one.items() if name not in ("group", "why"))
            if given not in seen:
                seen.add(given)
                yield one
