// `/api/v1/dead` over real HTTP with a fake outbox.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import express from "express";
import { deadApi } from "../../../src/console/dead-api.ts";
import { createLog } from "../../../src/observe/log.ts";
import type { DeadDelivery } from "../../../src/outbox/store.ts";

const delivery: DeadDelivery = {
  id: 7,
  bot: "ops",
  notifications: 1,
  alerts: 2,
  acceptedAt: 1_000,
  settledAt: 2_000,
  parts: [{ part: 1, reason: "badContent", body: "{}" }],
};

/** As long as a token of a link to the phone page. */
const token = `1${"a".repeat(34)}`;

async function serving(t: TestContext, listed = delivery) {
  const asked: unknown[] = [];
  const lines: string[] = [];
  const note = (name: string) => async (ids: readonly number[]) => {
    asked.push([name, ids]);
    return ids.filter((id) => id === delivery.id);
  };
  const deliveries = {
    dead: async ({ maxDeliveries }: { readonly maxDeliveries: number }) => {
      asked.push(["dead", maxDeliveries]);
      return [listed];
    },
    replay: note("replay"),
    drop: note("drop"),
  };
  const log = createLog({ level: "info", format: "logfmt", write: (line) => lines.push(line) });
  const app = express().use("/api/v1", deadApi({ deliveries, log }));
  const server = createServer(app).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/dead`;
  const ask = async (path = "", body?: string, type = "application/json") => {
    const request = body === undefined ? {} : { method: "POST", body, headers: { "Content-Type": type } };
    const answer = await fetch(`${origin}${path}`, {
      ...request,
      headers: { ...request.headers, Connection: "close" },
    });
    return { status: answer.status, json: (await answer.json()) as unknown };
  };
  return { ask, asked, lines };
}

test("the links in a body lead nowhere", async (t) => {
  const body = `{"markdown":{"content":"[处理](https://a.example/a/${token})"}}`;
  const { ask } = await serving(t, { ...delivery, parts: [{ part: 1, reason: "badContent", body }] });

  const { json } = await ask();

  const text = JSON.stringify(json);
  assert.ok(!text.includes(token));
  assert.match(text, /a\.example\/a\/<secret>/u);
});

test("lists what the outbox lists, as many as asked for", async (t) => {
  const { ask, asked } = await serving(t);

  const answers = [await ask(), await ask("?limit=5")];

  assert.deepEqual(answers, Array(2).fill({ status: 200, json: { deliveries: [delivery] } }));
  assert.deepEqual(asked, [
    ["dead", 100],
    ["dead", 5],
  ]);
});

const acts = [
  ["replay", "operator replayed dead deliveries"],
  ["drop", "operator dropped dead deliveries"],
] as const;

for (const [name, logged] of acts) {
  test(`${name} answers with the ids that were dead, and is logged`, async (t) => {
    const { ask, asked, lines } = await serving(t);

    const answer = await ask(`/${name}`, '{"ids":[7,8]}');

    assert.deepEqual(answer, { status: 200, json: { ids: [7] } });
    assert.deepEqual(asked, [[name, [7, 8]]]);
    assert.match(lines.join(""), new RegExp(`level=info msg="${logged}" ids=\\[7\\]`));
  });
}

const refused: readonly (readonly [string, number, string, string | undefined, string?])[] = [
  ["a limit of nothing", 400, "?limit=0", undefined],
  ["a limit that is not a number", 400, "?limit=x", undefined],
  ["no ids", 400, "/replay", "{}"],
  ["an empty list", 400, "/replay", '{"ids":[]}'],
  ["an id that is text", 400, "/drop", '{"ids":["7"]}'],
  ["a fraction", 400, "/drop", '{"ids":[1.5]}'],
  ["more ids than a list has", 400, "/drop", JSON.stringify({ ids: Array(1_001).fill(1) })],
  ["a body that is not JSON", 400, "/drop", "{"],
  ["a body that a form of another site could send", 415, "/drop", '{"ids":[7]}', "text/plain"],
  ["another act", 405, "/revive", '{"ids":[7]}'],
];

for (const [what, status, path, body, type] of refused) {
  test(`${what} is refused with ${status} before the outbox is asked`, async (t) => {
    const { ask, asked } = await serving(t);

    const answer = await ask(path, body, type);

    assert.equal(answer.status, status);
    assert.deepEqual(asked, []);
  });
}
