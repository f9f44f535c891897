// Authentication over real HTTP: each kind of credential, right, wrong, missing, replayed and with an altered body; and the
// responses to failures.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import type { Auth, Credential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import { PasswordsBusy } from "../../../src/receive/passwords.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/stack.ts";
import { body, credentialKinds, madeAt, rightSecret } from "./credential-kinds.ts";
import { HastyClock, openToAll, receiving } from "./receiving.ts";

function guarded(webhook: readonly Credential[]): Auth {
  return { ...openToAll, webhook };
}

const bearer: Credential = { kind: "authorization", scheme: "Bearer", credentials: new Secret(rightSecret) };
const right = { authorization: `Bearer ${rightSecret}` };

describe("over HTTP", () => {
  for (const kind of credentialKinds) {
    it(`${kind.name}: right 200, wrong 401, missing 401, replayed ${kind.replayed}, altered body ${kind.altered}`, async (t) => {
      const { ask, taken } = await receiving(t, { clock: new HastyClock(madeAt), auth: guarded([kind.credential]) });
      const good = kind.request(rightSecret);
      const bad = kind.request("wrong");

      const statuses = {
        missing: (await ask("/webhook", { body })).status,
        wrong: (await ask(bad.path, { headers: bad.headers, body })).status,
        altered: (await ask(good.path, { headers: good.headers, body: body.replace("盘满", "盘空") })).status,
        right: (await ask(good.path, { headers: good.headers, body })).status,
        replayed: (await ask(good.path, { headers: good.headers, body })).status,
      };

      const { replayed, altered } = kind;
      assert.deepEqual(statuses, { missing: 401, wrong: 401, altered, right: 200, replayed });
      assert.equal(taken.length, Object.values(statuses).filter((status) => status === 200).length);
    });
  }

  it("a signature whose time is too old is answered with 403 and without a challenge", async (t) => {
    const signed = credentialKinds.find(({ name }) => name === "hmac with time");
    if (signed === undefined) throw new Error("no such kind");
    const clock = new HastyClock(madeAt + 24 * 3_600_000);
    const { ask } = await receiving(t, { clock, auth: guarded([signed.credential]) });

    const { status, headers, text } = await ask("/webhook", { headers: signed.request(rightSecret).headers, body });

    assert.deepEqual([status, headers["www-authenticate"]], [403, undefined]);
    assert.match(text, /^\{"error":"signature_stale"/);
  });

  it("503 because too many passwords wait is logged, once a minute", async (t) => {
    const password: Credential = { kind: "basic", username: "grafana", passwordHash: new Secret("unused") };
    const verify = () => Promise.reject(new PasswordsBusy("too many passwords are waiting for comparison"));
    const { ask, lines } = await receiving(t, { auth: guarded([password]), verify });
    const headers = { authorization: `Basic ${Buffer.from("grafana:x").toString("base64")}` };

    const statuses = [
      (await ask("/webhook", { headers, body })).status,
      (await ask("/webhook", { headers, body })).status,
    ];

    assert.deepEqual(statuses, [503, 503]);
    assert.equal(lines.filter((line) => line.includes("too many passwords are waiting")).length, 1);
  });
});

describe("protected endpoints", () => {
  const auth: Auth = {
    webhook: [bearer],
    bots: new Map([["ops", [{ kind: "header", name: "X-Ops", value: new Secret("ops-only") }]]]),
    admin: [{ kind: "authorization", scheme: "Bearer", credentials: new Secret("admin-only") }],
    viewer: [],
  };
  const admin = { authorization: "Bearer admin-only" };

  for (const [method, path, headers, status] of [
    ["POST", "/webhook", right, 200],
    ["POST", "/webhook", { "x-ops": "ops-only" }, 401],
    ["POST", "/webhook/bot/ops", { "x-ops": "ops-only" }, 200],
    ["POST", "/webhook/bot/ops", right, 401],
    ["POST", "//webhook//bot//ops/", right, 401],
    ["POST", "/webhook/bot/o%70s", right, 401],
    ["POST", "/webhook/bot/dba", right, 200],
    ["POST", "/webhook/bot/dba", {}, 401],
    ["PUT", "/webhook", {}, 401],
    ["POST", "/webhook", admin, 401],
    ["GET", "/-/healthy", {}, 200],
    ["GET", "/-/ready", {}, 200],
    ["GET", "/metrics", {}, 401],
    ["GET", "/metrics", right, 401],
    ["GET", "/metrics", admin, 200],
    ["HEAD", "/metrics", {}, 401],
    ["GET", "/webhook", {}, 405],
  ] as const) {
    it(`${method} ${path} with ${Object.values(headers).join() || "nothing"} is ${status}`, async (t) => {
      const { ask } = await receiving(t, { auth });

      const answered = await ask(path, { method, headers, body: method === "GET" ? "" : body });

      assert.equal(answered.status, status, answered.text);
    });
  }
});

describe("a failed authentication", () => {
  it("is answered with the known schemes, and not with what was wrong", async (t) => {
    const { ask } = await receiving(t, { auth: guarded([bearer]) });

    const missing = await ask("/webhook", { body });
    const wrong = await ask("/webhook", { headers: { authorization: "Bearer needle" }, body });

    assert.equal(missing.headers["www-authenticate"], 'Bearer realm="alertmanager-wecom"');
    assert.equal(JSON.parse(missing.text).error, "credentials_missing");
    assert.equal(JSON.parse(wrong.text).error, "credentials_wrong");
    assert.doesNotMatch(wrong.text, /needle|r1ght/);
  });

  it("is answered before any of the body has arrived", async (t) => {
    const { listening, taken } = await receiving(t, { auth: guarded([bearer]) });
    const socket = connect(listening.port, "127.0.0.1");

    socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
    const [answer] = (await socket.take(1).toArray()) as Buffer[];

    assert.match(String(answer), /^HTTP\/1\.1 401 /);
    assert.deepEqual(taken, []);
  });

  it("is answered later with each failure, while other requests are answered at once", async (t) => {
    const clock = new ManualClock();
    const { ask } = await receiving(t, { clock, auth: guarded([bearer]) });
    const waits: number[] = [];

    for (let guess = 0; guess < 7; guess++) {
      const failed = ask("/webhook", { headers: { authorization: "Bearer guess" }, body });
      await eventually("it waits", () => clock.sleeping === 1);
      const known = await ask("/webhook", { headers: right, body });
      waits.push((clock.nextAt ?? 0) - clock.now());
      await clock.advance(waits.at(-1) ?? 0);
      assert.deepEqual([(await failed).status, known.status], [401, 200]);
    }

    assert.deepEqual(waits, [50, 100, 200, 400, 800, 1_000, 1_000]);
  });

  it("is counted by endpoint and reason, and logged once a minute with the address", async (t) => {
    const { ask, metrics, lines } = await receiving(t, { auth: { ...guarded([bearer]), admin: [bearer] } });

    await ask("/webhook", { body });
    await ask("/webhook/bot/ops", { headers: { authorization: "Bearer needle" }, body });
    await ask("/metrics", { method: "GET" });

    const text = await metrics.text();
    assert.match(text, /auth_failures_total\{hook="route",reason="missing"\} 1/);
    assert.match(text, /auth_failures_total\{hook="bot",reason="wrong"\} 1/);
    assert.match(text, /auth_failures_total\{hook="admin",reason="missing"\} 1/);
    assert.match(text, /webhook_requests_total\{source="unknown",code="401"\} 2/);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /level=warn .*address=127\.0\.0\.1 hook=route reason=missing silent=0/);
  });

  it("gets 503 when passwords are guessed faster than they can be compared, and other requests pass", async (t) => {
    const basic = credentialKinds.find(({ name }) => name === "basic");
    if (basic === undefined) throw new Error("no such kind");
    const { ask } = await receiving(t, { auth: guarded([basic.credential, bearer]) });
    const guess = (index: number) => ask("/webhook", { headers: basic.request(`guess ${index}`).headers, body });

    const guesses = Promise.all(Array.from({ length: 260 }, (_, index) => guess(index)));
    const known = await ask("/webhook", { headers: right, body });
    const statuses = new Set((await guesses).map(({ status }) => status));

    assert.equal(known.status, 200);
    assert.deepEqual([...statuses].toSorted(), [401, 503]);
  });

  it("does not keep the right password of another address waiting behind the guesses", async (t) => {
    const basic = credentialKinds.find(({ name }) => name === "basic");
    if (basic === undefined) throw new Error("no such kind");
    const { ask } = await receiving(t, { auth: guarded([basic.credential]) });
    let guessed = 0;
    const guess = async (index: number) => {
      await ask("/webhook", { headers: basic.request(`guess ${index}`).headers, body });
      guessed += 1;
    };

    const guesses = Array.from({ length: 260 }, (_, index) => guess(index));
    await eventually("guesses are compared", () => guessed > 0);
    const known = await ask("/webhook", { headers: basic.request(rightSecret).headers, body, from: "127.0.0.2" });
    const guessedBefore = guessed;
    await Promise.all(guesses);

    assert.equal(known.status, 200);
    assert.ok(guessedBefore < 200, `${guessedBefore} guesses were answered before it`);
  });
});
