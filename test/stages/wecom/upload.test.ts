// Uploads: the form as the strict simulator reads it, and the verdict on each answer.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { Secret } from "../../../src/config/secret.ts";
import { startSimulator } from "../../../src/simulator/server.ts";
import { createRobotClient, uploadForm } from "../../../src/wecom/client.ts";
import { judgeUpload, type Reply } from "../../../src/wecom/verdict.ts";

const key = "693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa";

async function robotWithClient(t: TestContext) {
  const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
  const client = createRobotClient({
    baseURL: simulator.origin,
    timeoutMs: 5_000,
    proxyURL: null,
    proxyFromEnvironment: false,
    ca: null,
  });
  t.after(() => simulator.close());
  t.after(() => client.close());
  return { simulator, client };
}

test("a file arrives complete under its name, and its id is valid for 71 hours", async (t) => {
  const { simulator, client } = await robotWithClient(t);
  const content = Buffer.from("\uFEFF状态,告警\r\n告警中,磁盘将满\r\n");

  const reply = await client.upload(new Secret(key), { type: "file", name: "alerts-ops-2026.csv", content });

  const [file] = simulator.files();
  const verdict = { kind: "uploaded", mediaId: file?.mediaId, lifeMs: 71 * 3_600_000 };
  assert.deepEqual(judgeUpload(reply).verdict, verdict);
  assert.deepEqual(
    [file?.name, file?.text, file?.bytes],
    ["alerts-ops-2026.csv", content.toString().slice(1), content.length],
  );
});

test("a file name cannot add lines to the form", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const { body } = uploadForm({ type: "file", name, content: Buffer.from("content") }, "boundary");

      const [disposition, type, empty, content] = body.toString().split("\r\n").slice(1);
      assert.match(
        disposition ?? "",
        /^Content-Disposition: form-data; name="media"; filename="[^"\r\n\\]*"; filelength=7$/u,
      );
      assert.deepEqual([type, empty, content], ["Content-Type: application/octet-stream", "", "content"]);
    }),
  );
});

function answered(body: string, status = 200): Reply {
  return { kind: "answered", status, body };
}

const table: readonly [string, Reply, object][] = [
  [
    "success without an id is tried again: nothing can be sent with it",
    answered('{"errcode":0,"errmsg":"ok"}'),
    { kind: "retry", reason: "unreadableAnswer", quickTries: 3, inDoubt: false },
  ],
  [
    "success with an empty id too",
    answered('{"errcode":0,"errmsg":"ok","media_id":""}'),
    { kind: "retry", reason: "unreadableAnswer", quickTries: 3, inDoubt: false },
  ],
  [
    "no answer leaves no doubt, for an upload shows nothing to anybody",
    { kind: "failed", stage: "after", code: "ECONNRESET" },
    { kind: "retry", reason: "connectionError", quickTries: 5, inDoubt: false },
  ],
  [
    "where uploads do not exist messages still may: plain text tells it instead",
    answered("not found", 404),
    { kind: "repair", reason: "wrongAddress", repair: "plain" },
  ],
];

for (const [rule, reply, verdict] of table) {
  test(rule, () => assert.deepEqual(judgeUpload(reply).verdict, verdict));
}

test("a rate limit pauses the key, as for a message", () => {
  const { verdict } = judgeUpload(answered('{"errcode":45009,"errmsg":"api freq out of limit"}'));

  assert.deepEqual(verdict, { kind: "hold", reason: "rateLimited", holdMs: 65_000 });
});

test("an invalid key is disabled by the answer to an upload, as by that to a message", () => {
  assert.equal(judgeUpload(answered('{"errcode":93000,"errmsg":"invalid webhook url"}')).verdict.kind, "keyOff");
});
