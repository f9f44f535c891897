// accept with a fake intake and a fake outbox: what is stored, counted, logged and returned.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hook, Intake, IntakeResult, SentBody } from "../../../src/domain/intake.ts";
import type { Notification } from "../../../src/domain/notification.ts";
import type { SenderSeen } from "../../../src/domain/sender.ts";
import { createLog } from "../../../src/observe/log.ts";
import { Metrics } from "../../../src/observe/metrics.ts";
import { OutboxAway } from "../../../src/outbox/errors.ts";
import type { AcceptOptions, AcceptResult, RequestSignature } from "../../../src/outbox/store.ts";
import { createAccept } from "../../../src/receive/accept.ts";
import type { AcceptedWebhook } from "../../../src/receive/accept-log.ts";
import { createLogPace } from "../../../src/receive/log-pace.ts";

// Of a notification, accept reads its bot and its group.
const notification = {
  routed: { destination: { bot: "ops" } },
  groupId: "g-0123456789",
  dedupKey: "d",
} as Notification;

const taken: Extract<IntakeResult, { kind: "notifications" }> = {
  kind: "notifications",
  source: "grafana",
  receiver: "ops team",
  names: "DiskFull",
  notifications: [notification, notification],
  unsent: [],
  firing: 3,
  resolved: 1,
  invalidAlerts: 2,
  dropped: 4,
  lossy: false,
  unknownURL: null,
  flaggedTimes: { unread: 0, ahead: 0, reversed: 0 },
};

const rejected: IntakeResult = {
  kind: "rejected",
  status: 400,
  code: "not_json",
  message: "send JSON",
  source: "unknown",
};

type Stored = (notifications: readonly Notification[], options: AcceptOptions) => Promise<AcceptResult>;

function accepting(intake: Intake, accept: Stored) {
  const lines: string[] = [];
  const noted: SenderSeen[] = [];
  const health: string[] = [];
  const accepted: AcceptedWebhook[] = [];
  const clock = { now: 1_000 };
  const metrics = new Metrics(["ops"], "1");
  const take = createAccept({
    intake,
    outbox: { accept, noteSender: (seen) => noted.push(seen) },
    now: () => clock.now,
    dedupWindowMs: 30_000,
    maxNotifications: 10,
    maxBytes: 1_000,
    severalBots: true,
    health: {
      hasRoom: (bots) => health.push(`room ${bots}`),
      hasNoRoom: (bots) => health.push(`no room ${bots}`),
    },
    logAccepted: (webhook) => accepted.push(webhook),
    log: createLog({ level: "debug", format: "logfmt", write: (line) => lines.push(line) }),
    logPace: createLogPace(() => clock.now),
    metrics,
  });
  const run = (body: SentBody, hook: Hook, signature: RequestSignature | null = null) =>
    take(body, hook, { signature, sender });
  return { run, lines, noted, health, accepted, clock, metrics };
}

const sender = { address: "10.0.0.5", userAgent: "Grafana" };
const body = { bytes: Buffer.from("{}"), charset: null };
const signature: RequestSignature = { id: "s", expiresAt: 2_000 };
const stored = async (): Promise<AcceptResult> => ({ kind: "stored", stored: 1, duplicates: 1 });

test("notifications go to the outbox with its limits and their signature, and the result has the number of new ones", async () => {
  const calls: unknown[] = [];
  const { run } = accepting(
    (_body, hook) => (hook.kind === "route" ? taken : rejected),
    async (...call) => {
      calls.push(call);
      return { kind: "stored", stored: 1, duplicates: 1 };
    },
  );

  const accepted = await run(body, { kind: "route" }, signature);

  assert.deepEqual(accepted, { kind: "accepted", notifications: 1, duplicates: 1, source: "grafana" });
  const limits = { dedupWindowMs: 30_000, maxNotifications: 10, maxBytes: 1_000, severalBots: true };
  assert.deepEqual(calls, [
    [[notification, notification], { acceptedAt: 1_000, ...limits, signature, sender, unsent: [] }],
  ]);
});

