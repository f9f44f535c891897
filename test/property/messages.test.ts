// For groups as real senders make them: every message is accepted by WeCom's rules and shows or names all that its alerts
// say and begins with how bad it is, nobody is mentioned for an alert that is no news, and each alert's text can be rebuilt
// from the text that all share. RUNS=2000 for more of them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Alert, AlertGroup, LabelSet } from "../../src/domain/alert.ts";
import type { AlertNews } from "../../src/domain/notification.ts";
import { rebuildText, shareText } from "../../src/render/view/shared-text.ts";
import { checkMessage } from "../../src/simulator/rules/check-message.ts";
import { switchesOf } from "../../src/simulator/rules/switches.ts";
import { messageText, type WecomMessage } from "../../src/wecom/message.ts";
import { missingFrom, readableText } from "../stages/render/audit.ts";
import { now, renderSample, sampleAlert, sampleGroup } from "../stages/render/deliveries.ts";
import { badOpenings } from "../stages/render/opening.ts";

const numRuns = Number(process.env.RUNS ?? 150);

const host = fc.nat(30).map((n) => `10.0.4.${n + 10}`);
const labels: fc.Arbitrary<LabelSet> = fc.record(
  {
    alertname: fc.constantFrom("HostHighCpuLoad", "KubePodCrashLooping", "磁盘将满", "disk_full"),
    severity: fc.constantFrom("critical", "warning", "info", "P1", "urgent!", "一级"),
    instance: host.map((one) => `${one}:9100`),
    hostname: fc.nat(30).map((n) => `web-${n}`),
    namespace: fc.constantFrom("payment", "kube-system", "生产"),
    pod: fc.constantFrom("pay-api-7d9c6b5f4-x2k8p", "pay-api-7d9c6b5f4-m4qzt", "node-exporter-x7k2p", "mysql-0"),
    job: fc.constantFrom("kube-state-metrics", "node-exporter", "etcd"),
    service: fc.constantFrom("kube-state-metrics", "etcd", "pay"),
    uid: fc.uuid(),
    prometheus_replica: fc.constantFrom("prometheus-0", "prometheus-1"),
    mountpoint: fc.constantFrom("/", "/data"),
    device: fc.constantFrom("/dev/vdb1", "eth0"),
    team: fc.constantFrom("web", "支付组"),
    shard: fc.nat(3).map(String),
    glob_name: fc.constantFrom("a_b", "**", "x|y"),
  },
  { requiredKeys: ["alertname"] },
);

const phrases = [
  "CPU is high",
  "使用率超过 85%",
  "see `kubectl -n pay logs`",
  "a_b * c",
  "\n1. restart\n2. wait",
  "128 of 256",
];
const sentence = (own: LabelSet) =>
  fc
    .tuple(fc.constantFrom(...Object.values(own), "all"), fc.subarray(phrases), fc.integer({ min: 1, max: 999 }))
    .map(([value, said, number]) => `${value} ${said.join(", ")}: ${number / 10}%`);

const url = (host: string) => fc.nat(2).map((n) => `https://${host}.example.com/${n}`);

