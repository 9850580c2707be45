// The wallet's balance and linked accounts, for prechecks beside a payment.
import { computed, shallowRef } from "vue";
import type { Wallet } from "@chargeward/web-kit/driver-calls.ts";
import { usePlatform } from "../platform.ts";

export function usePurse() {
  const { calls } = usePlatform();
  const wallet = shallowRef<Wallet | null>(null);
  const bound = shallowRef<("wechat" | "alipay")[]>([]);

  async function load() {
    const [purse, links] = await Promise.all([calls.wallet(), calls.bindings()]);
    if (purse.ok) wallet.value = purse.body;
    if (links.ok) bound.value = links.body.items.map(({ by }) => by);
  }
  void load();

  const balanceFen = computed(() => wallet.value?.balanceFen ?? null);
  return { wallet, balanceFen, bound, load };
}