test("nothing is accepted before the outbox has committed", async () => {
  const commit = Promise.withResolvers<AcceptResult>();
  const { run } = accepting(
    () => taken,
    () => commit.promise,
  );
  let answered = false;

  const accepted = run(body, { kind: "route" }).then(() => {
    answered = true;
  });
  await new Promise(setImmediate);

  assert.equal(answered, false);
  commit.resolve({ kind: "stored", stored: 2, duplicates: 0 });
  await accepted;
  assert.equal(answered, true);
});

test("a group that no route takes is accepted without the outbox", async () => {
  const { run, metrics } = accepting(
    () => ({ ...taken, notifications: [] }),
    () => assert.fail("the outbox has nothing to store"),
  );

  const accepted = await run(body, { kind: "route" });

  assert.deepEqual(accepted, { kind: "accepted", notifications: 0, duplicates: 0, source: "grafana" });
  assert.match(await metrics.text(), /alerts_received_total\{source="grafana",status="firing"\} 3/);
});

test("alerts, invalid ones and duplicates are counted by source", async () => {
  const { run, metrics } = accepting(() => taken, stored);

  await run(body, { kind: "route" });

  const text = await metrics.text();
  assert.match(text, /alerts_received_total\{source="grafana",status="firing"\} 3/);
  assert.match(text, /alerts_received_total\{source="grafana",status="resolved"\} 1/);
  assert.match(text, /alerts_invalid_total\{source="grafana"\} 2/);
  assert.match(text, /alerts_dropped_total\{source="grafana"\} 4/);
  assert.match(text, /duplicates_suppressed_total\{source="grafana"\} 1/);
});

const flags: readonly (readonly [string, Partial<typeof taken>, RegExp, RegExp])[] = [
  [
    "a body decoded with losses",
    { lossy: true },
    /bodies_decoded_with_losses_total\{source="grafana"\} 3/,
    /level=warn msg="webhook decoded with losses" source=grafana address=10\.0\.0\.5 charset=gbk hint=/,
  ],
  [
    "times that cannot be right",
    { flaggedTimes: { unread: 2, ahead: 0, reversed: 1 } },
    /alert_times_flagged_total\{source="grafana",reason="unread"\} 6/,
    /level=warn msg="times of alerts are doubtful" source=grafana address=10\.0\.0\.5 unread=2 ahead=0 reversed=1 silent=/,
  ],
];
for (const [what, flag, counted, logged] of flags) {
  test(`${what}: accepted and counted, and logged once a minute`, async () => {
    const { run, lines, clock, metrics } = accepting(() => ({ ...taken, ...flag }), stored);

    for (const wait of [0, 0, 60_000]) {
      clock.now += wait;
      assert.equal((await run({ ...body, charset: "gbk" }, { kind: "route" })).kind, "accepted");
    }

    assert.match(await metrics.text(), counted);
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, logged);
    assert.match(lines[1] ?? "", /silent=1/);
  });
}

test("the externalURL of an Alertmanager that the config does not name is logged once an hour, with the setting", async () => {
  const unknownURL = `http://elsewhere:9093/${"x".repeat(1_000)}`;
  const { run, lines, clock } = accepting(() => ({ ...taken, unknownURL }), stored);

  for (const wait of [0, 60_000, 3_600_000]) {
    clock.now += wait;
    await run(body, { kind: "route" });
  }

  assert.equal(lines.length, 2);
  assert.match(
    lines[0] ?? "",
    /level=warn .*address=10\.0\.0\.5 external_url=http:\/\/elsewhere:9093\/x{100,180} hint="add it to external_urls/u,
  );
});

test("the intake gets the body and the time of its receipt", async () => {
  const calls: unknown[] = [];
  const { run } = accepting((...call) => {
    calls.push(call);
    return taken;
  }, stored);

  await run(body, { kind: "route" });

  assert.deepEqual(calls, [[body, { kind: "route" }, 1_000]]);
});

