// Bugs that are planted to see whether the simulation finds them. Each is one wrong line in the real
// code, put into a copy of the tree (mutant.ts); nothing of it is reachable in production.

export interface Patch {
  file: string;
  /** Stands there exactly once. */
  find: string;
  put: string;
}
export interface Bug {
  name: string;
  patches: readonly Patch[];
}

const runtime = (file: string, find: string, put: string): Patch => ({
  file: `server/runtime/${file}.ts`,
  find,
  put,
});

export const BUGS: readonly Bug[] = [
  {
    name: "no expected sequence",
    patches: [{
      file: "server/store/memory-journal.ts",
      find: "if (seq !== marks.expectedSeq) {",
      put: "if (seq < 0) {",
    }],
  },
  {
    name: "reply before record",
    patches: [runtime(
      "resident",
      "    const stored = await store(this.env, job);",
      "    if (reply) respond(reply);\n    const stored = await store(this.env, job);",
    )],
  },
  {
    name: "effects leave before their record",
    patches: [runtime("resident", `if (envelope.class !== "emergency") return;`, "")],
  },
  {
    name: "ring of 1",
    patches: [
      runtime(
        "dedupe",
        "  const ring = [...done, entry];",
        "  const ring = [entry];\n  return ring;",
      ),
    ],
  },
  {
    name: "refusal not recorded",
    patches: [runtime(
      "turn",
      "  const events = eventsOf(decision);",
      `  if ("refused" in decision && origin.by === "wire") return refused(input, decision.refused);
  const events = eventsOf(decision);`,
    )],
  },
  {
    name: "outbox dropped on reload",
    patches: [
      runtime("head", "  draft.sv = actor.sv;", "  draft.sv = actor.sv;\n  draft.out = [];"),
    ],
  },
  {
    name: "timer without record id",
    patches: [runtime(
      "turn",
      "const due = timer?.recordId === origin.recordId && ctx.at >= timer.at;",
      "const due = timer !== undefined;",
    )],
  },
  {
    name: "stale read on reload",
    patches: [{
      file: "server/store/memory-journal.ts",
      find: "    const row = this.history(place).at(-1);\n    if (!row) return null;",
      put: `    const rows = this.history(place);
    const row = rows.at((rows.at(-1)?.seq ?? 0) % 3 === 0 ? -2 : -1) ?? rows.at(-1);
    if (!row) return null;`,
    }],
  },
  {
    name: "double dispatch: a message of an actor acts again",
    patches: [runtime("dedupe", `  if (n > mark.n) return`, `  if (n >= mark.n) return`)],
  },
  {
    name: "a retry goes under another key",
    patches: [
      runtime("dispatch", "      id,\n      lane,", "      id: `${id}~${attempt}`,\n      lane,"),
    ],
  },
  {
    name: "late ack taken for failure",
    patches: [runtime(
      "append",
      "          doubt ||= published;\n          break;",
      `          return { outcome: "refused", fault };`,
    )],
  },
  {
    name: "trim before archive",
    patches: [{
      file: "server/store/memory-journal.ts",
      find: "    for (const follower of stream.followers) follower.put(row);",
      put: `    for (const follower of stream.followers) follower.put(row);
    if (row.seq % 4 === 0) this.purge(place, row.seq);`,
    }],
  },
  {
    name: "base moves before the archive has it",
    patches: [runtime("head", "if (!archive?.holds(place, head.probe.seq)) return head;", "")],
  },
  {
    name: "a device is answered from old memory",
    patches: [runtime(
      "resident",
      `if (verdict.unrecorded && origin.by === "wire" && await this.#isOutrun(head)) continue;`,
      "",
    )],
  },
  {
    name: "the doubt of an append is forgotten",
    patches: [
      runtime("host", "resident.mayHold()", "false"),
    ],
  },
  {
    name: "a screen is answered from old memory",
    patches: [runtime("resident", "this.#head && isFresh", "this.#head")],
  },
  {
    name: "view out of order",
    patches: [{
      file: "test/simulation/views.ts",
      find: "    if (row && v <= row.v) return;",
      put: "",
    }],
  },
  {
    name: "hold after release",
    patches: [
      {
        file: "actors/wallet/decide.ts",
        find: `  if (book) return refuse("wallet.hold-closed", { orderId });`,
        put: "",
      },
      {
        file: "actors/order/react.ts",
        find: `[toWallet(state, ctx).release("start-failed")]`,
        put: `[toWallet(state, ctx).release("start-failed"), toWallet(state, ctx).hold(2_000)]`,
      },
    ],
  },
  {
    name: "a start is repeated without a question",
    patches: [{
      file: "actors/pile/start.ts",
      find: `use.step === "sent" ? "unsure" : use.step`,
      put: `use.step === "sent" ? "due" : use.step`,
    }],
  },
  {
    name: "a late start is not stopped",
    patches: [{
      file: "actors/pile/started.ts",
      find: `  stopCharge(turn, no, "platform");`,
      put: `  if (late) return;\n  stopCharge(turn, no, "platform");`,
    }],
  },
  {
    name: "the fee for staying runs while the pile is offline",
    patches: [{
      file: "actors/order/stay.ts",
      find: "  return [unannounced, ...free, ...open];",
      put: "  return [unannounced];",
    }],
  },
  {
    name: "a lock outlives its reservation",
    patches: [{
      file: "actors/reservation/react.ts",
      find: `...(by === "user" ? [toPile(state, ctx).release()] : []),`,
      put: "",
    }],
  },
  {
    name: "a no-show while a start is under way",
    patches: [{
      file: "actors/reservation/due.ts",
      find: "  if (state.starting) return [];",
      put: "",
    }],
  },
  {
    name: "a deposit comes back twice",
    patches: [{
      file: "actors/wallet/deposit.ts",
      find: `    : { status: "closed", feeFen: 0, refundFen: fen, orderId, at };`,
      put: `    : { status: "held", fen, at };`,
    }],
  },
  {
    name: "a deposit stays where the slot was gone",
    patches: [{
      file: "actors/reservation/request.ts",
      find: `wallet: state.deposit !== "none" && by !== "DepositAnswered",`,
      put: "wallet: false,",
    }],
  },
  {
    name: "two are promised the same time",
    patches: [{
      file: "actors/pile/slots.ts",
      find: "from < slot.until + bufferMs && slot.from < until + bufferMs",
      put: "from < slot.from && slot.from < until",
    }],
  },
  {
    name: "an unknown payment counts as failed",
    patches: [{
      file: "actors/payment/outcome.ts",
      find: "  return unclear(state, code, ctx);\n}",
      put: "  return failed(state, code);\n}",
    }],
  },
];
