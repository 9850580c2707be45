// What is left of an inbox after each event: the newest notices, the lanes, the devices.
import {
  type InboxEvent,
  type InboxState,
  type Kept,
  NOTICES_MAX,
  pushTarget,
  type Target,
} from "./state.ts";

export function evolve(
  state: InboxState,
  event: InboxEvent,
  { at }: { at: number },
): InboxState {
  switch (event.type) {
    case "NoticeTaken":
      return taken(state, event, at);
    case "NoticeAcked":
      return changed(state, [event.id], (notice) => ({ ...notice, acked: true }));
    case "NoticesRead":
      return changed(state, event.ids, (notice) => ({ ...notice, read: true, acked: true }));
    case "NoticeSent":
      return settled(state, event, "sent");
    case "SendGivenUp":
      return settled(state, event, "failed");
    case "SendFailed": {
      const lane = state.lanes[event.target];
      if (!lane) return state;
      const failures = lane.failures + 1;
      return { ...state, lanes: { ...state.lanes, [event.target]: { ...lane, failures } } };
    }
    case "DevicePut":
      return { ...state, devices: [...state.devices, event.deviceId] };
    case "DeviceRemoved": {
      const { [pushTarget(event.deviceId)]: _gone, ...lanes } = state.lanes;
      const devices = state.devices.filter((id) => id !== event.deviceId);
      return { ...state, devices, lanes };
    }
    case "SendTriedAgain":
    case "IncidentRaised":
      return state;
  }
}

type Taken = Extract<InboxEvent, { type: "NoticeTaken" }>;
function taken(state: InboxState, { id, code, facts, targets }: Taken, at: number): InboxState {
  const fresh: Kept = { id, code, facts, at, read: false, acked: false, sent: [], failed: [] };
  const all = [...state.notices, fresh];
  const left = Math.max(0, all.length - NOTICES_MAX);
  const lanes = { ...state.lanes };
  for (const target of targets) {
    const { queue = [], failures = 0 } = lanes[target] ?? {};
    lanes[target] = { queue: [...queue, id], failures };
  }
  return { ...state, notices: all.slice(left), left: state.left + left, lanes };
}

const changed = (
  state: InboxState,
  ids: readonly string[],
  change: (notice: Kept) => Kept,
): InboxState => ({
  ...state,
  notices: state.notices.map((notice) => ids.includes(notice.id) ? change(notice) : notice),
});

/** The head is done with; a lane with nothing in it is no lane. */
function settled(
  state: InboxState,
  { id, target }: { id: string; target: Target },
  how: "sent" | "failed",
): InboxState {
  const noted = changed(state, [id], (notice) => ({ ...notice, [how]: [...notice[how], target] }));
  const { [target]: lane, ...others } = state.lanes;
  if (lane?.queue[0] !== id) return noted; // it never was in the lane: that was full
  const queue = lane.queue.slice(1);
  return {
    ...noted,
    lanes: queue.length > 0 ? { ...others, [target]: { queue, failures: 0 } } : others,
  };
}
