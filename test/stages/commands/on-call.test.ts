import assert from "node:assert/strict";
import { test } from "node:test";
import { onCallText } from "../../../src/commands/on-call.ts";
import { createRotation, readLocalTime } from "../../../src/route/on-call.ts";
import { fileOf, opsKey, run } from "./running.ts";

const hour = 3_600_000;

function local(text: string): number {
  return readLocalTime(text) ?? assert.fail(text);
}

const plan = {
  people: ["张三", "李四"],
  timezone: "Asia/Shanghai",
  firstTurnAt: local("2026-11-02 09:00"),
  turnMs: 7 * 24 * hour,
  overrides: [{ fromAt: local("2026-12-05 09:00"), toAt: local("2026-12-06 21:00"), who: "王五" }],
};
const now = Date.parse("2026-12-01T06:30:00Z");

test("each shift of the next 14 days has a line, in local time", () => {
  const text = onCallText("dba", createRotation(plan), now);

  assert.equal(
    text,
    `on call in dba, Asia/Shanghai:
  Mon 2026-11-30 09:00 to Sat 2026-12-05 09:00  张三 (now)
  Sat 2026-12-05 09:00 to Sun 2026-12-06 21:00  王五 (override)
  Sun 2026-12-06 21:00 to Mon 2026-12-07 09:00  张三
  Mon 2026-12-07 09:00 to Mon 2026-12-14 09:00  李四
  Mon 2026-12-14 09:00 to Mon 2026-12-21 09:00  张三`,
  );
});

test("of many shifts the first are shown", () => {
  const lines = onCallText("dba", createRotation({ ...plan, turnMs: hour }), now).split("\n");

  assert.equal(lines.length, 62);
  assert.equal(lines.at(-1), "  … 242 more: alertmanager-wecom oncall --json");
});

const config = `bots: { ops: { key: ${opsKey} } }
oncall:
  dba: { start: 2026-11-02, handover: "Mon 09:00", people: [zhangsan] }
  web: { start: 2026-11-02, handover: "09:00", every: 1d, people: [lisi, wangwu], timezone: UTC }
route: { bot: ops }
`;

test("all rotations are printed, or the one that is asked for", async (t) => {
  const file = `--config.file=${fileOf(t, "config.yaml", config)}`;

  const [all, one] = [await run(["oncall", file]), await run(["oncall", file, "web"])];

  assert.equal(all.code, 0);
  assert.match(all.out, /^on call in dba, Asia\/Shanghai:\n .* zhangsan \(now\)\n[\s\S]*\n\non call in web, UTC:\n/);
  assert.match(
    one.out,
    /^on call in web, UTC:\n(?: {2}\w{3} \S+ 09:00 to \w{3} \S+ 09:00 {2}\w+(?: \(now\))?\n?){15}$/,
  );
});

test("JSON has the same shifts, from the present one on", async (t) => {
  const file = `--config.file=${fileOf(t, "config.yaml", config)}`;

  const { out } = await run(["oncall", file, "--json", "web"]);

  const [web] = JSON.parse(out) as readonly { readonly rotation: string; readonly shifts: readonly object[] }[];
  assert.equal(web?.rotation, "web");
  assert.equal(web?.shifts.length, 15);
  assert.deepEqual(Object.keys(web?.shifts[0] ?? {}), ["who", "from", "to", "override"]);
});

const refused: readonly (readonly [args: readonly string[], code: number, message: string])[] = [
  [["oncall", "dbaa"], 1, 'there is no rotation "dbaa"; did you mean "dba"?; the config has: dba, web'],
  [["oncall", "dba", "web"], 2, "name one rotation, or none for all: alertmanager-wecom oncall dba"],
];
for (const [args, code, message] of refused) {
  test(`${args.join(" ")} is refused`, async (t) => {
    const ran = await run([...args, `--config.file=${fileOf(t, "config.yaml", config)}`]);

    assert.deepEqual([ran.code, ran.err], [code, message]);
  });
}

test("a config without rotations has nobody on call", async (t) => {
  const file = fileOf(t, "config.yaml", `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops }\n`);

  const ran = await run(["oncall", `--config.file=${file}`]);

  assert.deepEqual([ran.code, ran.err], [1, "the config has no rotations: add oncall"]);
});

test("check-config prints who is on call", async (t) => {
  const { code, out } = await run(["check-config", fileOf(t, "config.yaml", config)]);

  assert.equal(code, 0);
  assert.match(out, /^on call in dba, [\s\S]*^on call in web, [\s\S]*: OK: 1 bot, 1 route$/m);
});
