// What is taken for an export, and what is not.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";
import { type ExportLine, ExportWriter, readExport } from "../../../src/outbox/export-lines.ts";

const attempt = { id: 7, bot: "ops", key_id: "0123456789abcdef", message_id: 3, started_at: 1_000 };
const key = { key_id: "0123456789abcdef", hold_until_at: 0, off_reason: null, probe_at: 0, failures: 2 };
const rows = [
  { kind: "row", table: "keys", row: key },
  { kind: "row", table: "attempts", row: { ...attempt, answered_at: null, outcome: null } },
  { kind: "row", table: "attempts", row: { ...attempt, id: 8, answered_at: 2_000, outcome: "sent" } },
] as const;

async function written(): Promise<readonly string[]> {
  const lines: string[] = [];
  const writer = new ExportWriter(async (line) => void lines.push(line));
  await writer.head({ at: 5_000, clockAheadMs: 3 });
  for (const { table, row } of rows) await writer.row(table, row);
  await writer.end();
  return lines;
}

async function readAll(lines: readonly string[]): Promise<readonly ExportLine[]> {
  const read: ExportLine[] = [];
  for await (const line of readExport(Readable.from(lines))) read.push(line);
  return read;
}

test("what was written is read: the head, then the rows in their order", async () => {
  const read = await readAll(await written());

  assert.deepEqual(read, [{ kind: "head", at: 5_000, clockAheadMs: 3 }, ...rows]);
});

type Damage = (lines: readonly string[]) => readonly string[];

/** With a checksum that fits: as a program of another version could have written it. */
function vouched(lines: readonly string[]): readonly string[] {
  const sha256 = createHash("sha256")
    .update(lines.map((line) => `${line}\n`).join(""))
    .digest("hex");
  return [...lines, JSON.stringify({ rows: {}, sha256 })];
}

function head(change: Readonly<Record<string, unknown>>): Damage {
  return ([first = "", ...rest]) =>
    vouched([JSON.stringify({ ...JSON.parse(first), ...change }), ...rest.slice(0, -1)]);
}

function lastRow(change: Readonly<Record<string, unknown>>): Damage {
  return (lines) => {
    const { table, row } = JSON.parse(lines.at(-2) ?? "");
    return vouched([...lines.slice(0, -2), JSON.stringify({ table, row: { ...row, ...change } })]);
  };
}

const damages: readonly (readonly [string, Damage, RegExp])[] = [
  ["nothing at all", () => [], /its last line is missing/],
  ["a text", () => ["# Notes", "and more"], /it is not the export of an outbox/],
  ["JSON of something else", () => ['{"alerts":[]}'], /it is not the export of an outbox/],
  ["a JSON array", () => ["[]"], /it is not the export of an outbox/],
  ["an export without its end", (lines) => lines.slice(0, -1), /its last line is missing/],
  ["a row cut in two", (lines) => lines.with(2, lines[2]?.slice(0, 30) ?? ""), /line 3 is damaged/],
  ["an end cut in two", (lines) => lines.with(-1, '{"rows":{}}'), /line 5 is damaged/],
  ["a row left out", (lines) => lines.toSpliced(2, 1), /it was changed, its checksum does not fit/],
  ["two rows swapped", ([a = "", b = "", c = "", ...rest]) => [a, c, b, ...rest], /its checksum does not fit/],
  ["a changed row", (lines) => lines.with(1, lines[1]?.replace(":2}", ":0}") ?? ""), /its checksum does not fit/],
  ["a changed head", (lines) => lines.with(0, lines[0]?.replace("5000", "6000") ?? ""), /its checksum does not fit/],
  ["something after its end", (lines) => [...lines, lines[1] ?? ""], /something follows its last line, in line 6/],
  ["another format", head({ version: 2 }), /it has format 2 and schema version \d+, this program knows format 1/],
  ["other tables", head({ schema: 99 }), /schema version 99, .* import it with the version that exported it/],
  ["no instant", head({ at: "noon" }), /line 1 is damaged/],
  ["an unknown column", lastRow({ colour: "red" }), /line 4 has a column that this program does not know/],
  ["a missing column", lastRow({ outcome: undefined }), /line 4 has no proper outcome/],
  ["a number that is a text", lastRow({ started_at: "soon" }), /line 4 has no proper started_at/],
  ["a number that is no integer", lastRow({ id: 1.5 }), /line 4 has no proper id/],
  ["a null that may not be", lastRow({ bot: null }), /line 4 has no proper bot/],
  ["an unknown table", (lines) => vouched([lines[0] ?? "", '{"table":"lanes","row":{}}']), /line 2 is damaged/],
];

for (const [what, damage, message] of damages) {
  test(`refused: ${what}`, async () => {
    const lines = damage(await written());

    await assert.rejects(readAll(lines), { code: "outbox_export_faulty", message });
  });
}
