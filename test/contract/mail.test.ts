// Mail by a real SMTP server on this machine: what arrives, under which name, and what went wrong.
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { mailWay, type Reach, smtpMail } from "../../server/notify/mod.ts";

const FROM = "Chargeward <no-reply@chargeward.example>";
const ANNA = "anna@example.org";
const LOGIN = { user: "chargeward", pass: "a secret" };
const message = {
  tenant: "main",
  key: "order/ord_0001#9.1|mail",
  id: "order/ord_0001#9.1",
  code: "charge.overdue",
  title: "订单已逾期",
  body: "支付后即可继续使用充电服务",
  path: "/orders/ord_0001",
};

interface Arrived {
  from: string;
  to: string[];
  raw: string;
}
interface Post extends AsyncDisposable {
  url: string;
  arrived: Arrived[];
  /** Whom it takes nothing for. */
  refused: Set<string>;
}

/** A mail server with one account. */
async function postOffice(): Promise<Post> {
  const arrived: Arrived[] = [];
  const refused = new Set<string>();
  const office = new SMTPServer({
    disabledCommands: ["STARTTLS"], // nobody else is on this wire
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      const isKnown = username === LOGIN.user && password === LOGIN.pass;
      done(isKnown ? null : new Error("unknown"), isKnown ? { user: username } : undefined);
    },
    onRcptTo({ address }, _session, done) {
      const gone = Object.assign(new Error("no such mailbox"), { responseCode: 550 });
      done(refused.has(address) ? gone : null);
    },
    onData(stream, { envelope }, done) {
      const parts: Uint8Array[] = [];
      stream.on("data", (part: Uint8Array) => void parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        const raw = Buffer.concat(parts).toString("utf8");
        arrived.push({ from, to: rcptTo.map(({ address }) => address), raw });
        done();
      });
    },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  office.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = office.server.address() as { port: number };
  const login = `${LOGIN.user}:${encodeURIComponent(LOGIN.pass)}`;
  return {
    url: `smtp://${login}@127.0.0.1:${port}`,
    arrived,
    refused,
    [Symbol.asyncDispose]: () => new Promise((done) => office.close(() => done())),
  };
}

const reach: Reach = { language: "zh", mail: ANNA, devices: {} };
const header = ({ raw }: Arrived, name: string): string =>
  new RegExp(`^${name}: (.+(?:\\r\\n[ \\t].+)*)`, "im").exec(raw)?.[1] ?? "";
/** RFC 2047, as one base64 or quoted word after the other. */
const decoded = (text: string): string =>
  text.replace(/\?=\s+=\?/g, "?==?").replace(
    /=\?utf-8\?(b|q)\?([^?]*)\?=/gi,
    (_, how: string, word: string) =>
      how.toLowerCase() === "b"
        ? Buffer.from(word, "base64").toString("utf8")
        : decodeURIComponent(word.replaceAll("_", " ").replace(/=([0-9A-F]{2})/g, "%$1")),
  );

test("a mail arrives whole, from us, to one person, and its repeat bears the same name", async () => {
  await using post = await postOffice();
  const send = mailWay(smtpMail(post.url, FROM));
  expect(await send(reach, message, "")).toEqual({ ok: true });
  expect(await send(reach, message, "")).toEqual({ ok: true });
  expect(await send(reach, { ...message, key: "another" }, "")).toEqual({ ok: true });
  const [first, again, other] = post.arrived;
  expect(first).toMatchObject({ from: "no-reply@chargeward.example", to: [ANNA] });
  expect(decoded(header(first!, "Subject"))).toBe(message.title);
  expect(header(first!, "From")).toBe(FROM);
  const [, body = ""] = first!.raw.split("\r\n\r\n");
  expect(Buffer.from(body, "base64").toString("utf8").trim()).toBe(message.body);
  expect(header(first!, "Message-ID")).toMatch(/^<[A-Za-z0-9_-]+@chargeward>$/);
  expect(header(again!, "Message-ID")).toBe(header(first!, "Message-ID"));
  expect(header(other!, "Message-ID")).not.toBe(header(first!, "Message-ID"));
});

test("a subject cannot bring headers of its own", async () => {
  await using post = await postOffice();
  const send = mailWay(smtpMail(post.url, FROM));
  await send(reach, { ...message, title: "逾期\r\nBcc: eve@example.org" }, "");
  expect(post.arrived).toMatchObject([{ to: [ANNA] }]);
  expect(header(post.arrived[0]!, "Bcc")).toBe("");
});

test("what does not go is tried again, and what went wrong tells neither person nor password", async () => {
  await using post = await postOffice();
  post.refused.add(ANNA);
  const send = mailWay(smtpMail(post.url, FROM));
  const gone = await send(reach, message, "");
  const wrong = await mailWay(smtpMail(post.url.replace("secret", "guess"), FROM))(
    reach,
    message,
    "",
  );
  const nobody = await mailWay(smtpMail("smtp://127.0.0.1:1", FROM))(reach, message, "");
  for (const came of [gone, wrong, nobody]) {
    expect(came).toMatchObject({ ok: false, code: "way.failed" });
    expect(JSON.stringify(came)).not.toMatch(/anna|secret|guess|127\.0/);
  }
  expect(post.arrived).toEqual([]);
  post.refused.clear();
  expect(await send(reach, message, "")).toEqual({ ok: true });
});

test("who has no address is no failure of the post", async () => {
  await using post = await postOffice();
  const send = mailWay(smtpMail(post.url, FROM));
  expect(await send({ language: "zh", devices: {} }, message, "")).toMatchObject({
    code: "way.nobody",
  });
  expect(post.arrived).toEqual([]);
});
