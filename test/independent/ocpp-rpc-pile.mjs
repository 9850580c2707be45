// A charging pile built on npm `ocpp-rpc` in strict mode: a second opinion on our OCPP 1.6J gateway,
// sharing no code with it or with sim/. Told what to do on stdin, tells what happened on stdout, both
// one JSON object a line; see README.md beside it.
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createRPCError, RPCClient } from "ocpp-rpc";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    id: { type: "string" },
    password: { type: "string" },
    "power-w": { type: "string", default: "7200" },
    "register-wh": { type: "string", default: "0" },
    "meter-ms": { type: "string", default: "1000" },
  },
});
const powerW = Number(options["power-w"]);
const meterMs = Number(options["meter-ms"]);

const CONNECTOR = 1;
const HANDSHAKE_MS = 300; // from an accepted start to the first current
const RETRY_MS = 1_000; // an answer that failed is asked for again

let registerMwh = Number(options["register-wh"]) * 1_000;
let plugged = false;
let remote = null; // a start that waits for the car
let charge = null; // {idTag, transactionId, startedAt, meterStart}
let online = false;
let flushing = false;
let heartbeat = null;
const outbox = []; // transaction messages: [method, params or a function that gives them, then]

const report = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));
const registerWh = () => Math.floor(registerMwh / 1_000);
const now = () => new Date().toISOString();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const client = new RPCClient({
  endpoint: options.url,
  identity: options.id,
  password: options.password,
  protocols: ["ocpp1.6"],
  strictMode: true,
  reconnect: false,
  callTimeoutMs: 15_000,
});

// ---- what the pile says

function statusNow() {
  if (charge !== null) return "Charging";
  return plugged ? "Preparing" : "Available";
}

async function showStatus(status = statusNow(), connectorId = CONNECTOR) {
  if (!online) return;
  const body = { connectorId, errorCode: "NoError", status, timestamp: now() };
  await client.call("StatusNotification", body).catch((error) => report("error", words(error)));
}
const words = (error) => ({ code: error.rpcErrorCode ?? error.name, message: error.message });

function send(method, params, then) {
  outbox.push([method, params, then]);
  void flush();
}

/** Sends what waits, oldest first; what fails without an answer is kept and sent again. */
async function flush() {
  if (flushing) return;
  flushing = true;
  while (online && outbox.length > 0) {
    const [method, params, then] = outbox[0];
    try {
      const answer = await client.call(method, typeof params === "function" ? params() : params);
      outbox.shift();
      then?.(answer);
    } catch (error) {
      report("error", { method, ...words(error) });
      if (error.rpcErrorCode !== undefined) outbox.shift(); // it was heard and refused
      else await wait(RETRY_MS);
    }
  }
  flushing = false;
}

// ---- charging

function begin(idTag) {
  charge = { idTag, transactionId: null, meterStart: registerWh(), at: now() };
  remote = null;
  const mine = charge;
  report("charging", { registerWh: mine.meterStart, idTag });
  const params = { connectorId: CONNECTOR, idTag, meterStart: mine.meterStart, timestamp: mine.at };
  send("StartTransaction", params, ({ transactionId, idTagInfo }) => {
    mine.transactionId = transactionId;
    report("started", {
      transactionId,
      idTag,
      registerWh: mine.meterStart,
      status: idTagInfo.status,
    });
    if (idTagInfo.status !== "Accepted" && charge === mine) end("DeAuthorized");
  });
  void showStatus();
}

function end(reason) {
  if (charge === null) return;
  const { idTag } = charge;
  const mine = charge;
  charge = null;
  const [meterStop, timestamp] = [registerWh(), now()];
  const params = () => ({
    transactionId: mine.transactionId ?? -1,
    idTag,
    meterStop,
    timestamp,
    reason,
  });
  send("StopTransaction", params, () => {
    report("stop-answered", { transactionId: mine.transactionId });
  });
  report("stopped", { registerWh: meterStop, reason, transactionId: mine.transactionId });
  void showStatus(plugged ? "Finishing" : "Available");
}

