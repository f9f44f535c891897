// `/api/v1/history` over real HTTP with a fake outbox; what its answers say is tested with a running service.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import express from "express";
import { historyApi } from "../../../src/console/history-api.ts";
import type { HistoryQuery } from "../../../src/domain/history.ts";

const now = Date.parse("2026-11-30T03:30:00Z");
const hour = 3_600_000;

async function serving(t: TestContext) {
  const asked: HistoryQuery[] = [];
  const history = {
    now: () => now,
    senders: async () => [],
    history: async (query: HistoryQuery) => {
      asked.push(query);
      return { entries: [], next: "e7.0" };
    },
  };
  const server = createServer(express().use("/api/v1", historyApi(history))).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/history`;
  const ask = async (query: string, method = "GET") => {
    const answer = await fetch(`${origin}${query}`, { method, headers: { Connection: "close" } });
    return { status: answer.status, headers: answer.headers, json: (await answer.json()) as unknown };
  };
  return { asked, ask };
}

const lastHour = {
  fromAt: now + 1 - hour,
  untilAt: now + 1,
  text: "",
  bot: null,
  outcome: null,
  deliveryId: null,
  after: null,
  maxEntries: 100,
};

const queries: readonly (readonly [rule: string, query: string, asked: Partial<HistoryQuery>])[] = [
  ["nothing given is the last hour, a hundred entries", "", {}],
  ["empty fields of a form are left out", "?q=&bot=&outcome=&from=&to=&delivery=&after=", {}],
  [
    "everything given",
    "?q=disk+full&bot=ops&outcome=dead&limit=7&after=e9.1&from=2026-11-30T03:00:00Z&to=2026-11-30T03:20:00.5Z",
    {
      fromAt: now - hour / 2,
      untilAt: now - 599_500,
      text: "disk full",
      bot: "ops",
      outcome: "dead",
      maxEntries: 7,
      after: "e9.1",
    },
  ],
  [
    "times of a zone, also with an unescaped plus sign",
    "?from=2026-11-30T11:00:00%2B08:00&to=2026-11-30T11:20:00+08:00",
    {
      fromAt: now - hour / 2,
      untilAt: now - hour / 6,
    },
  ],
  [
    "without a beginning, the hour before the end",
    "?to=2026-11-30T01:00:00Z",
    {
      fromAt: now - 3.5 * hour,
      untilAt: now - 2.5 * hour,
    },
  ],
  ["a delivery is found however old it is", "?delivery=42", { deliveryId: 42, fromAt: 0 }],
];

for (const [rule, query, expected] of queries) {
  test(`asks for what the query says: ${rule}`, async (t) => {
    const { asked, ask } = await serving(t);

    const { status, headers, json } = await ask(query);

    assert.deepEqual([status, json], [200, { entries: [], senders: [], next: "e7.0" }]);
    assert.equal(headers.get("Cache-Control"), "no-store");
    assert.deepEqual(asked, [{ ...lastHour, ...expected }]);
  });
}

const refused: readonly (readonly [query: string, message: RegExp])[] = [
  ["?from=03:12", /^from and to must be times like/],
  ["?to=2026-11-30T03:00:00", /^from and to must be times like/],
  ["?from=2026-13-30T03:00:00Z", /^from and to must be times like/],
  ["?outcome=lost", /^outcome must be one of: delivered, waiting, /],
  ["?limit=0", /^limit must be a number from 1 to 1000/],
  ["?limit=1001", /^limit must be/],
  ["?delivery=x", /^delivery must be the id of a delivery/],
];

for (const [query, message] of refused) {
  test(`${query} is refused`, async (t) => {
    const { asked, ask } = await serving(t);

    const { status, json } = await ask(query);

    assert.deepEqual([status, asked], [400, []]);
    assert.match((json as { readonly message: string }).message, message);
  });
}

test("is only read", async (t) => {
  const { asked, ask } = await serving(t);

  const { status, headers } = await ask("", "POST");

  assert.deepEqual([status, headers.get("Allow"), asked], [405, "GET, HEAD", []]);
});
