// Light or dark: as chosen before, else as the system has it.
import { shallowRef } from "vue";

const STORED = "chargeward.theme";
const stored = localStorage.getItem(STORED);
export const dark = shallowRef(
  stored === null ? matchMedia("(prefers-color-scheme: dark)").matches : stored === "dark",
);

export function applyTheme(): void {
  document.documentElement.classList.toggle("dark", dark.value);
  document.documentElement.classList.toggle("cw-dark", dark.value);
}

export function switchTheme(): void {
  dark.value = !dark.value;
  localStorage.setItem(STORED, dark.value ? "dark" : "light");
  applyTheme();
}
