// Time from a webhook to its text in the group, with each hostile datasource and without one: while no query runs, and while the
// datasource of the same bot is queried. The services run at the same time and are measured in turn.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { createRandom, type Random } from "../../test/fuzz/random.ts";
import {
  type HostileDatasource,
  hostileNames,
  loadAlert,
  startHostile,
} from "../../test/support/hostile-datasources.ts";
import type { Child } from "../child.ts";
import { graphResults, isPicture, postTo, startBundle } from "./service.ts";

interface Bot {
  readonly name: string;
  readonly key: string;
}

interface Side {
  readonly name: string;
  readonly service: Child;
  /** Null: none is configured. */
  readonly datasource: HostileDatasource | null;
  /** A bot and a datasource for each round: no window fills, and no datasource rests. */
  readonly bots: readonly Bot[];
  readonly calmMs: number[];
  readonly askedMs: number[];
}

const generatorOf = ({ name }: Bot) => `http://${name}.example`;

/** An optional part is made half a second after the text. */
const untilAskedMs = 700;

const now = () => performance.timeOrigin + performance.now();

export async function printTexts(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-texts-"));
  const names = [null, ...hostileNames];
  const botsOf = names.map((_, n) => Array.from({ length: rounds }, (_, round) => botNamed(`s${n}-${round}`)));
  const simulator = await startSimulator({ robots: botsOf.flat(), now });
  const sides: Side[] = [];
  for (const [n, name] of names.entries())
    sides.push(await startSide(name, { bots: botsOf[n] ?? [], folder, simulator }));
  const random = createRandom(1);

  for (let round = 0; round < rounds; round++) {
    for (const side of inAnyOrder(sides, random)) await measure(side, simulator, round);
  }

  await print(sides, rounds);
  for (const { service, datasource } of sides) {
    await service.stop();
    await datasource?.[Symbol.asyncDispose]();
  }
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
}

function botNamed(name: string): Bot {
  return { name, key: `bench-key-${name}` };
}

interface SideOptions {
  readonly bots: readonly Bot[];
  readonly folder: string;
  readonly simulator: Simulator;
}

async function startSide(name: (typeof hostileNames)[number] | null, options: SideOptions): Promise<Side> {
  const { bots } = options;
  const datasource = name === null ? null : await startHostile(name);
  const sections = bots.flatMap((bot) =>
    datasource === null ? [] : [[bot.name, datasource.section(generatorOf(bot))]],
  );
  const service = await startBundle({ ...options, datasources: Object.fromEntries(sections) });
  const shown = name === null ? "there is none" : `it ${name}`;
  return { name: shown, service, datasource, bots, calmMs: [], askedMs: [] };
}

async function measure(side: Side, simulator: Simulator, round: number): Promise<void> {
  const { datasource } = side;
  const bot = side.bots[round] as Bot;
  const asked = datasource?.asked() ?? 0;
  side.calmMs.push(await textMs("first"));
  if (datasource === null) await delay(untilAskedMs);
  else while (datasource.asked() === asked) await delay(1);
  side.askedMs.push(await textMs("second"));

  async function textMs(groupKey: string): Promise<number> {
    const body = (datasource?.alert ?? loadAlert)(groupKey, generatorOf(bot));
    const texts = () => simulator.accepted().filter((one) => one.robot === bot.name && !isPicture(one));
    const before = texts().length;
    const postedAt = now();
    await postTo(side.service, bot.name, body);
    for (;;) {
      const text = texts()[before];
      if (text !== undefined) return text.at - postedAt;
      await delay(1);
    }
  }
}

/** In random order, so that leftover work of one service does not always slow the same other one. */
function inAnyOrder<T>(given: readonly T[], random: Random): readonly T[] {
  const rest = [...given];
  return given.flatMap(() => rest.splice(random.below(rest.length), 1));
}

async function print(sides: readonly Side[], rounds: number): Promise<void> {
  const shares = [0.5, 0.9, 1];
  const row = (name: string, cells: readonly string[]) => console.log(`  ${name.padEnd(42)}${cells.join("  ")}`);
  console.log(
    `\nms from a webhook to its text: half, nine in ten and all of ${rounds}; (half, to that without a datasource)`,
  );
  row("the datasource", ["while nothing is asked    ", "while it is asked         ", "graphs"]);
  for (const { name, service, calmMs, askedMs } of sides) {
    const cells = [calmMs, askedMs].map((times, n) => {
      const plain = [sides[0]?.calmMs, sides[0]?.askedMs][n] ?? [];
      const ratio = within(times, 0.5) / within(plain, 0.5);
      return `${shares.map((share) => within(times, share).toFixed(0).padStart(5)).join("")}  (${ratio.toFixed(2).padStart(5)})  `;
    });
    row(name, [...cells, await graphResults(service)]);
  }
}

/** The quantile: this share of the times is not longer. */
function within(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? Number.NaN;
}
