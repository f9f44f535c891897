// The simulator as a process: the robots it has are those whose keys it was given.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it } from "node:test";

const main = join(import.meta.dirname, "../../../src/main.ts");

it("keys with commas between them are robots in groups of their own", async (t) => {
  const keys = "00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002";
  const args = [main, "simulator", "--web.listen-address=127.0.0.1:0", `--key=${keys}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill());
  let origin = "";
  for await (const line of createInterface(child.stdout)) {
    origin = /^base_url: +(\S+)/u.exec(line)?.[1] ?? "";
    if (origin !== "") break;
  }

  const answer = await fetch(`${origin}/_sim/robots`);

  const robots = (await answer.json()) as readonly { readonly robot: string; readonly keyNumber: number }[];
  assert.deepEqual(
    robots.map(({ robot, keyNumber }) => `${robot} ${keyNumber}`),
    ["simulated 1", "simulated-2 1"],
  );
});
