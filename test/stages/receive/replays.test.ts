// Signed requests that arrive a second time: at another process, after a failure, at the same instant. Over real HTTP, with an
// outbox in memory. A body is a JSON list of dedup keys.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { Auth, Credential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import type { Intake } from "../../../src/domain/intake.ts";
import type { Notification } from "../../../src/domain/notification.ts";
import { createLog } from "../../../src/observe/log.ts";
import { Metrics } from "../../../src/observe/metrics.ts";
import { createAccept } from "../../../src/receive/accept.ts";
import { createLogPace } from "../../../src/receive/log-pace.ts";
import { madeAt } from "./credential-kinds.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { HastyClock, openToAll, receiving, type Sent } from "./receiving.ts";

const secret = "s1gned";
const maxAgeMs = 300_000;
const hmac: Credential = {
  kind: "hmac",
  secret: new Secret(secret),
  header: "X-Sig",
  timestampHeader: "X-Time",
  maxAgeMs,
};
const auth: Auth = { ...openToAll, webhook: [hmac] };

function signed(body: string, at = madeAt): Sent {
  const seconds = `${at / 1_000}`;
  const signature = createHmac("sha256", secret).update(`${seconds}:${body}`).digest("hex");
  return { headers: { "x-sig": signature, "x-time": seconds }, body };
}

const readKeys: Intake = ({ bytes }) => {
  const text = Buffer.from(bytes).toString();
  if (!text.startsWith("[")) {
    return { kind: "rejected", status: 400, code: "not_json", message: "send JSON", source: "unknown" };
  }
  const notifications = (JSON.parse(text) as string[]).map((dedupKey) => {
    return { routed: { destination: { bot: "ops" } }, groupId: "g", dedupKey } as Notification;
  });
  const counts = {
    receiver: "web.hook",
    unsent: [],
    firing: 1,
    resolved: 0,
    dropped: 0,
    invalidAlerts: 0,
    flaggedTimes: { unread: 0, ahead: 0, reversed: 0 },
  };
  return {
    kind: "notifications",
    source: "grafana",
    names: "",
    notifications,
    lossy: false,
    unknownURL: null,
    ...counts,
  };
};

/** The clock of the outbox is hours ahead of the machines' clocks. */
function sharedOutbox() {
  const clock = new HastyClock(madeAt);
  return { clock, outbox: new MemoryOutbox(() => clock.now() + 10_000_000) };
}

interface Process extends ReturnType<typeof sharedOutbox> {
  readonly auth?: Auth;
  readonly intake?: Intake;
  readonly maxNotifications?: number;
}

function startProcess(t: TestContext, { clock, outbox, intake = readKeys, ...given }: Process) {
  const accept = createAccept({
    intake,
    outbox,
    now: outbox.now,
    dedupWindowMs: 120_000,
    maxNotifications: given.maxNotifications ?? 100,
    maxBytes: 1e6,
    severalBots: false,
    health: { hasRoom: () => {}, hasNoRoom: () => {} },
    logAccepted: () => {},
    log: createLog({ level: "debug", format: "logfmt", write: () => {} }),
    logPace: createLogPace(outbox.now),
    metrics: new Metrics(["ops"], "1"),
  });
  return receiving(t, { clock, auth: given.auth ?? auth, outbox, accept });
}

test("a signature is rejected after a restart and by another replica, and its first request was stored once", async (t) => {
  const shared = sharedOutbox();
  const [first, later] = [await startProcess(t, shared), await startProcess(t, shared)];

  const accepted = await first.ask("/webhook", signed('["a"]'));
  const replayed = await later.ask("/webhook", signed('["a"]'));
  const again = await first.ask("/webhook", signed('["a"]'));

  assert.deepEqual([accepted.status, replayed.status, again.status], [200, 403, 403]);
  assert.equal(JSON.parse(replayed.text).error, "signature_replayed");
  assert.equal(shared.outbox.stored.length, 1);
});

test("a signature is rejected to the last millisecond of its time, and is too old from then on", async (t) => {
  const shared = sharedOutbox();
  const { ask } = await startProcess(t, shared);
  await ask("/webhook", signed('["a"]'));

  await shared.clock.advance(maxAgeMs);
  const last = await ask("/webhook", signed('["a"]'));
  const after = await ask("/webhook", signed('["a"]'));

  assert.deepEqual(
    [last, after].map(({ text }) => JSON.parse(text).error),
    ["signature_replayed", "signature_stale"],
  );
  assert.equal(shared.outbox.stored.length, 1);
});

