// The program of the image with a config of its own.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "../../src/simulator/server.ts";
import { type Child, freePort, imageSettings, startChild } from "../child.ts";
import { ownMain } from "../replicas/setups.ts";

interface ServiceOptions {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly bots: readonly { readonly name: string; readonly key: string }[];
  /** Sections of `datasources`, by name. */
  readonly datasources: Readonly<Record<string, string>>;
}

export async function startBundle({ folder, simulator, bots, datasources }: ServiceOptions): Promise<Child> {
  const port = await freePort();
  const file = join(folder, `${port}.yaml`);
  const named = Object.entries(datasources).map(([name, section]) => `${name}: ${section}`);
  const lines = [
    `storage: sqlite:${join(folder, `${port}.db`)}`,
    `wecom: { base_url: "${simulator.origin}" }`,
    `datasources: { ${named.join(", ")} }`,
    `bots: { ${bots.map(({ name, key }) => `${name}: { key: ${key} }`).join(", ")} }`,
    `route: { bot: ${bots[0]?.name} }`,
  ];
  writeFileSync(file, lines.join("\n"));
  const args = ["serve", `--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"];
  return startChild([ownMain, ...args], { port, readyPath: "/-/ready", env: imageSettings() });
}

export async function postTo({ origin }: Child, bot: string, body: object): Promise<void> {
  const answer = await fetch(`${origin}/webhook/bot/${bot}`, { method: "POST", body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the service answered ${answer.status}: ${text}`);
}

/** The number of its graphs, by result. */
export async function graphResults({ origin }: Child): Promise<string> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const rows = text.matchAll(/optional_parts_total\{kind="graph",result="(\w+)"\} ([1-9]\d*)/gu);
  return [...rows].map(([, result, count]) => `${result} ${count}`).join(", ");
}

export function isPicture({ body }: { readonly body: unknown }): boolean {
  return Reflect.get(Object(body), "msgtype") === "image";
}