test("a rejection is returned, and logged once a minute for each source and code", async () => {
  const { run, lines, clock } = accepting(() => rejected, stored);

  const answers = [await run(body, { kind: "route" }), await run(body, { kind: "route" })];
  clock.now += 60_000;
  await run(body, { kind: "route" });

  assert.deepEqual(answers, [rejected, rejected]);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? "", /level=warn .*source=unknown address=10\.0\.0\.5 code=not_json/);
  assert.match(lines[1] ?? "", /silent=1/);
});

const failures: readonly (readonly [string, Stored])[] = [
  ["a full outbox", async () => ({ kind: "full", bots: ["ops"], stored: 0, duplicates: 0 })],
  ["a failing outbox", async () => Promise.reject(new Error("disk is read-only"))],
];
for (const [what, accept] of failures) {
  test(`${what} makes the webhook unavailable, counts no alert, and is logged once in ten seconds`, async () => {
    const { run, lines, clock, metrics } = accepting(() => taken, accept);

    const first = await run(body, { kind: "route" });
    await run(body, { kind: "route" });
    clock.now += 10_000;
    await run(body, { kind: "route" });

    assert.equal(first.kind, "unavailable");
    assert.equal(first.source, "grafana");
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? "", /level=error .*silent=1/);
    assert.match(await metrics.text(), /alerts_received_total\{source="grafana",status="firing"\} 0/);
  });
}

test("where a bot is full, the sender is told how much of its webhook was stored, and the log has the bot", async () => {
  const { run, lines } = accepting(
    () => taken,
    async () => ({ kind: "full", bots: ["ops"], stored: 1, duplicates: 0 }),
  );

  const answer = await run(body, { kind: "route" });

  assert.ok(answer.kind === "unavailable");
  assert.match(answer.message, /1 of 2 notifications were stored; send all again/);
  assert.match(lines[0] ?? "", /level=error .*ops/);
});

test("a webhook that is accepted is logged with its sender, receiver, counts, names and groups; one that is not is not", async () => {
  const { run, accepted } = accepting((_body, hook) => (hook.kind === "route" ? taken : rejected), stored);

  await run(body, { kind: "route" });
  await run(body, { kind: "bot", bot: "ops" });

  assert.deepEqual(accepted, [
    {
      sender: "10.0.0.5",
      source: "grafana",
      receiver: "ops team",
      names: "DiskFull",
      firing: 3,
      resolved: 1,
      notifications: 1,
      duplicates: 1,
      dropped: 4,
      bots: "ops",
      groups: "g-012345",
    },
  ]);
});

test("the health of the backlog has the bots whose webhooks did not fit, and those that did", async () => {
  const answers: AcceptResult[] = [
    { kind: "full", bots: ["ops"], stored: 0, duplicates: 0 },
    { kind: "stored", stored: 0, duplicates: 2 },
    await stored(),
  ];
  const { run, health } = accepting(
    () => taken,
    async () => answers.shift() ?? assert.fail("asked too often"),
  );

  for (let n = 0; n < 3; n += 1) await run(body, { kind: "route" });

  assert.deepEqual(health, ["no room ops", "room ops"]);
});

test("an outbox that is away is not logged for each webhook: its health is logged once, elsewhere", async () => {
  const { run, lines } = accepting(
    () => taken,
    async () => Promise.reject(new OutboxAway("diskFull", new Error("full"))),
  );

  assert.equal((await run(body, { kind: "route" })).kind, "unavailable");
  assert.deepEqual(lines, []);
});

test("a replayed request is returned, counts no alert and is not logged: the guard does that", async () => {
  const { run, lines, metrics } = accepting(
    () => taken,
    async () => ({ kind: "replayed" }),
  );

  const result = await run(body, { kind: "route" }, signature);

  assert.deepEqual(result, { kind: "replayed" });
  assert.deepEqual(lines, []);
  assert.match(await metrics.text(), /alerts_received_total\{source="grafana",status="firing"\} 0/);
});

test("a bug in the intake is not hidden", async () => {
  const { run } = accepting(() => {
    throw new TypeError("a bug");
  }, stored);

  await assert.rejects(run(body, { kind: "route" }), TypeError);
});
