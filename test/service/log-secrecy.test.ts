// The whole service as a process: what a robot answers is printed without acting on a terminal and without the key, whatever its form.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort, startServer } from "../support/child.ts";
import { eventually } from "../support/stack.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const key = "key-a-1";

test("an answer that repeats a key of any form, and has controls in it, is logged without both", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "log-secrecy-"));
  const errmsg = `no robot ${key} \u009b31m\u202egnp.exe\u2028level=info`;
  const robot = createServer((_req, res) => res.end(JSON.stringify({ errcode: 93000, errmsg })));
  await new Promise<void>((resolve) => robot.listen(0, "127.0.0.1", resolve));
  const port = await freePort();
  const config = join(folder, "config.yaml");
  const origin = `http://127.0.0.1:${(robot.address() as AddressInfo).port}`;
  writeFileSync(
    config,
    `storage: "sqlite:${join(folder, "data", "outbox.db")}"\nwecom: { base_url: "${origin}" }\n` +
      `shutdown_delay: 0s\nbots: { ops: { key: ${key} } }\nroute: { bot: ops }\n`,
  );
  const args = [main, "serve", `--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`];
  const service = await startServer(
    { command: process.execPath, args, env: { PATH: process.env.PATH ?? "" } },
    `http://127.0.0.1:${port}/-/ready`,
  );
  t.after(async () => {
    await service.stop("SIGKILL");
    robot.close();
    rmSync(folder, { recursive: true });
  });

  const body = JSON.stringify({ alerts: [{ status: "firing", labels: { alertname: "Disk" } }] });
  await fetch(`http://127.0.0.1:${port}/webhook`, { method: "POST", body });
  await eventually("the answer is logged", () => /no robot/.test(service.stderr()));
  await service.stop("SIGTERM");

  assert.match(service.stderr(), /no robot <secret> \\u009b31m\\u202egnp\.exe\\u2028level=info/);
  assert.doesNotMatch(service.stderr(), /key-a-1|(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});
