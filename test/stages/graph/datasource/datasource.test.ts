import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Secret } from "../../../../src/config/secret.ts";
import type { QueryReport } from "../../../../src/graph/datasource/datasource.ts";
import { FakePrometheus } from "../../../support/fake-prometheus.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { type DatasourceLab, datasourceAt, datasourceLab, never, timeoutMs } from "./lab.ts";

async function lab(settings: Parameters<typeof datasourceLab>[0] = {}): Promise<DatasourceLab> {
  const made = await datasourceLab(settings);
  made.prometheus.series.set("up", [{ labels: { __name__: "up", job: "a" }, valueAt: () => 1 }]);
  return made;
}

/** Until the server has seen so many requests. */
async function seen(prometheus: FakePrometheus, count: number): Promise<void> {
  while (prometheus.requests.length < count) await turn();
}

const hang = () => true;

const resultsOf = (reports: readonly QueryReport[]) => reports.map(({ result }) => result);

describe("a datasource", () => {
  it("is asked with a form, its tenant and its credentials", async () => {
    await using at = await lab({
      credential: { kind: "basic", username: "reader", password: new Secret("päss:word") },
      headers: new Map([["X-Scope-OrgID", "team-a"]]),
    });

    const asked = await at.datasource.instant("up", null, never);

    assert.deepEqual(asked, {
      kind: "answer",
      value: {
        series: [{ labels: { __name__: "up", job: "a" }, points: [[at.clock.now(), 1]] }],
        isPartial: false,
      },
    });
    const [request] = at.prometheus.requests;
    assert.equal(request?.method, "POST");
    assert.equal(request?.path, "/api/v1/query");
    assert.deepEqual(Object.fromEntries(request?.parameters ?? []), { query: "up", limit: "20001", timeout: "5" });
    assert.equal(request?.headers["x-scope-orgid"], "team-a");
    assert.equal(request?.headers.authorization, `Basic ${Buffer.from("reader:päss:word").toString("base64")}`);
    assert.deepEqual(at.reports, [{ datasource: "prod", result: "answered", detail: "", rests: null }]);
  });

  it("is asked below the path of its address", async () => {
    await using at = await lab();
    const { clock } = at;
    const below = datasourceAt(`${at.prometheus.url}/prometheus`, { settings: {}, clock, reports: [] });

    await below.rules("A", never);
    await below.close();

    assert.equal(at.prometheus.requests[0]?.path, "/prometheus/api/v1/rules");
  });

  it("is asked for the rules of one name, and others are ignored", async () => {
    await using at = await lab({ credential: { kind: "bearer", token: new Secret("a-token") } });
    at.prometheus.rules = [
      { name: "磁盘 & co", query: "a > 1" },
      { name: "B", query: "b > 1" },
    ];

    const asked = await at.datasource.rules("磁盘 & co", never);

    assert.deepEqual(asked, {
      kind: "answer",
      value: [{ name: "磁盘 & co", query: "a > 1", labels: {}, groupId: null }],
    });
    assert.equal(at.prometheus.requests[0]?.headers.authorization, "Bearer a-token");
  });

  it("is asked for a range in seconds", async () => {
    await using at = await lab();
    const endAt = at.clock.now();

    const asked = await at.datasource.range("up", { startAt: endAt - 30_000, endAt, stepMs: 15_000 }, never);

    assert.deepEqual(
      asked.kind === "answer" ? asked.value.series[0]?.points.map(([time]) => time - endAt) : null,
      [-30_000, -15_000, 0],
    );
  });
});

describe("equal questions to a datasource", () => {
  it("are one request", async () => {
    await using at = await lab();

    const asked = await Promise.all([1, 2, 3].map(() => at.datasource.instant("up", null, never)));

    assert.deepEqual(
      asked.map(({ kind }) => kind),
      ["answer", "answer", "answer"],
    );
    assert.equal(at.prometheus.requests.length, 1);
  });

  it("are answered from memory: of now for 10 s, of the past for a minute", async () => {
    await using at = await lab();
    const ask = async () => {
      await at.datasource.instant("up", null, never);
      await at.datasource.instant("up", 1_000, never);
      return at.prometheus.requests.length;
    };

    assert.equal(await ask(), 2);
    await at.clock.advance(9_999);
    assert.equal(await ask(), 2);
    await at.clock.advance(1);
    assert.equal(await ask(), 3);
    await at.clock.advance(50_000);
    assert.equal(await ask(), 5);
  });

  it("are asked again after a failure", async () => {
    await using at = await lab();
    at.prometheus.misbehave = (_, response) => Boolean(response.writeHead(503).end());
    await at.datasource.instant("up", null, never);
    at.prometheus.misbehave = () => false;

    assert.equal((await at.datasource.instant("up", null, never)).kind, "answer");
  });
});

