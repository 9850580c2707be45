// Words on screen in the chosen language: flat typed keys, loaded one language at a time.
// Messages are read as data, never compiled to code: the page runs under `script-src 'self'`.
import { createI18n } from "vue-i18n";
import { computed, type Ref, ref } from "vue";
import type { Locale } from "./formats.ts";
import type { CodeWords, SayAndNext } from "./words/codes.ts";

type Join<P extends string, K> = K extends string ? `${P}.${K}` : never;
type CodeKeyOf<P extends keyof CodeWords> = CodeWords[P] extends Record<infer K, string>
  ? Join<`code.${P}`, K>
  : Join<Join<`code.${P}`, keyof CodeWords[P]> & string, "say" | "next">;
/** Key of a code's words: `code.order.paid`, `code.refusal.qr.unknown.say`. */
export type CodeKey = { [P in keyof CodeWords]: CodeKeyOf<P> }[keyof CodeWords];

export type Named = Record<string, string | number>;
export type Flat<Own extends string> = Record<Own | CodeKey, string>;

/** Code words to flat keys: a pair becomes `.say` and `.next`. */
export function flatten(words: CodeWords): Record<CodeKey, string> {
  const flat: Record<string, string> = {};
  for (const [group, rows] of Object.entries(words)) {
    for (const [code, text] of Object.entries(rows as Record<string, string | SayAndNext>)) {
      if (typeof text === "string") flat[`code.${group}.${code}`] = text;
      else {
        flat[`code.${group}.${code}.say`] = text[0];
        flat[`code.${group}.${code}.next`] = text[1];
      }
    }
  }
  return flat;
}

export interface Words<Own extends string> {
  locale: Readonly<Ref<Locale>>;
  t(key: Own | CodeKey, named?: Named): string;
  /** Words of a code that came over the wire; a code without words shows itself. */
  ofCode(group: keyof CodeWords, code: string, part?: "say" | "next"): string;
  use(locale: Locale): Promise<void>;
  i18n: ReturnType<typeof createI18n>;
}

const STORED = "chargeward.locale";

/** Language chosen before, else the browser's; Chinese comes first. */
export function preferredLocale(): Locale {
  const stored = localStorage.getItem(STORED);
  if (stored === "zh-CN" || stored === "en") return stored;
  const first = navigator.languages?.[0] ?? navigator.language;
  return first.startsWith("zh") ? "zh-CN" : "en";
}

export function createWords<Own extends string>(
  load: Record<Locale, () => Promise<Flat<Own>>>,
): Words<Own> {
  const locale = ref<Locale>("zh-CN");
  const none: Record<string, Record<string, string>> = {};
  const i18n = createI18n({
    legacy: false,
    locale: "zh-CN",
    missingWarn: false,
    fallbackWarn: false,
    messages: none,
    // keys hold dots (`pile.occupied`): they are looked up whole
    messageResolver: (messages, key) => (messages as Record<string, string>)[key] ?? null,
  });
  const composer = i18n.global;
  const known = computed(() => composer.messages.value[locale.value] ?? {});
  return {
    locale,
    i18n: i18n as unknown as ReturnType<typeof createI18n>,
    t: (key, named) => composer.t(key, named ?? {}),
    ofCode(group, code, part) {
      const key = `code.${group}.${code}${part === undefined ? "" : `.${part}`}`;
      if (key in known.value) return composer.t(key);
      return part === "next" ? "" : code;
    },
    async use(next) {
      composer.setLocaleMessage(next, await load[next]());
      composer.locale.value = next;
      locale.value = next;
      localStorage.setItem(STORED, next);
      document.documentElement.lang = next;
    },
  };
}
