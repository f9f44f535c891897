// "Why did this alert not arrive at 03:12?", answered by the command and the API of a running service, for every reason there is.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { HistoryAnswer, HistoryEntryAnswer } from "../../src/domain/history-answer.ts";
import { run } from "../stages/commands/running.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";

const config = `
people: { 张三: { userid: zhangsan } }
route:
  bot: ops
  routes:
    - matchers: [team="dba"]
      bot: dba
      template: dba
    - matchers: [team="net"]
      bot: net
      send_resolved: false
      mention: { users: ["{{labels.owner}}"] }
    - matchers: [team="storm"]
      bot: storm
    - matchers: [alertname="Watchdog"]
      drop: true
`;

interface Posted {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly status?: "firing" | "resolved";
}

/** As Alertmanager sends it. */
function webhook({ name, labels = {}, status = "firing" }: Posted) {
  const startsAt = "2026-11-30T03:12:00Z";
  const alert = { status, labels: { alertname: name, ...labels }, annotations: {}, startsAt, endsAt: startsAt };
  const group = {
    groupKey: `{}:{alertname="${name}"}`,
    groupLabels: { alertname: name },
    externalURL: "http://am:9093",
  };
  return { version: "4", receiver: "wecom", status, truncatedAlerts: 0, ...group, alerts: [alert] };
}

let stack: Stack;
/** Of the answers of the test that runs. */
let tookMs: number[] = [];
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-"));
  writeFileSync(join(folder, "dba.markdown.hbs"), "{{commonLabels.alertname}}\n{{index alerts 99}}\n");
  const templates = [join(folder, "*.hbs")];
  stack = await startStack({ config, templates, bots: ["ops", "dba", "net", "storm"] });
  const refusal = { kind: "errcode", errcode: 40_008 } as const;
  await post({ name: "Copied" });
  await post({ name: "Copied" });
  await post({ name: "TemplateFails", labels: { team: "dba" } });
  await post({ name: "Elsewhere", labels: { team: "net", owner: "张三" } });
  await post({ name: "Elsewhere", labels: { team: "net", owner: "张三" }, status: "resolved" });
  await post({ name: "NobodyKnown", labels: { team: "net", owner: "王五" } });
  await post({ name: "Watchdog" });
  await settled();
  stack.simulator.script("ops", [refusal, refusal]);
  await post({ name: "Refused" });
  await settled();
  await Promise.all(Array.from({ length: 40 }, (_, n) => post({ name: `Storm${n}`, labels: { team: "storm" } })));
  assert.equal((await stack.post("not JSON")).status, 400);
  await eventually("the storm is in a digest", async () => {
    const { entries } = await ask({ q: "team=storm", limit: "1000" });
    return entries.length === 40 && entries.some(({ mode }) => mode === "digest");
  });
  tookMs = [];
});

