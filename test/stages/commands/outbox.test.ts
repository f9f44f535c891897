// `outbox export` and `outbox import` as an operator runs them, around a service that was stopped.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, keyOf, startStack } from "../../support/stack.ts";
import { run } from "./running.ts";

const alerts = [{ status: "firing", labels: { alertname: "DiskFull" }, startsAt: "2026-11-27T08:00:00Z" }];

interface Place {
  readonly folder: string;
  readonly flag: string;
}

function placeIn(t: TestContext, folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-"))): Place {
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "command.yaml");
  const key = join(folder, "../", `${folder.split("/").at(-1)}.key`);
  t.after(() => rmSync(key, { force: true }));
  writeFileSync(key, keyOf("ops"));
  writeFileSync(
    file,
    `bots: { ops: { key_file: ${key} } }\nroute: { bot: ops }\nstorage: sqlite:${join(folder, "outbox.db")}\n`,
  );
  return { folder, flag: `--config.file=${file}` };
}

/** A stopped service for which one alert waits: its robot was busy. */
async function oneWaits(t: TestContext): Promise<Place> {
  const stack = await startStack();
  const place = placeIn(t, stack.folder);
  stack.simulator.script("ops", Array(5).fill({ kind: "errcode", errcode: -1 }));
  await stack.post({ alerts });
  await eventually("tried", () => stack.simulator.arrivals().length > 0);
  await stack.stop({ keepFolder: true });
  return place;
}

test("what waits is exported to a file, imported elsewhere, and told there; no key is in the file", async (t) => {
  const from = await oneWaits(t);
  const to = placeIn(t);
  const file = join(to.folder, "export.jsonl");

  const exporting = await run(["outbox", "export", from.flag, file]);
  const importing = await run(["outbox", "import", to.flag, file]);
  const stack = await startStack({ folder: to.folder });
  await eventually("told", () => stack.simulator.accepted().length === 1, 20_000);
  const copy = await stack.post({ alerts });
  // Looks for keys in every file of the folder, this one included.
  await stack.stop({ keepFolder: true });

  const counts = "keys 1, media 0, media_ids 0, notifications 1, tellings 1, messages 1, attempts 1";
  assert.deepEqual(exporting, { code: 0, out: "", err: `exported: ${counts}\nwaiting to be told: ops 1` });
  assert.deepEqual(importing, { code: 0, out: `imported: ${counts}\nwaiting to be told: ops 1`, err: "" });
  assert.match(JSON.stringify(stack.simulator.accepted()), /DiskFull/);
  assert.equal(copy.answer.duplicates, 1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!readFileSync(file, "utf8").includes(keyOf("ops")));
});

test("through a pipe it is the same", async (t) => {
  const from = await oneWaits(t);
  const to = placeIn(t);
  const main = join(import.meta.dirname, "../../../src/main.ts");
  const options = { encoding: "utf8" } as const;

  const exporting = spawnSync(process.execPath, [main, "outbox", "export", from.flag], options);
  const importing = spawnSync(process.execPath, [main, "outbox", "import", to.flag, "-"], {
    ...options,
    input: exporting.stdout,
  });

  assert.deepEqual([exporting.status, importing.status], [0, 0], exporting.stderr + importing.stderr);
  assert.match(exporting.stderr, /waiting to be told: ops 1/);
  assert.match(importing.stdout, /waiting to be told: ops 1/);
});

test("a file that is there is not overwritten, and a folder is not made", async (t) => {
  const place = placeIn(t);
  const file = join(place.folder, "export.jsonl");
  writeFileSync(file, "all there is");
  writeFileSync(join(place.folder, "outbox.db"), "");
  const full = join(place.folder, "missing", "export.jsonl");

  const onto = await run(["outbox", "export", place.flag, file]);
  const nowhere = await run(["outbox", "export", place.flag, full]);

  assert.deepEqual([onto.code, nowhere.code], [1, 1]);
  assert.match(onto.err, /file already exists/);
  assert.equal(readFileSync(file, "utf8"), "all there is");
});

test("a service that runs is left alone: its file is not exported, and not imported into", async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop({ keepFolder: true }));
  const place = placeIn(t, stack.folder);
  const file = join(placeIn(t).folder, "export.jsonl");

  const exporting = await run(["outbox", "export", place.flag, file]);
  const importing = await run(["outbox", "import", place.flag, file]);

  assert.deepEqual([exporting.code, importing.code], [1, 1]);
  for (const { err } of [exporting, importing]) assert.match(err, /in use by another process/);
  assert.equal(existsSync(file), false);
});

test("what can not be imported exits 1 and says why: cut, already imported, not there", async (t) => {
  const from = await oneWaits(t);
  const to = placeIn(t);
  const file = join(to.folder, "export.jsonl");
  await run(["outbox", "export", from.flag, file]);
  const cut = join(to.folder, "cut.jsonl");
  writeFileSync(cut, readFileSync(file).subarray(0, -30));

  const ofCut = await run(["outbox", "import", to.flag, cut]);
  const whole = await run(["outbox", "import", to.flag, file]);
  const twice = await run(["outbox", "import", to.flag, file]);
  const nothing = await run(["outbox", "import", placeIn(t).flag, join(to.folder, "other.jsonl")]);

  assert.deepEqual([ofCut.code, whole.code, twice.code, nothing.code], [1, 0, 1, 1]);
  assert.match(ofCut.err, /can not be used: .*nothing was stored/);
  assert.match(twice.err, /already holds rows/);
  assert.match(nothing.err, /no such file/);
});

test("an outbox that is not there is not made by an export; a faulty config is said with its place", async (t) => {
  const place = placeIn(t);
  const faulty = join(place.folder, "faulty.yaml");
  writeFileSync(faulty, "bots: {}\nroutes: {}\n");

  const missing = await run(["outbox", "export", place.flag]);
  const wrong = await run(["outbox", "import", `--config.file=${faulty}`]);

  assert.equal(missing.code, 1);
  assert.match(missing.err, /there is no outbox/);
  assert.equal(existsSync(join(place.folder, "outbox.db")), false);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /faulty\.yaml:2:1: /);
});

for (const args of [["outbox"], ["outbox", "move"], ["outbox", "export", "a", "b"], ["outbox", "import", "--url=x"]]) {
  test(`wrong use exits 2: ${args.join(" ")}`, async () => {
    assert.equal((await run(args)).code, 2);
  });
}
