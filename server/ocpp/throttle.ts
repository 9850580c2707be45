// Reads a pile's socket no faster than allowed: a token bucket for frames, and a pause while too many of
// its questions wait. Nothing is thrown away; TCP holds the pile back.
import type { WebSocket } from "ws";
import type { Clock } from "../ports.ts";

export interface Throttle {
  frame(): void;
  backlog(open: number): void;
}
interface Limits {
  framesPerS: number;
  framesAtOnce: number;
  backlogMax: number;
}

export function throttle(socket: WebSocket, clock: Clock, limits: Limits): Throttle {
  let tokens = limits.framesAtOnce;
  let filledAt = clock.tick();
  let tooFast = false;
  let tooMany = false;

  const settle = () => {
    const stop = tooFast || tooMany;
    if (stop === socket.isPaused) return;
    if (stop) socket.pause();
    else if (socket.readyState === socket.OPEN) socket.resume();
  };

  return {
    frame() {
      if (tokens >= 1) {
        tokens -= 1;
        return;
      }
      const now = clock.tick();
      const earned = (now - filledAt) * limits.framesPerS / 1000;
      filledAt = now;
      tokens = Math.min(limits.framesAtOnce, tokens + earned) - 1;
      if (tokens >= 0 || tooFast) return;
      tooFast = true;
      clock.after(-tokens * 1000 / limits.framesPerS + 1, () => {
        tooFast = false;
        settle();
      });
      settle();
    },
    backlog(open) {
      if (open >= limits.backlogMax) tooMany = true;
      else if (open <= limits.backlogMax / 2) tooMany = false;
      settle();
    },
  };
}
