import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog } from "../../../src/observe/log.ts";
import { StorageHealth } from "../../../src/observe/storage-health.ts";
import { OutboxAway } from "../../../src/outbox/errors.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function watched() {
  const clock = new ManualClock(100_000);
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "logfmt",
    write: (line) => lines.push(line.replace(/^time=\S+ /u, "")),
  });
  return { clock, lines, health: new StorageHealth(log, clock) };
}

const full = new OutboxAway("diskFull", new Error("database or disk is full"));
const away = new OutboxAway("unreachable", new Error("connect ECONNREFUSED"));

describe("the health of the storage", () => {
  it("has when a failure began and when it was seen last; the log has its begin and its end, each once and without a stack", async () => {
    const { clock, lines, health } = watched();

    health.failed("webhooks", full);
    await clock.advance(5_000);
    health.failed("webhooks", full);
    const failure = health.parts.get("webhooks");
    health.worked("webhooks");
    health.worked("webhooks");

    assert.deepEqual(failure, { reason: "diskFull", sinceAt: 100_000, lastAt: 105_000 });
    assert.equal(health.parts.size, 0);
    assert.deepEqual(lines, [
      'level=error msg="webhooks cannot be stored and get 503" reason=diskFull detail="database or disk is full"\n',
      'level=info msg="webhooks are stored again" failed_ms=5000\n',
    ]);
  });

  it("a database that is away is one failure, not one of webhooks and one of deliveries; it ends for all of them", () => {
    const { lines, health } = watched();

    health.failed("database", away);
    health.failed("webhooks", away);
    health.failed("deliveries", away);
    health.worked("database");

    assert.equal(health.parts.size, 0);
    assert.deepEqual(
      lines.map((line) => /msg="([^"]*)"/u.exec(line)?.[1]),
      ["database unavailable: webhooks get 503 and nothing is sent", "database available again"],
    );
  });

  it("a full disk does not end when the database answers", () => {
    const { health } = watched();

    health.failed("webhooks", full);
    health.failed("database", away);
    health.worked("database");

    assert.deepEqual([...health.parts.keys()], ["webhooks"]);
  });

  it("a disk that takes every second write does not fill the log", async () => {
    const { clock, lines, health } = watched();

    for (let n = 0; n < 500; n += 1) {
      health.failed("webhooks", full);
      await clock.advance(10);
      health.worked("webhooks");
    }

    assert.equal(lines.length, 2);
  });

  it("a backlog is full for the bots whose webhooks did not fit, until one of them does", () => {
    const { lines, health } = watched();

    health.hasNoRoom(["ops", "dba"]);
    health.hasRoom(["other"]);
    health.hasRoom(["ops"]);

    assert.deepEqual([...health.full.keys()], ["dba"]);
    assert.deepEqual(lines, ['level=info msg="the backlog has room again" bots="[\\"ops\\"]"\n']);
  });
});
