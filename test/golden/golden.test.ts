// Every folder here is a scenario: bodies that waited together (in.json, or in-1.json, in-2.json …), a config, and what the
// group chat gets (out.json exactly, out.md as a human reads it). `npm run golden` rewrites the outs; the diff is the review.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import type { Config } from "../../src/config/config.ts";
import { createIntake } from "../../src/intake.ts";
import { supersede } from "../../src/plan/supersede.ts";
import { loadTemplates } from "../../src/render/load.ts";
import { renderTelling } from "../../src/render/render.ts";
import { settingsAt } from "../../src/render/settings.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { contentOf, type WecomMessage } from "../../src/wecom/message.ts";

const now = Date.parse("2026-11-22T09:30:00Z");
const key = "00000000-0000-4000-8000-000000000000";
const rewrite = process.env.UPDATE_GOLDEN === "1";

interface Out {
  readonly bot: string;
  readonly messages: readonly WecomMessage[];
  readonly templateFailures: number;
  readonly shortenedValues: number;
}

const scenarios = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe("golden", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator({ robots: [{ name: "golden", key }] });
  });
  after(() => simulator.close());

  for (const { name } of scenarios) {
    it(name.replaceAll("-", " "), async () => {
      const folder = join(import.meta.dirname, name);

      const outs = play(folder);

      if (rewrite) {
        writeFileSync(join(folder, "out.json"), `${JSON.stringify(outs, null, 2)}\n`);
        writeFileSync(join(folder, "out.md"), asRead(outs));
      }
      assert.deepEqual(JSON.parse(JSON.stringify(outs)), JSON.parse(readFileSync(join(folder, "out.json"), "utf8")));
      assert.equal(asRead(outs), readFileSync(join(folder, "out.md"), "utf8"));
      await assertWecomTakes(simulator, outs);
    });
  }
});

function play(folder: string): readonly Out[] {
  const config = configOf(folder);
  const loaded = loadTemplates({ language: config.language, globs: config.templates, baseDir: folder });
  assert.ok(loaded.kind === "templates", JSON.stringify(loaded));
  const takeIn = createIntake(config);
  const waiting = bodiesOf(folder).flatMap((bytes) => {
    const intake = takeIn(bytes, { kind: "route" });
    assert.ok(intake.kind === "notifications", JSON.stringify(intake));
    return intake.notifications.map(({ routed, groupId }) => ({ groupId, acceptedAt: now, repeat: false, routed }));
  });
  return [...Map.groupBy(waiting, (one) => one.groupId).values()].map(([first, ...others]) => {
    assert.ok(first);
    const telling = supersede([first, ...others], { late: false });
    const rendered = renderTelling(telling, loaded.set, settingsAt(now, { ...config, siren: null }));
    return {
      bot: first.routed.destination.bot,
      messages: rendered.parts.map(({ message }) => message),
      templateFailures: rendered.templateFailures.length,
      shortenedValues: rendered.shortenedValues,
    };
  });
}

function configOf(folder: string): Config {
  const text = readFileSync(join(folder, "config.yaml"), "utf8");
  const checked = checkConfig(text, { env: () => undefined, file: () => ({ kind: "unreadable", message: "none" }) });
  assert.ok(checked.kind === "config", JSON.stringify(checked));
  return checked.config;
}

function bodiesOf(folder: string): readonly Uint8Array[] {
  const single = join(folder, "in.json");
  if (existsSync(single)) return [readFileSync(single)];
  const names = readdirSync(folder).filter((name) => /^in-\d+\.json$/u.test(name));
  return names.sort().map((name) => readFileSync(join(folder, name)));
}

/** What a reviewer reads: contents as they are, cards as indented JSON, with the bytes WeCom counts. */
function asRead(outs: readonly Out[]): string {
  const blocks = outs.flatMap(({ bot, messages }) =>
    messages.map((message, index) => {
      const content = contentOf(message);
      const bytes = Buffer.byteLength(content);
      return `<!-- ${bot}: ${message.msgtype} ${index + 1}/${messages.length}, ${bytes} bytes -->\n\n${content}\n`;
    }),
  );
  return blocks.join("\n");
}

/** The simulator reads WeCom's documentation on its own; what it refuses, WeCom would refuse. */
async function assertWecomTakes(simulator: Simulator, outs: readonly Out[]): Promise<void> {
  simulator.reset();
  for (const message of outs.flatMap((out) => out.messages)) {
    simulator.advanceClock(60_000);
    const url = `${simulator.origin}/cgi-bin/webhook/send?key=${key}`;
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(message) });
    assert.equal(((await answer.json()) as { errcode: number }).errcode, 0);
  }
  assert.deepEqual(simulator.violations(), []);
}