describe("a datasource that is slow", () => {
  it("is asked two questions at once, the others wait for their turn", async () => {
    await using at = await lab();
    for (const name of "abcd") at.prometheus.series.set(name, []);
    at.prometheus.misbehave = hang;
    const asked = [..."abcd"].map((name) => at.datasource.instant(name, null, never));
    await seen(at.prometheus, 2);
    for (let n = 0; n < 20; n++) await turn();

    assert.equal(at.prometheus.requests.length, 2);
    at.prometheus.misbehave = () => false;
    await at.clock.advance(timeoutMs);
    assert.deepEqual(
      (await Promise.all(asked)).map((one) => (one.kind === "failed" ? one.reason : one.kind)),
      ["timeout", "timeout", "answer", "answer"],
    );
  });

  it("has at most twenty questions in the queue", async () => {
    await using at = await lab();
    at.prometheus.misbehave = hang;
    const asked = Array.from({ length: 24 }, (_, n) => at.datasource.instant(`x${n}`, null, never));

    assert.deepEqual(await Promise.all(asked.slice(22)), Array(2).fill({ kind: "failed", reason: "busy" }));
    assert.deepEqual(resultsOf(at.reports), ["busy", "busy"]);
    await at.datasource.close();
    await Promise.all(asked);
  });

  it("keeps nobody who no longer waits, and is not asked for them", async () => {
    await using at = await lab();
    at.prometheus.misbehave = hang;
    const impatient = new AbortController();
    const first = [..."ab"].map((name) => at.datasource.instant(name, null, impatient.signal));
    const queued = at.datasource.instant("up", null, impatient.signal);
    await seen(at.prometheus, 2);

    impatient.abort();

    assert.deepEqual(await Promise.all([...first, queued]), Array(3).fill({ kind: "failed", reason: "late" }));
    assert.deepEqual(await at.datasource.instant("c", null, impatient.signal), { kind: "failed", reason: "late" });
    await at.clock.advance(timeoutMs);
    for (let n = 0; n < 20; n++) await turn();
    assert.equal(at.prometheus.requests.length, 2);
  });

  it("answers the others, when one of several who ask the same no longer waits", async () => {
    await using at = await lab();
    const impatient = new AbortController();
    const asked = [impatient.signal, never].map((signal) => at.datasource.instant("up", null, signal));

    impatient.abort();

    assert.deepEqual(
      (await Promise.all(asked)).map(({ kind }) => kind),
      ["failed", "answer"],
    );
  });
});

