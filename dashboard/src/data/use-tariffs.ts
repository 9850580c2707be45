// A station's tariffs as the page works on them: the desk, what was checked and simulated, each change.
import { newTap, type Refused, useAction } from "@chargeward/web-kit/mod.ts";
import { computed, type Ref, shallowRef, watch } from "vue";
import type { Simulated, TariffChecked, TariffDesk } from "../../../wire/tariff-desk.ts";
import type { Tariff } from "../../../wire/tariff.ts";
import type { Platform } from "../platform.ts";

/** One draft looked at: what the checks and the past say of it. */
interface Looked {
  version: string;
  checked?: TariffChecked;
  simulated?: Simulated;
}

/** What the checks and the past say of a draft, asked for by hand. */
function useLook(
  calls: Platform["calls"],
  idOf: (version: string) => string,
  refused: Ref<Refused | null>,
) {
  const looked = shallowRef<Looked | null>(null);
  const looking = shallowRef(false);
  const kept = (version: string): Looked =>
    looked.value?.version === version ? looked.value : { version };
  async function check(version: string): Promise<TariffChecked | null> {
    looking.value = true;
    const answer = await calls.validateTariff(idOf(version));
    looking.value = false;
    refused.value = answer.ok ? null : answer.refused;
    if (!answer.ok) return null;
    looked.value = { ...kept(version), checked: answer.body };
    return answer.body;
  }
  async function simulate(version: string) {
    looking.value = true;
    const answer = await calls.simulateTariff(idOf(version));
    looking.value = false;
    refused.value = answer.ok ? null : answer.refused;
    if (answer.ok) looked.value = { ...kept(version), simulated: answer.body };
  }
  return { looked, looking, check, simulate };
}

export function useTariffs({ calls }: Pick<Platform, "calls">, stationId: Ref<string>) {
  const desk = shallowRef<TariffDesk | null>(null);
  const refused = shallowRef<Refused | null>(null);
  const idOf = (version: string) => `${stationId.value}:${version}`;
  const { looked, looking, check, simulate } = useLook(calls, idOf, refused);

  async function load() {
    if (stationId.value === "") return;
    const answer = await calls.tariffs(stationId.value);
    refused.value = answer.ok ? null : answer.refused;
    if (answer.ok) desk.value = answer.body;
  }
  watch(stationId, () => {
    desk.value = null;
    looked.value = null;
    void load();
  }, { immediate: true });

  const draft = useAction((tariff: Tariff, tap) =>
    calls.draftTariff({ stationId: stationId.value, tariff }, tap)
  );
  const publish = useAction(
    (wanted: { version: string; reason: string; confirm?: string; revision: number }, tap) => {
      const { version, ...body } = wanted;
      return calls.publishTariff(idOf(version), body, tap);
    },
  );
  const back = useAction((wanted: { reason: string; revision: number }, tap) =>
    calls.rollBackTariff(stationId.value, wanted, tap)
  );
  async function drop(version: string) {
    const answer = await calls.dropTariff(idOf(version), newTap());
    refused.value = answer.ok ? null : answer.refused;
    if (answer.ok) desk.value = answer.body;
  }
  const names = computed(() => {
    const { inForce, drafts, past } = desk.value ?? { inForce: null, drafts: [], past: [] };
    return [...(inForce ? [inForce] : []), ...drafts, ...past].map(({ tariff }) => tariff.version);
  });
  return {
    desk,
    refused,
    looked,
    looking,
    names,
    load,
    check,
    simulate,
    draft,
    publish,
    back,
    drop,
  };
}
