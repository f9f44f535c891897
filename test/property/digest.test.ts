// For all alerts and all kinds: every body obeys WeCom's limits as the simulator checks them, alert text is never markup, and
// every alert of every group stands in a message or in a file, whatever has to give way. A failure is not shrunk: these values
// are so large that shrinking takes minutes; seed and path repeat it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Alert } from "../../src/domain/alert.ts";
import { messageKinds } from "../../src/domain/message-kind.ts";
import type { GroupDelivery } from "../../src/domain/notification.ts";
import type { Rendered } from "../../src/render/message-draft.ts";
import { markPossiblyRepeated } from "../../src/render/possibly-repeated.ts";
import { renderDelivery } from "../../src/render/render.ts";
import { repairMessage } from "../../src/render/repair.ts";
import { checkMessage } from "../../src/simulator/rules/check-message.ts";
import { switchesOf } from "../../src/simulator/rules/switches.ts";
import type { Repair } from "../../src/wecom/errcode.ts";
import { messageText, type WecomMessage } from "../../src/wecom/message.ts";
import { builtIn, deliveryOf, now, sampleAlert, sampleGroup, settings } from "../stages/render/deliveries.ts";

const hostile = [
  "<@all>",
  "<@bob>",
  "|",
  "\n| --- |\n",
  "](http://evil/)",
  "[x](http://evil/)",
  "*x*",
  "`",
  "- ",
  "\n# ",
  "=1",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "grapheme", maxLength: 6 })), { maxLength: 4 })
  .map((pieces) => pieces.join("").replaceAll("\uFFFD", "?")); // The simulator takes it for broken text.
const longText = fc.oneof({ arbitrary: text, weight: 9 }, { arbitrary: text.map((one) => one.repeat(400)), weight: 1 });
const pairs = fc.dictionary(fc.oneof(fc.constantFrom("severity", "job"), text), longText, { maxKeys: 3 });

const alert = fc
  .record({ labels: pairs, annotations: pairs, resolved: fc.boolean(), pictured: fc.boolean() })
  .map(({ labels, annotations, resolved, pictured }) => (n: number): Alert => {
    const image = pictured ? { image: "https://a.example/p.png" } : {};
    const status = resolved ? "resolved" : "firing";
    // Distinct by its name, which every row shows: of the labels a digest shows only those that distinguish alerts.
    const named = { ...labels, alertname: `A-${n}.` };
    return sampleAlert(named, { annotations: { ...annotations, ...image }, status, fingerprint: String(n) });
  });

const kinds = fc.subarray([...messageKinds], { minLength: 1 });

const groups = fc
  .array(fc.tuple(fc.array(alert, { minLength: 1, maxLength: 12 }), kinds), { minLength: 1, maxLength: 6 })
  .map((all) => {
    return all.map(([makers, messages], index) => {
      const alerts = makers.map((make, n) => make(index * 100 + n));
      const mention = { users: ["{{labels.job}}"], mobiles: ["13800000000"] };
      return deliveryOf(sampleGroup(alerts), { messages, mention, urgent: true });
    });
  });

const rich = { ...settings, externalURL: "https://ours.example", voiceClip: Buffer.from("#!AMR\n") };

function assertDelivers(rendered: Rendered, groups: readonly GroupDelivery[]): void {
  assert.deepEqual(rendered.templateFailures, []);
  for (const { message } of rendered.parts) assertTaken(message);
  const shown = rendered.parts
    .map(({ message, media }) => messageText(message) + Buffer.from(media?.content ?? []).toString())
    .join("\n");
  for (const { labels } of groups.flatMap(({ routed }) => routed.group.alerts)) {
    assert.ok(shown.includes(`${labels.alertname}`), `not shown: ${labels.alertname}`);
  }
}

function assertTaken(message: WecomMessage): void {
  if (message.msgtype === "image") return; // Its bytes are fetched later.
  const content = messageText(message);
  assert.doesNotMatch(content, /<@(all|bob)>/);
  if (message.msgtype.startsWith("markdown")) assert.doesNotMatch(content, /\]\(http:\/\/evil/);
  for (const body of [message, markPossiblyRepeated(message, ["zh"])]) {
    const bytes = Buffer.from(JSON.stringify(body));
    const { findings } = checkMessage(bytes, { switches: switchesOf("documented", {}), mediaState: () => "usable" });
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== "advice"),
      [],
    );
  }
}

describe("for all groups", () => {
  test("a list of kinds is accepted and shows every alert", () => {
    fc.assert(
      fc.property(groups, (all) => {
        for (const group of all) assertDelivers(renderDelivery(group, builtIn, rich), [group]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test("a digest is accepted and shows every alert, in messages or in a file", () => {
    const most = fc.integer({ min: 1, max: 3 });

    fc.assert(
      fc.property(groups, most, fc.boolean(), (all, maxMessages, late) => {
        const delivery = { kind: "digest", bot: "ops", late, urgent: false, groups: all, acceptedAt: now } as const;

        const rendered = renderDelivery(delivery, builtIn, { ...rich, digest: { maxMessages } });

        assertDelivers(rendered, all);
        const texts = rendered.parts.filter(({ message }) => ["markdown", "markdown_v2"].includes(message.msgtype));
        assert.ok(texts.length <= maxMessages);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test("every repair of every kind is accepted", () => {
    const repairs: readonly Repair[] = ["split", "links", "media", "plain"];

    fc.assert(
      fc.property(groups, (all) => {
        for (const group of all) {
          for (const { message } of renderDelivery(group, builtIn, rich).parts) {
            for (const repair of repairs)
              for (const repaired of repairMessage(message, repair) ?? []) assertTaken(repaired);
          }
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