describe("a datasource that fails", () => {
  const failures: readonly (readonly [
    name: string,
    misbehave: FakePrometheus["misbehave"],
    reason: string,
    detail: string,
  ])[] = [
    ["answers 503", (_, response) => Boolean(response.writeHead(503).end("busy")), "rejected", "HTTP 503"],
    ["answers 401", (_, response) => Boolean(response.writeHead(401).end()), "rejected", "HTTP 401"],
    ["answers 422", (_, response) => Boolean(response.writeHead(422).end("{}")), "badQuery", "HTTP 422"],
    [
      "redirects",
      (_, response) => Boolean(response.writeHead(307, { location: "http://127.0.0.1:1/" }).end()),
      "rejected",
      "HTTP 307",
    ],
    ["answers a page", (_, response) => Boolean(response.end("<html>")), "unreadable", "6 characters"],
    ["closes the connection", (_, response) => Boolean(response.destroy()), "unreachable", "UND_ERR_SOCKET"],
    [
      "answers more than 4 MB",
      (_, response) => {
        const write = () => {
          while (response.write(Buffer.alloc(65_536, " "))) if (response.destroyed) return;
          response.once("drain", write);
        };
        response.on("error", () => undefined);
        write();
        return true;
      },
      "tooLarge",
      "over 4194304 bytes",
    ],
    [
      "answers 20,001 series",
      (_, response) => {
        const result = Array(20_001).fill({ metric: {}, value: [1, "1"] });
        return Boolean(response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } })));
      },
      "tooLarge",
      "600,092 characters",
    ],
  ];
  for (const [name, misbehave, reason, detail] of failures) {
    it(`because it ${name}`, async () => {
      await using at = await lab();
      at.prometheus.misbehave = misbehave;

      assert.deepEqual(await at.datasource.instant("up", null, never), { kind: "failed", reason });
      assert.deepEqual(at.reports, [
        { datasource: "prod", result: reason, detail: detail.replaceAll(",", ""), rests: null },
      ]);
    });
  }

  it("because nothing listens there", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await using at = await lab({ url: `http://127.0.0.1:${port}` });

    assert.deepEqual(await at.datasource.instant("up", null, never), { kind: "failed", reason: "unreachable" });
    assert.equal(at.reports[0]?.detail, "ECONNREFUSED");
  });

  it("because it does not answer in time", async () => {
    await using at = await lab();
    at.prometheus.misbehave = hang;
    const asked = at.datasource.instant("up", null, never);
    await seen(at.prometheus, 1);

    await at.clock.advance(timeoutMs);

    assert.deepEqual(await asked, { kind: "failed", reason: "timeout" });
    assert.equal(at.clock.sleeping, 0);
  });

  it("because its answer does not end in time", async () => {
    await using at = await lab();
    at.prometheus.misbehave = (_, response) => response.write("{");
    const asked = at.datasource.instant("up", null, never);
    await seen(at.prometheus, 1);
    for (let n = 0; n < 20; n++) await turn();

    await at.clock.advance(timeoutMs);

    assert.deepEqual(await asked, { kind: "failed", reason: "timeout" });
  });

  const tls = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url));

  it("because its certificate is of no known authority; ca_file makes it known", async () => {
    const clock = new ManualClock();
    const files = { key: tls("server.key"), cert: tls("server.pem") };
    await using prometheus = await FakePrometheus.start(() => clock.now(), files);
    prometheus.series.set("up", []);
    const reports: QueryReport[] = [];
    const results = await Promise.all(
      [null, tls("second-ca.pem").toString(), tls("ca.pem").toString()].map(async (ca) => {
        const datasource = datasourceAt(prometheus.url, { settings: { ca }, clock, reports });
        const { kind } = await datasource.instant("up", null, never);
        await datasource.close();
        return kind;
      }),
    );

    assert.deepEqual(results, ["failed", "failed", "answer"]);
    assert.deepEqual(new Set(reports.map(({ detail }) => detail)), new Set(["UNABLE_TO_VERIFY_LEAF_SIGNATURE", ""]));
  });
});

describe("a datasource that failed three times in a row", () => {
  const broken: FakePrometheus["misbehave"] = (_, response) => Boolean(response.writeHead(500).end());

  it("rests for a minute, and is asked again then", async () => {
    await using at = await lab();
    at.prometheus.misbehave = broken;
    const ask = async () => {
      const asked = await at.datasource.instant("up", null, never);
      return asked.kind === "failed" ? asked.reason : asked.kind;
    };

    assert.deepEqual([await ask(), await ask(), await ask(), await ask()], [...Array(3).fill("rejected"), "resting"]);
    assert.equal(at.prometheus.requests.length, 3);
    await at.clock.advance(59_999);
    assert.equal(await ask(), "resting");
    await at.clock.advance(1);
    assert.equal(await ask(), "rejected");
    assert.equal(await ask(), "resting");
    await at.clock.advance(60_000);
    at.prometheus.misbehave = () => false;
    assert.equal(await ask(), "answer");
    assert.deepEqual(
      at.reports.map(({ rests }) => rests).filter((rests) => rests !== null),
      [true, false],
    );
  });

  it("does not count questions that are wrong or ask too much", async () => {
    await using at = await lab();
    at.prometheus.misbehave = (_, response) => Boolean(response.writeHead(422).end());

    for (let n = 0; n < 5; n++) await at.datasource.instant("up", null, never);

    assert.equal(at.prometheus.requests.length, 5);
  });
});

it("a datasource that is closed ends what it is asked", async () => {
  await using at = await lab();
  at.prometheus.misbehave = hang;
  const asked = at.datasource.instant("up", null, never);
  await seen(at.prometheus, 1);

  await at.datasource.close();

  assert.deepEqual(await asked, { kind: "failed", reason: "late" });
  assert.deepEqual(at.reports, []);
});