afterEach((t) => {
  if ("diagnostic" in t) t.diagnostic(`its queries took ${tookMs.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  tookMs = [];
});

after(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

async function post(posted: Posted): Promise<void> {
  assert.equal((await stack.post(webhook(posted))).status, 200);
}

async function settled(): Promise<void> {
  await eventually("nothing waits", async () => (await ask({ outcome: "waiting" })).entries.length === 0);
}

async function ask(query: Readonly<Record<string, string>>): Promise<HistoryAnswer> {
  const startedAt = performance.now();
  const answer = await fetch(`${stack.origin}/api/v1/history?${new URLSearchParams(query)}`);
  const text = await answer.text();
  tookMs.push(performance.now() - startedAt);
  assert.equal(answer.status, 200, text);
  return JSON.parse(text) as HistoryAnswer;
}

async function one(q: string, query: Readonly<Record<string, string>> = {}): Promise<HistoryEntryAnswer> {
  const { entries } = await ask({ q, ...query });
  const [entry] = entries;
  assert.ok(entry !== undefined && entries.length === 1, JSON.stringify(entries));
  return entry;
}

async function printed(...args: readonly string[]): Promise<string> {
  const startedAt = performance.now();
  const { code, out, err } = await run(["history", `--url=${stack.origin}`, ...args]);
  tookMs.push(performance.now() - startedAt);
  assert.deepEqual([code, err], [0, ""]);
  return out;
}

describe("what became of an alert", () => {
  it("it was sent: every field of its entry", async () => {
    const entry = await one("Elsewhere", { outcome: "delivered" });

    const { received_at, sent_at, delivery_id, details, sender, ...rest } = entry;
    assert.deepEqual(rest, {
      alert: { name: "Elsewhere", labels: { alertname: "Elsewhere", team: "net", owner: "张三" } },
      outcome: "delivered",
      mode: "full",
      bot: "net",
      route: "route.routes[1]",
      mentions: { mentioned: ["zhangsan"], not_found: [] },
      flags: [],
    });
    assert.match(sender, /^127\.0\.0\.1 \S+$/);
    assert.ok(Date.parse(received_at) <= Date.parse(sent_at ?? "") && Number.isSafeInteger(delivery_id));
    assert.deepEqual([details.status, details.receiver, details.failed_attempts], ["firing", "wecom", []]);
  });

  it("it was a copy: of what, and from whom", async () => {
    const { entries } = await ask({ q: "Copied" });

    assert.deepEqual(
      entries.map(({ outcome }) => outcome),
      ["delivered", "duplicate"],
    );
    assert.equal(entries[1]?.details.duplicate_of, entries[0]?.received_at);
    assert.match(
      await printed("Copied", "--outcome=duplicate"),
      /^duplicate {2}Copied {2}firing\n[\s\S]*a copy of what/,
    );
  });

  it("it went to another group: which, and by which route", async () => {
    assert.match(await printed("Elsewhere", "--bot=net"), /, route\.routes\[1\]\n.* to bot net, delivery/);
  });

  it("it is in a digest", async () => {
    const { entries } = await ask({ q: "Storm", limit: "1000" });
    const digested = entries.find(({ mode }) => mode === "digest");

    const text = await printed(`alertname="${digested?.alert.name}"`);
    const beside = await ask({ delivery: String(digested?.delivery_id), limit: "1000" });

    assert.match(text, /^(delivered {2}Storm\d+ {2}firing\n[\s\S]*as digest|waiting)/);
    assert.ok(beside.entries.length > 1);
    assert.ok(beside.entries.every(({ delivery_id }) => delivery_id === digested?.delivery_id));
  });

  it("WeCom refused it: each answer", async () => {
    const { outcome, sent_at, details } = await one("Refused");

    assert.deepEqual([outcome, sent_at], ["dead", null]);
    assert.deepEqual(
      details.failed_attempts.map(({ errcode, reason, part }) => [errcode, reason, part]),
      [
        [40_008, "badContent", 1],
        [40_008, "badContent", 1],
      ],
    );
    assert.match(await printed("refused"), /rejected by WeCom [\s\S]*errcode 40008/);
  });

  it("its template failed: which, and where", async () => {
    const { outcome, flags, details } = await one("TemplateFails");

    assert.deepEqual([outcome, flags], ["delivered", ["template_failed"]]);
    assert.equal(details.template_failures[0]?.template, "dba");
    assert.match(details.template_failures[0]?.message ?? "", /helper "index" at 2:1: .*out of range/);
    assert.match(await printed("TemplateFails"), /template dba failed: .*at 2:1/);
  });

  it("nobody was mentioned: the name that is not in people", async () => {
    const { mentions } = await one("NobodyKnown");

    assert.deepEqual(mentions, { mentioned: [], not_found: ["王五"] });
    assert.match(await printed("NobodyKnown"), /not mentioned, not in people: 王五/);
  });

  it("its route sends nothing, or no recovery", async () => {
    const dropped = await one("Watchdog");
    const resolved = await one("Elsewhere", { outcome: "not_sent" });

    assert.deepEqual([dropped.outcome, dropped.flags, dropped.route], ["not_sent", ["route_drop"], "route.routes[3]"]);
    assert.deepEqual([resolved.flags, resolved.bot], [["send_resolved_false"], "net"]);
    assert.match(await printed("Watchdog"), /not sent: its route says drop: true/);
  });

  it("it never came: when each sender posted last, and was refused", async () => {
    const { entries, senders, next } = await ask({ q: "NeverSent" });
    const text = await printed("NeverSent");

    assert.deepEqual([entries, next], [[], null]);
    const [posted, refused] = senders;
    assert.deepEqual([posted?.receiver, posted?.source, posted?.last_refused_at], ["wecom", "alertmanager", null]);
    assert.deepEqual([refused?.last_posted_at, /^400 .*not_json/.test(refused?.last_refusal ?? "")], [null, true]);
    assert.match(text, /^no webhook had an alert with "NeverSent" in its labels from 20.* to 20/);
    assert.match(text, /127\.0\.0\.1 \S+, alertmanager receiver "wecom": posted last at 20/);
    assert.match(text, /never posted; refused last at 20.*not_json/);
  });
});
