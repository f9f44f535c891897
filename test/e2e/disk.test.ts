// The service as a separate process on a disk that fails and is repaired: its answers meanwhile, and that it recovers by itself. And
// on a disk that cannot be written from the start.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceStatus } from "../../src/console/status.ts";
import type { Simulator } from "../../src/simulator/server.ts";
import { killAll, run, startServer } from "../support/child.ts";
import { anyAlertAgain, deliveredTexts } from "../support/delivered.ts";
import { eventually } from "../support/stack.ts";
import { statusOf } from "./alertmanager/seen.ts";
import { type FailingDisk, fullDisk, readOnlyDisk, unwritableDisk } from "./disk/failing-disk.ts";
import { type Answer, bot, invocation, type Lab, logFile, startOn } from "./disk/lab.ts";

const refusedWebhooks = 200;
const senders = 20;
/** How long the robot takes to answer the message that is in flight when the disk fails. */
const inFlightMs = 3_000;
const withinMs = 90_000;

after(killAll);

describe("a disk that fails while the service runs", () => {
  it("full: webhooks get 503, the service stays up, and recovers by itself when there is space", (t) =>
    survives(t, fullDisk()));

  it("not writable: webhooks get 503, the service stays up, and recovers by itself when it is writable", (t) =>
    survives(t, unwritableDisk()));
});

describe("a disk that cannot be written from the start", () => {
  it("the service says so and exits with 1, and starts when the disk is repaired", async (t) => {
    const disk = readOnlyDisk();
    t.after(() => disk.remove());
    const { command, readyUrl } = await invocation(t, disk.folder, "http://127.0.0.1:1");
    const [program = "", ...args] = [...disk.before, ...command];

    const refused = await run({ command: program, args });
    disk.repair();
    const child = await startServer({ command: process.execPath, args: command.slice(1) }, readyUrl);
    const ended = await child.stop("SIGTERM");

    t.diagnostic(`${disk.how}: exit code ${refused.code}`);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /code=outbox_unwritable/u);
    assert.match(refused.stderr, /cannot be written: check that this user may write/u);
    assert.equal(ended.code, 0);
  });
});

async function survives(t: TestContext, disk: FailingDisk): Promise<void> {
  const lab = await startOn(t, disk);
  const { simulator, child, post } = lab;

  const taken = await failBetweenSendAndRecord(lab, disk);
  const refused = await postAll(ids("refused", refusedWebhooks), post);
  await eventually(
    "its answer cannot be recorded",
    async () => (await statusIn(lab)).storage.failures.some(({ part }) => part === "deliveries"),
    withinMs,
  );
  const { overview } = await statusIn(lab);
  const probes = await Promise.all(
    ["-/healthy", "-/ready", "metrics"].map((path) => statusOf(`${lab.origin}/${path}`)),
  );
  refused.push(await post("refused-at-last-1x"));
  const arrived = simulator.arrivals().length;

  disk.repair(child.pid);
  const repairedAt = performance.now();
  const polled = await postUntilTaken("repaired", post);
  const firstTakenMs = performance.now() - repairedAt;
  const later = await postAll(ids("later", 5), post);
  const acknowledged = [...taken, ...refused, ...polled, ...later].filter(({ status }) => status === 200);
  await eventually("everything is delivered", () => undelivered(acknowledged, simulator).length === 0, withinMs);
  await eventually("nothing is queued", async () => (await lab.sum("outbox_notifications")) === 0, withinMs);
  const repeats = anyAlertAgain(deliveredTexts(simulator), /[a-z-]+-\d+x/gu);

  const repairedStatus = await statusIn(lab);
  const log = readFileSync(join(disk.folder, logFile), "utf8");

  t.diagnostic(
    `${disk.how}: ${count(refused, 503)} webhooks refused with 503 while it failed, ${count(refused, 200)} accepted; ` +
      `first 200 ${Math.round(firstTakenMs)} ms after the repair, all ${acknowledged.length} acknowledged delivered ` +
      `${Math.round(performance.now() - repairedAt)} ms after, repeated ${repeats.length}`,
  );
  assert.deepEqual([count(taken, 200), count(later, 200)], [taken.length, later.length]);
  assert.equal(count(refused, 503), refused.length);
  assert.deepEqual(probes, [200, 200, 200]);
  assert.match(overview.sentence, /^存不下来（磁盘已满|^存不下来（写不进去/u);
  assert.match(overview.sentence, /webhook 回 503，自 (?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d 起/u);
  assert.deepEqual([repairedStatus.overview.level, repairedStatus.storage.failures], ["ok", []]);
  assert.doesNotMatch(log, /stack=|\n\s+at /u);
  assert.equal(await lab.sum("unexpected_errors_total"), 0);
  assert.equal(arrived, taken.length - 1, "a message was sent that could not be recorded first");
  assert.deepEqual(repeats, [], "the answer to the message in flight was kept until it could be recorded");
  assert.deepEqual(simulator.violations(), []);
  assert.equal((await child.stop("SIGTERM")).code, 0);
  assert.match(readFileSync(join(disk.folder, logFile), "utf8"), /msg=stopped/u);
}

/** The disk fails when four alerts have reached the robot, the last one is not answered yet, and a fifth is queued. */
async function failBetweenSendAndRecord(
  { simulator, child, post }: Lab,
  disk: FailingDisk,
): Promise<readonly Answer[]> {
  const before = await postAll(ids("before", 3), post);
  await eventually("they are delivered", () => undelivered(before, simulator).length === 0, withinMs);
  simulator.script(bot, [{ kind: "latency", ms: inFlightMs }]);
  const inFlight = await post("in-flight-1x");
  await eventually("it has reached the robot", () => undelivered([inFlight], simulator).length === 0, withinMs);
  const waiting = await post("waiting-1x");
  disk.fail(child.pid);
  return [...before, inFlight, waiting];
}

function ids(name: string, many: number): readonly string[] {
  return Array.from({ length: many }, (_, n) => `${name}-${n + 1}x`);
}

async function postAll(waiting: readonly string[], post: Lab["post"]): Promise<Answer[]> {
  const queue = [...waiting];
  const answers: Answer[] = [];
  const sender = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) answers.push(await post(id));
  };
  await Promise.all(Array.from({ length: senders }, sender));
  return answers;
}

/** A different alert each time, so that a lost one shows; ends with the first that is accepted. */
async function postUntilTaken(name: string, post: Lab["post"]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  while (answers.at(-1)?.status !== 200) {
    assert.ok(answers.length < 1_000, "it does not recover");
    answers.push(await post(`${name}-${answers.length + 1}x`));
    await delay(5);
  }
  return answers;
}

function undelivered(answers: readonly Answer[], simulator: Simulator): readonly Answer[] {
  const texts = deliveredTexts(simulator);
  return answers.filter(({ id }) => !texts.some((text) => text.includes(id)));
}

async function statusIn({ origin }: Lab): Promise<ServiceStatus> {
  return (await (await fetch(`${origin}/api/v1/status`)).json()) as ServiceStatus;
}

function count(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}
