// What a finding says in words: minutes as hours, prices and amounts in the tariff's currency.
import { type Currency, minuteOfDay, money, type Named, price } from "@chargeward/web-kit/mod.ts";
import type { TariffFinding } from "../../../../wire/tariff-desk.ts";
import { t } from "../../words.ts";

export function wordsOf({ code, facts }: TariffFinding, currency: Currency): string {
  return t(`finding.${code}`, named(code, facts, currency));
}

function named(
  code: TariffFinding["code"],
  facts: TariffFinding["facts"],
  currency: Currency,
): Named {
  const n = (name: string) => Number(facts[name]);
  const hours = () => ({ from: minuteOfDay(n("fromMinute")), to: minuteOfDay(n("toMinute")) });
  switch (code) {
    case "gap":
    case "overlap":
      return hours();
    case "energy-price-high":
    case "service-price-high": {
      const [is, most] = [n("price"), n("most")];
      return { ...hours(), price: price(is, currency), most: price(most, currency) };
    }
    case "fee-high": {
      const [fen, most] = [money(n("fen"), currency), money(n("most"), currency)];
      return { fee: String(facts["fee"]), fen, most };
    }
    case "overstay-odd":
      return { cap: money(n("capFen"), currency), minute: money(n("fenPerMinute"), currency) };
    case "free":
      return { minutes: n("freeMinutes") };
    case "price-jump":
      return {
        median: n("medianPct"),
        max: n("maxPct"),
        share: n("sharePct"),
        than: String(facts["than"]),
      };
    case "zone-unknown":
    case "zone-other":
    case "currency-other":
    case "version-used":
      return facts;
  }
}
