import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dbaKey,
  opsKey,
  opsSecondKey,
  readResponse,
  send,
  simulatorFor,
  startAt,
  upload,
} from "./running-simulator.ts";

const report = new File(["HighCPU node-1\n"], "告警 list.txt");
const threeDaysMs = 3 * 24 * 3_600_000;

function mediaIdOf(answer: { readonly text: string }): string {
  return (JSON.parse(answer.text) as { media_id: string }).media_id;
}

test("an upload is answered type, media_id and created_at as a string of seconds, and the file is listed", async (t) => {
  const simulator = await simulatorFor(t);

  const answer = await upload(simulator, report);

  const { media_id, ...rest } = JSON.parse(answer.text) as { media_id: string };
  assert.deepEqual(rest, { errcode: 0, errmsg: "ok", type: "file", created_at: String(startAt / 1000) });
  assert.equal(media_id.length, 65);
  const [file] = simulator.files();
  assert.deepEqual(
    [file?.name, file?.bytes, file?.text, file?.robot],
    ["告警 list.txt", 15, "HighCPU node-1\n", "ops"],
  );
  assert.deepEqual(simulator.arrivals(), []);
});

test("an uploaded file can be downloaded with its name and bytes", async (t) => {
  const simulator = await simulatorFor(t);
  await upload(simulator, report);

  const download = await fetch(`${simulator.origin}/_sim/files/1`);

  assert.equal(await download.text(), "HighCPU node-1\n");
  assert.match(download.headers.get("content-disposition") ?? "", /^attachment; filename\*=UTF-8''%E5%91%8A/);
  assert.equal((await fetch(`${simulator.origin}/_sim/files/2`)).status, 404);
});

test("a media id is valid for its own key for three days", async (t) => {
  const simulator = await simulatorFor(t);
  const media_id = mediaIdOf(await upload(simulator, report));
  const body = { msgtype: "file", file: { media_id } };

  const own = await send(simulator, body, opsKey);
  const sameGroup = await send(simulator, body, opsSecondKey);
  const other = await send(simulator, body, dbaKey);
  const wrongKind = await send(simulator, { msgtype: "voice", voice: { media_id } });
  simulator.advanceClock(threeDaysMs);
  const late = await send(simulator, body, opsKey);

  const codes = [own, sameGroup, other, wrongKind, late].map(({ errcode }) => errcode);
  assert.deepEqual(codes, [0, 40007, 40007, 40007, 40007]);
});

test("an unknown key is answered 40058 invalid param 'key', not 93000 as on send", async (t) => {
  const simulator = await simulatorFor(t);

  const answer = await upload(simulator, report, { key: "wrong-key-123" });

  assert.equal(answer.errcode, 40058);
  assert.match(answer.errmsg, /^invalid param 'key', hint/);
  assert.equal(simulator.violations()[0]?.rule, "upload_media/key");
});

test("a part not called media, one without filename, and a body that is not multipart are answered 44001", async (t) => {
  const simulator = await simulatorFor(t);
  const url = `${simulator.origin}/cgi-bin/webhook/upload_media?key=${opsKey}&type=file`;
  const nameless = new FormData();
  nameless.set("media", "hello world");

  const misnamed = await upload(simulator, report, { field: "file" });
  const withoutName = await readResponse(await fetch(url, { method: "POST", body: nameless }));
  const raw = await readResponse(await fetch(url, { method: "POST", body: "hello world" }));

  assert.deepEqual([misnamed.errcode, withoutName.errcode, raw.errcode], [44001, 44001, 44001]);
});

test("a type other than file and voice is answered 40005, a file over 20 MiB 45001", async (t) => {
  const simulator = await simulatorFor(t);
  const big = new File([Buffer.alloc(20 * 1024 * 1024 + 1)], "big.bin");

  assert.equal((await upload(simulator, report, { kind: "image" })).errcode, 40005);
  assert.equal((await upload(simulator, big)).errcode, 45001);
});

test("a scripted fault applies to an upload too and loses the file", async (t) => {
  const simulator = await simulatorFor(t);
  simulator.script("ops", [{ kind: "errcode", errcode: -1 }]);

  assert.equal((await upload(simulator, report)).errcode, -1);
  assert.deepEqual(simulator.files(), []);
});
