// What is said over the page: alerts of the platform, a crash of the page.
import { ElMessage, ElNotification } from "element-plus";
import { shallowRef } from "vue";
import type { Alert } from "../../../wire/live.ts";
import { ring } from "./help.ts";
import { ofCode, t } from "../words.ts";

/** Incidents since the page of incidents was last opened. */
export const unseen = shallowRef(0);

const kinds = { info: "info", warning: "warning", critical: "error" } as const;
const STAY_MS = 8000;

export function tellAlert(alert: Alert): void {
  unseen.value++;
  if (alert.code === "help.wanted") ring();
  // what the platform settled by itself is counted, not shouted
  if (alert.severity === "info") return;
  const about = alert.facts.actor ?? alert.facts.pileId;
  ElNotification({
    type: kinds[alert.severity],
    title: ofCode("notice", alert.code, "say"),
    message: typeof about === "string" ? about : "",
    position: "bottom-right",
    // a critical one stays until it was seen
    duration: alert.severity === "critical" ? 0 : STAY_MS,
  });
}

export function tellCrash(): void {
  ElMessage({
    type: "error",
    message: t("app.crash"),
    grouping: true,
    duration: 0,
    showClose: true,
  });
}

export function tellDone(text: string): void {
  ElMessage({ type: "success", message: text, grouping: true });
}