const failures: readonly (readonly [string, number, (shared: Process) => Process])[] = [
  ["does not fit into the backlog", 503, (shared) => ({ ...shared, maxNotifications: 0 })],
  [
    "met a bug",
    500,
    (shared) => ({
      ...shared,
      intake: () => {
        throw new TypeError("a bug");
      },
    }),
  ],
  [
    "was unreadable for an older version",
    400,
    (shared) => ({
      ...shared,
      intake: () => readKeys({ bytes: Buffer.from("?"), charset: null }, { kind: "route" }, madeAt),
    }),
  ],
];
for (const [what, status, broken] of failures) {
  test(`a request that ${what} is answered with ${status} and leaves no mark: it may be sent again`, async (t) => {
    const shared = sharedOutbox();
    const failing = await startProcess(t, broken(shared));
    const working = await startProcess(t, shared);

    const failed = await failing.ask("/webhook", signed('["a"]'));
    const accepted = await working.ask("/webhook", signed('["a"]'));
    const replayed = await working.ask("/webhook", signed('["a"]'));

    assert.deepEqual([failed.status, accepted.status, replayed.status], [status, 200, 403]);
  });
}

test("a commit that fails costs nothing: the same request may be sent again", async (t) => {
  const shared = sharedOutbox();
  const { ask } = await startProcess(t, shared);

  shared.outbox.failure = new Error("disk is full");
  const failed = await ask("/webhook", signed('["a"]'));
  shared.outbox.failure = null;
  const accepted = await ask("/webhook", signed('["a"]'));

  assert.deepEqual([failed.status, accepted.status], [503, 200]);
  assert.equal(shared.outbox.stored.length, 1);
});

test("of equal requests that arrive at the same instant at two replicas, exactly one is accepted", async (t) => {
  const shared = sharedOutbox();
  const replicas = [await startProcess(t, shared), await startProcess(t, shared)];

  const asked = replicas.flatMap(({ ask }) => [1, 2, 3].map(() => ask("/webhook", signed('["a","b"]'))));
  const statuses = (await Promise.all(asked)).map(({ status }) => status);

  assert.deepEqual(statuses.toSorted(), [200, 403, 403, 403, 403, 403]);
  assert.equal(shared.outbox.stored.length, 2);
});

test("copies under a new signature are accepted as duplicates, once", async (t) => {
  const { ask } = await startProcess(t, sharedOutbox());
  await ask("/webhook", signed('["a","b"]'));

  const copies = await ask("/webhook", signed('["a","b"]', madeAt + 1_000));
  const replayed = await ask("/webhook", signed('["a","b"]', madeAt + 1_000));

  assert.deepEqual(JSON.parse(copies.text), { status: "accepted", notifications: 0, duplicates: 2 });
  assert.equal(replayed.status, 403);
});

test("a webhook without notifications is accepted each time: nothing of it is stored", async (t) => {
  const { ask } = await startProcess(t, sharedOutbox());

  const statuses = [(await ask("/webhook", signed("[]"))).status, (await ask("/webhook", signed("[]"))).status];

  assert.deepEqual(statuses, [200, 200]);
});

test("a used signature stays used when a request with other credentials carries it and stores nothing", async (t) => {
  const bearer: Credential = { kind: "authorization", scheme: "Bearer", credentials: new Secret("t0ken") };
  const shared = { ...sharedOutbox(), auth: { ...auth, bots: new Map([["ops", [bearer, hmac]]]) } };
  const { ask } = await startProcess(t, shared);
  const genuine = signed('["a"]');
  await ask("/webhook", genuine);

  const carrier = { headers: { ...genuine.headers, authorization: "Bearer t0ken" }, body: "nonsense" };
  const carried = await ask("/webhook/bot/ops", carrier);
  const replayed = [await ask("/webhook", genuine), await ask("/webhook/bot/ops", genuine)];

  assert.equal(carried.status, 400);
  assert.deepEqual(
    replayed.map(({ status }) => status),
    [403, 403],
  );
});

test("a replayed request is counted and logged as a failed authentication, and answered after its back-off", async (t) => {
  const shared = sharedOutbox();
  const { ask, metrics, lines } = await startProcess(t, shared);
  await ask("/webhook", signed('["a"]'));

  await ask("/webhook", signed('["a"]'));

  const text = await metrics.text();
  assert.match(text, /auth_failures_total\{hook="route",reason="replayed"\} 1/);
  assert.match(text, /webhook_requests_total\{source="unknown",code="403"\} 1/);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /level=warn .*address=127\.0\.0\.1 hook=route reason=replayed silent=0/);
  assert.equal(shared.clock.now() - madeAt, 50);
});
