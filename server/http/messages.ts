// Words of last resort in an error's `message`: clients have their own by code (web-kit/words).
import type { RefusalCode } from "../../wire/refusals.ts";

const zh: Partial<Record<RefusalCode, string>> = {
  "request.malformed": "请求格式不正确",
  "request.too-large": "请求内容过大",
  "request.not-found": "没有找到",
  "request.rate-limited": "操作过于频繁，请稍后再试",
  "auth.required": "请先登录",
  "auth.expired": "登录已过期，请重新登录",
  "auth.code-wrong": "验证码不正确",
  "auth.forbidden": "没有权限",
  "overloaded": "系统繁忙，请稍后再试",
  "unavailable": "服务暂不可用，请稍后再试",
  "outcome.unknown": "结果尚未确认，请用同一请求重试",
  "pile.occupied": "充电桩被占用",
  "pile.offline": "充电桩离线",
  "pile.faulted": "充电桩故障",
  "pile.gate-fault": "地锁/道闸故障",
  "pile.unplugged": "请检查充电枪是否插紧/对准",
  "wallet.balance-too-low": "余额不足",
};

/** `pile.connector-unknown` -> "pile: connector unknown", or Chinese where it is wanted and known. */
export function messageOf(code: RefusalCode, language: string | undefined): string {
  const chinese = zh[code];
  if (chinese !== undefined && language?.trim().toLowerCase().startsWith("zh")) return chinese;
  return code.replace(".", ": ").replaceAll("-", " ");
}
