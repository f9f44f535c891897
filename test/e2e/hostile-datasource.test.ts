// The service as a process, with datasources that misbehave: texts arrive before and during a query, and the reason why there is no
// graph is counted and logged.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AcceptedMessage } from "../../src/simulator/record.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { type Child, freePort, startServer } from "../support/child.ts";
import {
  forgedExpression,
  type HostileDatasource,
  hostileNames,
  startHostile,
} from "../support/hostile-datasources.ts";
import { eventually } from "../support/stack.ts";

const bots = hostileNames.map((name, n) => ({
  name,
  bot: `b${n}`,
  key: randomUUID(),
  generator: `http://b${n}.example`,
}));

describe("beside a datasource that", () => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-hostile-"));
  const hostile = new Map<string, HostileDatasource>();
  let simulator: Simulator;
  let origin: string;
  let service: Child;

  before(async () => {
    simulator = await startSimulator({ robots: bots.map(({ bot, key }) => ({ name: bot, key })) });
    for (const { name, bot } of bots) hostile.set(bot, await startHostile(name));
    const datasources = bots.map(({ bot, generator }) => `${bot}: ${hostile.get(bot)?.section(generator)}`);
    const lines = [
      `storage: "sqlite:${join(folder, "outbox.db")}"`,
      `wecom: { base_url: "${simulator.origin}" }`,
      "graphs: { timeout: 10s }",
      `datasources: { ${datasources.join(", ")} }`,
      `bots: { ${bots.map(({ bot, key }) => `${bot}: { key: ${key} }`).join(", ")} }`,
      `route: { bot: ${bots[0]?.bot} }`,
    ];
    const configFile = join(folder, "config.yaml");
    writeFileSync(configFile, `${lines.join("\n")}\n`);
    const address = `127.0.0.1:${await freePort()}`;
    origin = `http://${address}`;
    const main = join(import.meta.dirname, "../../src/main.ts");
    const args = [main, "serve", `--config.file=${configFile}`, `--web.listen-address=${address}`, "--log.level=debug"];
    service = await startServer({ command: process.execPath, args }, `${origin}/-/ready`);
  });

  after(async () => {
    await service?.stop("SIGKILL");
    for (const one of hostile.values()) await one[Symbol.asyncDispose]();
    await simulator?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function post(bot: string, body: object): Promise<void> {
    const answer = await fetch(`${origin}/webhook/bot/${bot}`, { method: "POST", body: JSON.stringify(body) });
    assert.equal(answer.status, 200, await answer.text());
  }

  const sentTo = (bot: string) => simulator.accepted().filter(({ robot }) => robot === bot);
  const isImage = ({ body }: AcceptedMessage) => Reflect.get(Object(body), "msgtype") === "image";
  const lines = (pattern: RegExp) =>
    (service.stdout() + service.stderr()).split("\n").filter((line) => pattern.test(line));

  async function counts(family: string): Promise<readonly string[]> {
    const text = await (await fetch(`${origin}/metrics`)).text();
    return [...text.matchAll(new RegExp(`^alertmanager_wecom_${family}\\{(.*)\\} ([1-9]\\d*)$`, "gmu"))].map(
      ([, labels, count]) => `${labels?.replaceAll(/\w+=|"/gu, "").replace(",", " ")} ${count}`,
    );
  }

  for (const { name, bot, generator } of bots) {
    it(`${name}, texts arrive before it is asked and meanwhile, and what became of the graph is counted`, async () => {
      const datasource = hostile.get(bot);
      assert.ok(datasource !== undefined);
      const { prometheus, result, detail } = datasource;
      const connected = () => prometheus.connectedAt.length > 0;

      await post(bot, datasource.alert("asked", generator));
      await eventually("the datasource is asked", connected);
      const [text, ...others] = sentTo(bot);
      await post(bot, datasource.alert("meanwhile", "http://elsewhere.example"));
      await eventually("the next text is sent", () => sentTo(bot).filter((one) => !isImage(one)).length === 2);

      assert.deepEqual([isImage(text as AcceptedMessage), others], [false, []]);
      assert.ok((text as AcceptedMessage).at <= (prometheus.connectedAt[0] ?? 0), "its text was sent before");
      if (result === "timeout") assert.equal(datasource.open(), 1, "the datasource is still asked");
      const ended = new RegExp(`bot=${bot} .*part=graph${result === "sent" ? "$" : ` result=${result}`}`, "u");
      await eventually("the graph has ended", () => lines(ended).length > 0);
      assert.equal(lines(ended).length, 1);
      assert.equal(sentTo(bot).filter(isImage).length, result === "sent" ? 1 : 0);
      const failed = new RegExp(`query" datasource=${bot} reason=${result} detail="?${detail ?? ""}`, "u");
      assert.equal(lines(failed).length, detail === null ? 0 : 1, lines(/level=warn/u).join("\n"));
    });
  }

  it("is hostile, each graph is counted by its reason, and none is asked for what is no rule", async () => {
    const ended = Object.entries(Object.groupBy(hostile.values(), ({ result }) => result));
    const expected = [
      ...ended.map(([result, all]) => `graph ${result} ${all?.length}`),
      `graph unknownSource ${bots.length}`,
    ];
    await eventually("all have ended", async () =>
      (await counts("optional_parts_total")).includes(expected.at(-1) ?? ""),
    );

    assert.deepEqual((await counts("optional_parts_total")).toSorted(), expected.toSorted());
    const failures = [...hostile].filter(([, { result }]) => !["sent", "noRule"].includes(result));
    assert.deepEqual(
      (await counts("datasource_queries_total")).filter((row) => !row.includes("answered")),
      failures.map(([bot, { result }]) => `${bot} ${result} 1`),
    );
    const asked = [...hostile.values()].flatMap(({ prometheus }) => prometheus.requests);
    const queries = asked.map(({ parameters }) => parameters.get("query") ?? "");
    assert.ok(queries.includes("load"));
    assert.ok(!queries.some((query) => query.includes(forgedExpression)));
  });

  it("is hostile, no rule of WeCom is broken, and no key shown", () => {
    assert.deepEqual(simulator.violations(), []);
    for (const { key } of bots) assert.ok(!(service.stdout() + service.stderr()).includes(key));
  });
});
