// A service whose outbox does not respond.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { LinkPace } from "../../src/actions/link-pace.ts";
import { loadSetup } from "../../src/commands/setup.ts";
import { plainWeb } from "../../src/config/web-config.ts";
import type { ServiceStatus } from "../../src/console/status.ts";
import { createKeyTurns } from "../../src/deliver/send.ts";
import { Worker } from "../../src/deliver/worker.ts";
import { memorySharesOf } from "../../src/domain/memory-shares.ts";
import { LiveRuntime } from "../../src/live-runtime.ts";
import { systemClock } from "../../src/observe/clock.ts";
import { createLog } from "../../src/observe/log.ts";
import { Metrics } from "../../src/observe/metrics.ts";
import { StorageHealth } from "../../src/observe/storage-health.ts";
import { outboxOn } from "../../src/outbox/sqlite/open-sqlite.ts";
import { createAuthFailures } from "../../src/receive/auth-failures.ts";
import { createBodyPool } from "../../src/receive/body-pool.ts";
import { createLogPace } from "../../src/receive/log-pace.ts";
import { createPasswords } from "../../src/receive/passwords.ts";

test("a status is shown while the storage does not respond, and says so", async (t) => {
  const loaded = loadSetup(null, { WECOM_BOT_KEY: "693a91f6-7abc-4bc4-97a0-0ec25fa5aaab" });
  assert.equal(loaded.kind, "setup");
  const outbox = await outboxOn(new DatabaseSync(":memory:"));
  const passwords = createPasswords(() => false);
  t.after(() => Promise.all([outbox.close(), passwords.close()]));
  t.mock.method(outbox, "backlog", () => Promise.reject(new Error("no answer")));
  const clock = systemClock();
  const log = createLog({ level: "error", format: "logfmt" });
  const memory = memorySharesOf(4 * 2 ** 30);
  const shared = {
    version: "test",
    demo: false,
    outbox,
    health: new StorageHealth(log, clock),
    backlog: () => outbox.backlog(),
    clock,
    random: () => 0.5,
    memory,
    bodies: createBodyPool(memory.bodies),
    logPace: createLogPace(() => 0),
    linkPace: new LinkPace(() => 0),
    takeTurn: createKeyTurns(),
    report: () => {},
    reportQuery: () => {},
    log,
    logAccepted: () => {},
    metrics: new Metrics([], "test"),
    web: plainWeb,
    passwords,
    authFailures: createAuthFailures(),
    readiness: () => ({ ready: true }) as const,
    reload: async () => ({ issues: 0 }),
    refusedIssues: () => [],
  };
  const runtime = new LiveRuntime(loaded.setup, shared, new Worker());
  const server = createServer((req, res) => runtime.answer(req, res)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  t.after(() => runtime.stop());
  const { port } = server.address() as AddressInfo;

  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/status`);
  const { overview, storage } = (await answer.json()) as ServiceStatus;

  assert.deepEqual(storage, { engine: "sqlite", answers: false, failures: [] });
  assert.equal(overview.sentence, "存储（sqlite）没有应答：webhook 可能回 503，待发的通知数未知。");
});
