// The client against an Alertmanager of this process, as it answers and as it fails; test/e2e has the real one.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type AlertmanagerClient, createAlertmanagerClient } from "../../../src/actions/alertmanager.ts";
import { readAlerts, readRejection } from "../../../src/actions/alertmanager-answers.ts";
import { freePort } from "../../support/child.ts";
import { type LocalAlertmanager, startLocalAlertmanager } from "../../support/local-alertmanager.ts";

const deadlineMs = 2_000;
const silence = {
  matchers: [{ name: "alertname", op: "=" as const, value: "A" }],
  startsAt: 0,
  endsAt: 3_600_000,
  createdBy: "张三（自称）",
  comment: "a comment",
};

let [one, other]: LocalAlertmanager[] = [];
let down = "";
const clients: AlertmanagerClient[] = [];

before(async () => {
  [one, other] = await Promise.all([startLocalAlertmanager(), startLocalAlertmanager()]);
  down = `http://127.0.0.1:${await freePort()}`;
});
after(async () => {
  await Promise.all(clients.map((client) => client.close()));
  one?.close();
  other?.close();
});
beforeEach(() => {
  for (const each of [one, other]) {
    if (each === undefined) continue;
    Object.assign(each, { answer: "normal", message: "", alerts: [{ alertname: "A" }, { alertname: "B" }] });
    each.requests.length = 0;
    each.silences.length = 0;
  }
});

function clientOf(...urls: readonly string[]): AlertmanagerClient {
  const client = createAlertmanagerClient({ urls, headers: () => ({ authorization: "Bearer a" }), ca: null });
  clients.push(client);
  return client;
}

const [first, second] = [() => one ?? assert.fail(), () => other ?? assert.fail()];

describe("the client", () => {
  it("asks with filters, and sends the credentials", async () => {
    const reply = await clientOf(`${first().origin}/`).alerts(['alertname="A"'], deadlineMs);

    assert.deepEqual(reply.kind === "answered" && reply.value.map(({ labels }) => labels), [{ alertname: "A" }]);
    assert.deepEqual(first().requests, [
      { line: "GET /api/v2/alerts?filter=alertname%3D%22A%22", authorization: "Bearer a" },
    ]);
  });

  it("goes on to the next address when one is down, fails or hangs, and stays with the one that answers", async () => {
    for (const broken of [down, 500, "hang"] as const) {
      if (broken !== down) Object.assign(first(), { answer: broken });
      const client = clientOf(broken === down ? down : first().origin, second().origin);
      second().requests.length = 0;
      first().requests.length = 0;

      const made = await client.createSilence(silence, deadlineMs).then(async (reply) => {
        // What hangs may have set the silence, so it is not set at another one too.
        if (broken !== "hang") return reply;
        assert.deepEqual(reply, { kind: "failed", code: "TimeoutError", isInDoubt: true });
        await client.alerts([], deadlineMs);
        return client.createSilence(silence, deadlineMs);
      });
      await client.alerts([], deadlineMs);

      assert.equal(made.kind, "answered");
      assert.ok(second().requests.length >= 2);
      assert.ok(first().requests.length <= 2);
    }
  });

  it("does not set a silence twice that a proxy has passed on without getting an answer", async () => {
    for (const status of [502, 504]) {
      Object.assign(first(), { answer: status });

      const reply = await clientOf(first().origin, second().origin).createSilence(silence, deadlineMs);

      assert.deepEqual(reply, { kind: "failed", code: `HTTP_${status}`, isInDoubt: true });
    }
    assert.deepEqual(second().requests, []);
  });

  it("passes on what Alertmanager rejects, and asks no other address", async () => {
    Object.assign(first(), { answer: 400, message: "invalid label name\n\u001b[31m" });

    const reply = await clientOf(first().origin, second().origin).createSilence(silence, deadlineMs);

    assert.deepEqual(reply, { kind: "rejected", status: 400, message: "invalid label name [31m" });
    assert.deepEqual(second().requests, []);
  });

  it("fails within its deadline when no address answers", async () => {
    Object.assign(first(), { answer: "hang" });
    const beganAt = performance.now();

    const reply = await clientOf(down, first().origin).alerts([], 500);

    assert.deepEqual([reply.kind, performance.now() - beganAt < 1_500], ["failed", true]);
  });

  it("is closed when a silence that was begun is set; what only asks is cut off", async () => {
    const [client, asking] = [clientOf(first().origin), clientOf(second().origin)];
    Object.assign(second(), { answer: "hang" });

    const made = client.createSilence(silence, deadlineMs);
    const asked = asking.alerts([], deadlineMs);
    const beganAt = performance.now();
    await Promise.all([client.close(), asking.close()]);

    assert.ok(performance.now() - beganAt < deadlineMs);
    assert.deepEqual([(await made).kind, (await asked).kind], ["answered", "failed"]);
  });

  it("removes a silence, and says when there is none", async () => {
    const client = clientOf(first().origin);
    const made = await client.createSilence(silence, deadlineMs);
    const id = made.kind === "answered" ? made.value : "";

    assert.equal((await client.silence(id, deadlineMs)).kind, "answered");
    assert.deepEqual(await client.expireSilence(id, deadlineMs), { kind: "answered", value: null });
    assert.equal((await client.silence("none", deadlineMs)).kind, "rejected");
  });
});

describe("an answer", () => {
  it("of another shape is none", () => {
    for (const text of ["", "{}", "null", '[{"labels":1}]', '[{"labels":{"a":1}}]', "<html>"]) {
      assert.equal(readAlerts(text), null, text);
    }
  });

  it("keeps every label, whatever it is called", () => {
    const [alert] = readAlerts('[{"labels":{"__proto__":"a","constructor":"b"},"status":{}}]') ?? [];

    assert.deepEqual(Object.entries(alert?.labels ?? {}), [
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("that rejects is shown in one short line", () => {
    assert.equal(readRejection('"bad matcher"'), "bad matcher");
    assert.equal(readRejection('{"code":601,"message":"endsAt\\nin the past"}'), "endsAt in the past");
    assert.equal(readRejection("<html>\n<b>403</b>"), "<html> <b>403</b>");
    assert.equal(readRejection("x".repeat(1_000)).length, 300);
  });
});
