// What verify:cluster counts inside the cluster: refusals are seen, what is lost or told twice is seen, and a good run is called good.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";

const key = "00000000-0000-4000-8000-000000000001";

async function run(script: string, ...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const path = join(import.meta.dirname, "../../scripts/cluster", script);
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args]);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

/** A service whose n-th answer has the n-th status, and 200 after them; null hangs up instead. */
async function startService(statuses: readonly (number | null)[]) {
  const coming = [...statuses];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const status = coming.shift();
      if (status === null) request.socket.destroy();
      else response.writeHead(status ?? 200).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

describe("the traffic of verify:cluster", () => {
  const cases: readonly (readonly [string, readonly (number | null)[], readonly string[], object])[] = [
    ["calls a good run good", [], [], { sent: 4, accepted: 4, refusals: {} }],
    ["sees what is refused", [200, 503], [], { sent: 4, accepted: 3, refusals: { "503": 1 } }],
    ["sees what is cut off", [200, null], [], { sent: 4, accepted: 3, refusals: { ECONNRESET: 1 } }],
    ["does not come again after a 4xx", [404], ["--retry"], { sent: 4, accepted: 3, refusals: { "404": 1 } }],
    ["comes again as a sender that retries", [503, 503], ["--retry"], { sent: 4, accepted: 4, refusals: { "503": 2 } }],
  ];
  for (const [rule, statuses, flags, expected] of cases) {
    it(rule, async () => {
      const service = await startService(statuses);

      const report = await run("traffic.ts", `--service=${service.origin}`, "--prefix=t", "--count=4", ...flags);

      service.close();
      const { sent, accepted, refusals } = report;
      assert.deepEqual({ sent, accepted, refusals }, expected);
    });
  }
});

describe("the count of what was told", () => {
  const cases: readonly (readonly [string, readonly string[], object])[] = [
    ["calls a good run good", ["t00000x t00001x", "t00002x"], { told: 3, undelivered: 0, repeated: 0, violations: 0 }],
    ["names what is lost", ["t00000x", "t00002x"], { told: 2, undelivered: 1, repeated: 0, violations: 0 }],
    [
      "sees what is told twice",
      ["t00000x t00001x", "t00002x t00001x"],
      { told: 3, undelivered: 0, repeated: 1, violations: 0 },
    ],
    [
      "sees what the robot refuses",
      ["t00000x t00001x t00002x", ""],
      { told: 3, undelivered: 0, repeated: 0, violations: 1 },
    ],
  ];
  for (const [rule, texts, expected] of cases) {
    it(rule, async () => {
      const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
      for (const content of texts) await say(simulator, { msgtype: "text", text: { content } });

      const report = await run("told.ts", `--simulator=${simulator.origin}`, "--prefix=t", "--count=3", "--within=0");

      await simulator.close();
      const { told, undelivered, repeated, violations } = report;
      assert.deepEqual({ told, undelivered, repeated, violations }, expected);
    });
  }

  it("takes a file and the message that announces it for one delivery", async () => {
    const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
    await say(simulator, { msgtype: "text", text: { content: "three: t00000x …" } });
    const mediaId = await upload(simulator, "t00000x\nt00001x\nt00002x\n");
    await say(simulator, { msgtype: "file", file: { media_id: mediaId } });

    const report = await run("told.ts", `--simulator=${simulator.origin}`, "--prefix=t", "--count=3", "--within=0");

    await simulator.close();
    assert.equal(report.undelivered, 0);
    assert.equal(report.repeated, 0);
    assert.equal(report.messages, 1);
  });
});

async function say(simulator: Simulator, body: object): Promise<void> {
  const answer = await fetch(`${simulator.origin}/cgi-bin/webhook/send?key=${key}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
}

async function upload(simulator: Simulator, text: string): Promise<string> {
  const form = new FormData();
  form.append("media", new Blob([text]), "alerts.csv");
  const address = `${simulator.origin}/cgi-bin/webhook/upload_media?key=${key}&type=file`;
  const answer = await fetch(address, { method: "POST", body: form });
  return ((await answer.json()) as { readonly media_id: string }).media_id;
}