setInterval(() => {
  if (charge === null) return;
  registerMwh += Math.round(powerW * meterMs / 3_600);
  const mine = charge;
  const value = (measurand, unit, number) => ({ measurand, unit, value: String(number) });
  const meterValue = [{
    timestamp: now(),
    sampledValue: [
      value("Energy.Active.Import.Register", "Wh", registerWh()),
      value("Power.Active.Import", "W", powerW),
    ],
  }];
  report("meter", { registerWh: registerWh() });
  if (!online && outbox.length > 200) return; // a small disk
  send("MeterValues", () => {
    const transaction = mine.transactionId === null ? {} : { transactionId: mine.transactionId };
    return { connectorId: CONNECTOR, ...transaction, meterValue };
  });
}, meterMs);

// ---- what the central system asks

client.handle("RemoteStartTransaction", ({ params }) => {
  report("remote-start", { idTag: params.idTag });
  if (charge !== null) return { status: "Rejected" };
  remote = params.idTag;
  if (plugged) setTimeout(() => remote !== null && charge === null && begin(remote), HANDSHAKE_MS);
  return { status: "Accepted" };
});
client.handle("RemoteStopTransaction", ({ params }) => {
  report("remote-stop", { transactionId: params.transactionId });
  if (charge === null || charge.transactionId !== params.transactionId) {
    return { status: "Rejected" };
  }
  setTimeout(() => end("Remote"), HANDSHAKE_MS);
  return { status: "Accepted" };
});
client.handle("TriggerMessage", ({ params }) => {
  if (params.requestedMessage !== "StatusNotification") return { status: "NotImplemented" };
  setTimeout(() => void showStatus(), 0);
  return { status: "Accepted" };
});
client.handle("UnlockConnector", () => {
  end("UnlockCommand");
  return { status: "Unlocked" };
});
client.handle("Reset", ({ params }) => {
  setTimeout(() => void startAnew(params.type), HANDSHAKE_MS);
  return { status: "Accepted" };
});
client.handle("GetConfiguration", () => ({ configurationKey: [], unknownKey: [] }));
client.handle("ChangeConfiguration", () => ({ status: "NotSupported" }));
client.handle(({ method }) => {
  throw createRPCError("NotImplemented", `no ${method} here`);
});
client.on("close", () => {
  if (online) report("link-lost");
  online = false;
});
client.on("badMessage", ({ error }) => report("bad-message", words(error)));

// ---- what the tester orders

async function comeBack() {
  await client.connect();
  const boot = await client.call("BootNotification", {
    chargePointVendor: "ocpp-rpc",
    chargePointModel: "independent",
    firmwareVersion: "2.2.1",
  });
  if (boot.status !== "Accepted") return report("not-accepted", { status: boot.status });
  online = true;
  clearInterval(heartbeat);
  heartbeat = setInterval(beat, boot.interval * 1_000);
  report("booted", { interval: boot.interval });
  await showStatus("Available", 0);
  await showStatus();
  await flush();
}

function beat() {
  if (online) client.call("Heartbeat", {}).catch(() => {});
}

async function startAnew(type) {
  end(type === "Hard" ? "HardReset" : "SoftReset");
  await cut();
  await comeBack();
}

async function cut() {
  online = false;
  clearInterval(heartbeat);
  await client.close({ force: true });
  report("cut");
}

const orders = {
  plug() {
    plugged = true;
    report("plugged");
    void showStatus("Preparing");
    if (remote !== null) setTimeout(() => remote !== null && begin(remote), HANDSHAKE_MS);
  },
  unplug() {
    end("EVDisconnected");
    plugged = false;
    report("unplugged");
    void showStatus("Available");
  },
  async card({ idTag }) {
    const { idTagInfo } = await client.call("Authorize", { idTag });
    report("authorized", { idTag, status: idTagInfo.status });
    if (idTagInfo.status === "Accepted" && plugged && charge === null) begin(idTag);
  },
  "local-stop": () => end("Local"),
  cut,
  "come-back": comeBack,
  async exit() {
    await client.close({ awaitPending: true }).catch(() => {});
    process.exit(0);
  },
};

async function obey(line) {
  try {
    const order = JSON.parse(line);
    if (!Object.hasOwn(orders, order.do)) {
      return report("error", { message: `no order '${order.do}'` });
    }
    await orders[order.do](order);
  } catch (error) {
    report("error", words(error));
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => void obey(line))
  .on("close", () => process.exit(0));

await comeBack().catch((error) => {
  report("error", words(error));
  process.exit(1);
});
