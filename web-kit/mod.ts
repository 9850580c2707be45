// Door of the kit that both clients share.
export * from "./age.ts";
export * from "./api.ts";
export * from "./formats.ts";
export * from "./han-font.ts";
export * from "./i18n.ts";
export * from "./live.ts";
export * from "./looks.ts";
export { TICK_STALE_MS } from "./rooms.ts";
export * from "./taps.ts";
export * from "./testids.ts";
export * from "./use-action.ts";
export * from "./use-list.ts";
export * from "./use-room.ts";
export { default as KitIcon } from "./KitIcon.vue";
export { default as StatusBadge } from "./StatusBadge.vue";
export type { IconName } from "./icons.ts";
export type { CodeWords, SayAndNext, ShownStatus } from "./words/codes.ts";
