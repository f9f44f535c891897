import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse, stringify } from "yaml";
import { checkConfig } from "../../../src/config/check.ts";
import type { Config } from "../../../src/config/config.ts";
import { shownConfig } from "../../../src/console/shown-config.ts";
import { secretTraces, sources } from "../config/samples.ts";

function configOf(oncall: unknown): Config {
  const rest = { people: { 张三: { userid: "zhangsan" } }, bots: { ops: { key: "ops-robot" } }, route: { bot: "ops" } };
  const nothing = { env: () => undefined, file: () => ({ kind: "unreadable", message: "none" }) as const };
  const checked = checkConfig(stringify({ ...rest, oncall }), nothing);
  return checked.kind === "config" ? checked.config : assert.fail(JSON.stringify(checked.issues));
}

test("a rotation is shown as the file may have it: read again, it is the same", () => {
  const overrides = [
    { from: "2026-10-25 01:30", to: "2026-10-26 09:00", who: "lisi" },
    { from: "2026-12-24 09:00", to: "2026-12-24 12:00", who: "张三" },
  ];
  const config = configOf({
    dba: { start: "2026-11-02", handover: "Mon 09:00", people: ["张三", "lisi"], overrides, timezone: "Europe/Berlin" },
    夜班: { start: "2026-02-28", handover: "20:30", every: "12h", people: ["lisi"] },
  });

  const { oncall } = parse(shownConfig(config)) as { readonly oncall: unknown };

  assert.deepEqual(configOf(oncall).rotations, config.rotations);
});

test("every key can be shown, and no secret of any", () => {
  const text = readFileSync(new URL("../../fixtures/config/good-every-key.yaml", import.meta.url), "utf8");
  const checked = checkConfig(text, sources);
  assert.equal(checked.kind, "config");
  const { config } = checked.kind === "config" ? checked : assert.fail();

  const shown = shownConfig(config);
  const { links, silence } = parse(shown) as Readonly<Record<"links" | "silence", object>>;

  assert.doesNotMatch(shown, secretTraces);
  assert.deepEqual(links, {
    secret: "<secret>\n<secret>",
    valid: "12h",
    user_header: "X-Forwarded-User",
    trusted_proxies: ["10.0.0.0/8", "::1"],
  });
  assert.deepEqual(silence, {
    durations: ["30m", "2h"],
    max: "1d",
    scopes: ["alert", "instance", "rule"],
    never: ['alertname="Watchdog"', 'team=~"a|b",env="prod"'],
  });
});