const alert: fc.Arbitrary<Alert> = labels.chain((own) =>
  fc
    .record(
      {
        status: fc.constantFrom("firing", "firing", "resolved"),
        Summary: sentence(own),
        description: sentence(own),
        runbook_url: url("runbooks"),
        dashboard: url("grafana"),
        Error: fc.constant("connection refused"),
        impact: fc.constantFrom("支付失败", "slow"),
        处理建议: sentence(own),
        value: fc.nat(2_000_000).map(String),
        startsAt: fc.nat(100).map((minutes) => now - minutes * 60_000),
        generatorURL: url("prometheus"),
        values: fc.record({ A: fc.double({ min: 1, max: 1e10, noNaN: true }), C: fc.constantFrom(0, 1) }),
      },
      { requiredKeys: ["status", "startsAt"] },
    )
    .map(({ status, startsAt, generatorURL = null, values = null, ...annotations }) => {
      const links = { generatorURL, silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
      const endsAt = status === "resolved" ? now - 30_000 : null;
      const texts = Object.fromEntries(Object.entries(annotations).filter(([, text]) => text !== undefined));
      return sampleAlert(own, { status, startsAt, endsAt, links, values, annotations: texts as LabelSet });
    }),
);

const group: fc.Arbitrary<AlertGroup> = fc
  .tuple(fc.array(alert, { minLength: 1, maxLength: 12 }), fc.constantFrom("alertmanager", "grafana"))
  .map(([alerts, source]) => sampleGroup(alerts, { source: source as "grafana", externalURL: "http://am:9093" }));

const owned = group.chain((alerts) =>
  fc
    .tuple(
      fc.array(fc.constantFrom("zhang", "li", "wang"), { minLength: alerts.alerts.length }),
      fc.array(fc.constantFrom<AlertNews>("new", "changed", "unchanged", "unchanged"), {
        minLength: alerts.alerts.length,
      }),
    )
    .map(([owners, news]) => {
      const own = alerts.alerts.map((one, n) => ({ ...one, labels: { ...one.labels, owner: owners[n] ?? "" } }));
      return { alerts: { ...alerts, alerts: own }, news: news.slice(0, own.length) };
    }),
);

function mentionedIn(message: WecomMessage): readonly string[] {
  if (message.msgtype === "text") return message.text.mentioned_list ?? usersIn(message.text.content);
  return message.msgtype === "markdown" ? usersIn(message.markdown.content) : [];
}

function usersIn(content: string): readonly string[] {
  return [...content.matchAll(/<@(\w+)>/g)].map(([, user = ""]) => user);
}

const context = { switches: switchesOf("documented"), mediaState: () => "usable" as const };

describe("for groups as senders make them", () => {
  for (const kind of ["markdown", "markdown_v2", "text", "text_notice"] as const) {
    for (const language of ["zh", "en"] as const) {
      test(`${kind} in ${language} is accepted, and shows or names what is said`, () => {
        fc.assert(
          fc.property(group, (alerts) => {
            const rendered = renderSample(alerts, { messages: [kind], look: { language } });

            assert.deepEqual(rendered.templateFailures, []);
            for (const { message } of rendered.parts) {
              const { findings } = checkMessage(Buffer.from(JSON.stringify(message)), context);
              assert.deepEqual(
                findings.filter(({ severity }) => severity !== "advice"),
                [],
              );
            }
            const messages = rendered.parts.map(({ message }) => message);
            assert.deepEqual(badOpenings(messages, [alerts], language), []);
            if (kind !== "text_notice") for (const one of messages) assert.doesNotMatch(messageText(one), /^ /m);
            if (rendered.shortenedValues > 0) return;
            const shown = messages.map(readableText);
            assert.deepEqual(missingFrom(alerts, shown, language), []);
          }),
          { numRuns },
        );
      });
    }
  }

  for (const kind of ["markdown", "markdown_v2", "text", "text_notice"] as const) {
    test(`${kind} mentions the owners of alerts that fire and are news, and nobody else`, () => {
      fc.assert(
        fc.property(owned, fc.boolean(), ({ alerts, news }, repeats) => {
          const isReminder = news.every((one) => one === "unchanged");
          const asked = alerts.alerts.filter(
            ({ status }, n) => status === "firing" && (news[n] !== "unchanged" || (isReminder && repeats)),
          );

          const { parts } = renderSample(alerts, {
            messages: [kind],
            mention: { users: ["{{labels.owner}}"], repeats },
            delivery: { news },
          });

          const mentioned = parts.flatMap(({ message }) => mentionedIn(message));
          assert.deepEqual(new Set(mentioned), new Set(asked.map(({ labels }) => labels.owner)));
        }),
        { numRuns },
      );
    });
  }

  test("a shared text and a row make the alert's own text", () => {
    const rows = fc.array(fc.tuple(labels, fc.nat(1000), fc.constantFrom(...phrases)), { minLength: 2, maxLength: 6 });

    fc.assert(
      fc.property(rows, fc.constantFrom(...phrases), (all, said) => {
        const own = all.map(([set]) => Object.entries(set).map(([name, value]) => ({ name, value: value ?? "" })));
        const texts = all.map(([set, number]) => `${set.instance ?? set.alertname}: ${said} ${number / 10}%`);

        const shared = shareText(texts, own);

        if (shared === null) return;
        assert.deepEqual(
          texts.map((_, index) => rebuildText(shared, index, own[index] ?? [])),
          texts,
        );
      }),
      { numRuns },
    );
  });
});
