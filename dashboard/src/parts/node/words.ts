// Words for kinds of actors, classes of service and outcomes; a name without one is shown as it is.
import { t } from "../../words.ts";
import { screen, type ScreenKey } from "../../words/zh-CN.ts";

const worded = (key: string, name: string): string => key in screen ? t(key as ScreenKey) : name;
export const kindWord = (kind: string): string => worded(`kind.${kind}`, kind);
export const classWord = (name: string): string => worded(`class.${name}`, name);
