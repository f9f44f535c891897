// A hundred reloads, every second one with a broken config, while 5,000 webhooks arrive. Each config names two of four bots and marks
// its routes, so the outbox shows afterwards which config routed each webhook, and that it was only one.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { parseRoutedGroup } from "../../src/domain/notification.ts";
import { inflated } from "../../src/outbox/bodies.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { keyOf, startStack } from "../support/stack.ts";

const webhooks = 5_000;
const reloads = 100;
const senders = 20;
const pairs = [
  ["east", "west"],
  ["north", "south"],
] as const;

function botsOf(version: number): readonly string[] {
  return pairs[version % 2] ?? [];
}

/** Both routes match every alert and contain the version, so that a mixture of two configs shows. */
function configOf(version: number): string {
  const [first, second] = botsOf(version);
  const route = (bot: string | undefined) =>
    `{ bot: ${bot}, mention: { users: [v${version}] }, matchers: [alertname=~".+"], continue: true }`;
  return `route: { bot: ${first}, routes: [ ${route(first)}, ${route(second)} ] }`;
}

/** It has two issues: the bot and the matcher. */
const broken = "route: { bot: nobody, routes: [ { matchers: 'severity=~(' } ] }";

interface Row {
  readonly bot: string;
  readonly marks: readonly string[];
  readonly alertname: string;
}

/** What waits, and what was delivered: each notification is in one of the two. */
async function rowsIn(path: string): Promise<readonly Row[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database
    .prepare("select bot, body from notifications union all select bot, body from history where outcome = 'delivered'")
    .all();
  database.close();
  return Promise.all(
    rows.map(async ({ bot, body }) => {
      const { destination, group } = parseRoutedGroup(await inflated(body as Uint8Array));
      const alertname = group.alerts[0]?.labels.alertname ?? "";
      return { bot: String(bot), marks: destination.mention.users, alertname };
    }),
  );
}

it(`${reloads} reloads, half of them broken, while ${webhooks} webhooks arrive: none lost, none routed by two configs`, async (t) => {
  const robots = pairs.flat().map((name) => ({ name, key: keyOf(name) }));
  const simulator = await startSimulator({ robots });
  const stack = await startStack({ config: configOf(0), bots: botsOf(0), simulator });
  t.after(() => rmSync(stack.folder, { recursive: true, force: true }));
  const startedAt = performance.now();
  let posted = 0;
  const refused: number[] = [];
  const sender = async () => {
    while (posted < webhooks) {
      const labels = { alertname: `alert-${posted++}` };
      const { status } = await stack.post({ alerts: [{ status: "firing", labels }] });
      if (status !== 200) refused.push(status);
    }
  };
  const answers: number[] = [];
  const reloader = async () => {
    for (let n = 1; n <= reloads; n++) {
      // In step with the webhooks, so that some arrive during the last reload too.
      while (posted < (webhooks * n) / (reloads + 1)) await new Promise((resolve) => setTimeout(resolve, 1));
      const version = n / 2;
      const good = n % 2 === 0;
      answers.push(
        await stack.reload(good ? { config: configOf(version), bots: botsOf(version) } : { config: broken }),
      );
    }
  };

  await Promise.all([reloader(), ...Array.from({ length: senders }, sender)]);
  const tookMs = Math.round(performance.now() - startedAt);
  const successful = await stack.metric("config_last_reload_successful");
  await stack.stop({ keepFolder: true });
  await simulator.close();
  const rows = await rowsIn(join(stack.folder, "outbox.db"));
  const versions = new Set(rows.flatMap(({ marks }) => marks));
  process.stdout.write(
    `  ${webhooks} webhooks, ${reloads} reloads in ${tookMs} ms; routed by ${versions.size} configs\n`,
  );

  assert.deepEqual(refused, []);
  assert.deepEqual(
    answers,
    Array.from({ length: reloads }, (_, n) => (n % 2 === 0 ? 2 : 0)),
  );
  assert.equal(successful, 1);
  const byAlert = Map.groupBy(rows, ({ alertname }) => alertname);
  assert.equal(byAlert.size, webhooks);
  for (const [alertname, routed] of byAlert) {
    const [mark, ...others] = [...new Set(routed.flatMap(({ marks }) => marks))];
    const version = Number(mark?.slice(1));
    const bots = routed.map(({ bot }) => bot).toSorted();
    assert.deepEqual([others, bots], [[], botsOf(version).toSorted()], `${alertname} was routed by ${mark} to ${bots}`);
  }
  assert.ok(versions.size > 10, "webhooks and reloads did not overlap, so this was not tested");
});
