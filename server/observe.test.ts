import { expect, test } from "vitest";
import { createMetrics, watchProcess } from "./observe.ts";

test("a process tells its memory, its CPU time and how late its loop is", async () => {
  const { metrics, registry } = createMetrics();
  let now = 0;
  let run = () => {};
  let cancelled = 0;
  const clock = {
    now: () => now,
    tick: () => now,
    after: (_ms: number, next: () => void) => {
      run = next;
      return { cancel: () => void cancelled++ };
    },
  };
  const stop = watchProcess(metrics, clock);
  now = 430; // due after 100: something held the loop up for 330 ms
  run();
  const text = await registry.metrics();
  expect(text).toContain('chargeward_loop_late_ms_bucket{le="200"} 0');
  expect(text).toContain('chargeward_loop_late_ms_bucket{le="500"} 1');
  expect(text).toMatch(/chargeward_process_rss_bytes [1-9]/);
  expect(text).toMatch(/chargeward_process_cpu_ms [1-9]/);
  expect(text).toContain("chargeward_process_up_ms 430");
  stop();
  expect(cancelled).toBe(1);
});
