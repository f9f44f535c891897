// For all alerts: every body obeys WeCom's limits as the simulator checks them, no text of an alert becomes markup, every alert
// is shown, and the parts are numbered.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Alert, AlertGroup } from "../../src/domain/alert.ts";
import type { MessageKind } from "../../src/domain/message-kind.ts";
import { cleanText } from "../../src/render/markup/escape.ts";
import { renderSummary } from "../../src/render/plain-layout.ts";
import { markPossiblyRepeated } from "../../src/render/possibly-repeated.ts";
import { renderDelivery } from "../../src/render/render.ts";
import { repairMessage } from "../../src/render/repair.ts";
import { prepareViews } from "../../src/render/view/group-view.ts";
import { stringsFor } from "../../src/render/view/strings.ts";
import { checkMessage } from "../../src/simulator/rules/check-message.ts";
import { switchesOf } from "../../src/simulator/rules/switches.ts";
import type { Repair } from "../../src/wecom/errcode.ts";
import type { WecomMessage } from "../../src/wecom/message.ts";
import { builtIn, deliveryOf, ownTemplates, sampleAlert, sampleGroup, settings } from "../stages/render/deliveries.ts";

const markup = [
  ...["<@all>", "<@bob>", "<", "@bob>", "[", "]", "](", "(http://evil/)", "[x](http://evil/)", "![x](http://evil/)"],
  ...[
    '<font color="warning">',
    "</font>",
    "\n# h",
    "\n> q",
    "> ",
    "# ",
    "**",
    "*",
    "`",
    "```\n",
    "{{name}}",
    "{{{",
    "\\",
  ],
  ...["\u0000", "\u202E", "\u2028", "\r\n", "\uD800", "\uDC00", "\uFDD0", "\uFDD1", "👨‍👩‍👧‍👦", "é", "!", "|---|\n"],
];
const piece = fc.oneof(
  fc.constantFrom(...markup),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({ maxLength: 8 }),
);
const shortText = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));
const longText = fc
  .tuple(piece, fc.integer({ min: 1, max: 100_000 }))
  .map(([one, bytes]) => one.repeat(bytes).slice(0, bytes));
const text = fc.oneof({ arbitrary: shortText, weight: 12 }, { arbitrary: longText, weight: 1 });
const labelName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "severity", "owner", "alertname", "instance"),
  shortText,
);
const pairs = (value: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(labelName, value), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));
const url = fc.oneof(
  fc.constant(null),
  shortText.map((rest) => `http://a.example/${rest}`),
  shortText,
  fc.constant(`http://a.example/${"x".repeat(2000)}`),
);

const alert: fc.Arbitrary<Alert> = fc
  .record({
    name: text,
    labels: pairs(text),
    annotations: pairs(text),
    summary: text,
    status: fc.constantFrom("firing", "resolved"),
    generatorURL: url,
    dashboardURL: url,
    valueString: text,
    reason: fc.constantFrom("", "Updated", "NoData", "<@x>"),
  })
  .map(({ name, labels, annotations, summary, status, generatorURL, dashboardURL, valueString, reason }) => {
    const links = { generatorURL, dashboardURL, silenceURL: null, panelURL: null, imageURL: null };
    const texts = { ...annotations, summary, ...(reason === "" ? {} : { grafana_state_reason: reason }) };
    return sampleAlert({ ...labels, alertname: name }, { status, links, valueString, annotations: texts });
  });

const rest = fc.record({
  externalURL: fc.constantFrom(null, "http://am:9093"),
  truncatedAlerts: fc.constantFrom(0, 7),
  notificationReason: fc.constantFrom(null, "repeat interval elapsed" as const),
});

const group = (alerts: fc.Arbitrary<readonly Alert[]>): fc.Arbitrary<AlertGroup> =>
  fc.tuple(alerts, rest).map(([list, fields]) => sampleGroup(list, fields));

const context = { switches: switchesOf("documented"), mediaState: () => "usable" as const };

function assertAccepted(message: WecomMessage): void {
  const { findings } = checkMessage(Buffer.from(JSON.stringify(message)), context);

  assert.deepEqual(
    findings.filter(({ severity }) => severity === "reject" || severity === "warn"),
    [],
  );
}

const linkTexts = ["zh", "en"].flatMap((language) => {
  const strings = stringsFor(language as "zh" | "en");
  return [...Object.values(strings.links), strings.rule, strings.silenceAll];
});
/** Of an own template below. */
linkTexts.push("来源");
const ownTag = /^<font color="(warning|info|comment)">|^<\/font>|^<+(?=\s*[-+=.$\d])/;

/** Only what the template, or a mention, puts there. */
function assertNoForeignMarkup(content: string, mentioned: readonly string[]): void {
  for (const { index } of content.matchAll(/</g)) {
    const at = content.slice(index);
    const isMention = mentioned.some((user) => at.startsWith(`<@${user}>`));
    assert.ok(isMention || ownTag.test(at), `a tag or a mention: ${JSON.stringify(at.slice(0, 40))}`);
  }
  for (const { index } of content.matchAll(/\]\(/g)) {
    const shown = content.slice(content.lastIndexOf("[", index) + 1, index);
    assert.ok(linkTexts.includes(shown), `a link: ${JSON.stringify(content.slice(index - 20, index + 40))}`);
  }
  assert.doesNotMatch(content, /!\[[^\]\n]*\]\(/);
  assert.doesNotMatch(content, /^[ \t]*#/m);
  assert.doesNotMatch(content, /^[ \t]*>[ \t]*[>#]/m);
  assert.equal((content.match(/`/g)?.length ?? 0) % 2, 0);
  assert.ok(content.isWellFormed());
}

function contentOf(message: WecomMessage): string {
  if (message.msgtype === "markdown") return message.markdown.content;
  return message.msgtype === "text" ? message.text.content : "";
}

const twins: Readonly<Record<string, string>> = {
  "＜": "<",
  "［": "[",
  "］": "]",
  "（": "(",
  "！": "!",
  "＊": "*",
  "＃": "#",
  "｜": "|",
  "－": "-",
  "＋": "+",
  "＝": "=",
  "＿": "_",
  "`": "'",
};

/** Of the renderer: no text has them. */
function withoutMarks(text: string): string {
  return text.replace(/[\uFDD0\uFDD1]/g, "");
}

/** What a reader can compare: full-width twins read as what they stand for, white space and quote marks left out. */
function read(content: string): string {
  return cleanText(withoutMarks(content))
    .replace(/[＜［］（！＊＃｜－＋＝＿`]/g, (char) => twins[char] ?? char)
    .replace(/[\s>＞]/g, "");
}

/** In full, or its beginning: some eight characters are the least a shortened text keeps. */
function isDelivered(shown: string, value: string): boolean {
  const beginning = read([...value].slice(0, 7).join(""));
  return shown.includes(read(value)) || (Buffer.byteLength(value) > 32 && shown.includes(beginning));
}

function assertDelivered(shown: string, value: string): void {
  assert.ok(isDelivered(shown, value), `not shown: ${JSON.stringify(value.slice(0, 60))}`);
}

/** A label's name, or the Chinese word for it. */
function wordsFor(name: string): readonly string[] {
  const { labels } = stringsFor("zh");
  return Object.hasOwn(labels, name) ? [name, labels[name] ?? name] : [name];
}

function checkDelivery(alerts: AlertGroup, kind: MessageKind): void {
  const mention = { users: ["{{labels.owner}}", "on.call"], on: ["firing", "resolved"] as const };
  const delivery = deliveryOf(alerts, { messages: [kind], mention });

  const { parts, templateFailures } = renderDelivery(delivery, builtIn, settings);
  const messages = parts.map(({ message }) => message);

  assert.deepEqual(templateFailures, []);
  const bodies = messages.filter((message) => message.msgtype === "markdown").map(contentOf);
  const mentioned = [...bodies.join("\n").matchAll(/<@([A-Za-z0-9_.@-]{1,64})>/g)].map((match) => match[1] ?? "");
  const owners = alerts.alerts.map(({ labels }) =>
    withoutMarks(Object.hasOwn(labels, "owner") ? (labels.owner ?? "") : ""),
  );
  for (const user of mentioned) assert.ok(user === "on.call" || owners.some((owner) => owner.includes(user)), user);
  for (const message of messages) {
    assertAccepted(message);
    assertAccepted(markPossiblyRepeated(message, ["zh"]));
    if (message.msgtype === "markdown") assertNoForeignMarkup(message.markdown.content, mentioned);
  }
  if (kind === "text_notice" && messages[0]?.msgtype === "template_card" && bodies.length < 2) return;
  assertEveryAlertDelivered(alerts, bodies);
  assertNumbered(bodies);
}

function assertEveryAlertDelivered(alerts: AlertGroup, bodies: readonly string[]): void {
  const shown = read(bodies.join("\n"));
  const views = prepareViews(deliveryOf(alerts), settings);
  for (const { name } of views.alerts) if (!views.facts.name.includes("等")) assertDelivered(shown, name);
  for (const { differing } of views.alerts) {
    for (const { name, value } of differing) {
      const isNamed = wordsFor(name).some((word) => isDelivered(shown, word));
      assert.ok(isNamed || name === "instance", `a label without its name: ${JSON.stringify(name)}`);
      // A folded label without room is only named.
      const isFolded = views.facts.folded.some((text) => text.includes(name));
      if (name !== "__proto__" || !isFolded) assertDelivered(shown, value);
    }
  }
}

function assertNumbered(bodies: readonly string[]): void {
  if (bodies.length < 2) return;
  for (const [index, body] of bodies.entries()) assert.ok(body.includes(`（${index + 1}/${bodies.length}）`));
}

describe("for all alerts", () => {
  const few = group(fc.array(alert, { minLength: 1, maxLength: 8 }));

  test("markdown is accepted, harmless, complete and numbered", () => {
    fc.assert(
      fc.property(few, (alerts) => checkDelivery(alerts, "markdown")),
      { numRuns: 50 },
    );
  });

  test("so is a card with what follows it", () => {
    fc.assert(
      fc.property(few, (alerts) => checkDelivery(alerts, "text_notice")),
      { numRuns: 60 },
    );
  });

  test("the summary of what cannot be shown is accepted and harmless", () => {
    fc.assert(
      fc.property(few, fc.constantFrom("zh", "en"), fc.nat(12), ({ alerts }, language, longNames) => {
        // Of every character of these the message needs the most bytes there are.
        const long = Array.from({ length: longNames }, (_, n) => sampleAlert({ alertname: `${n}${"<".repeat(500)}` }));
        const message = renderSummary([...long, ...alerts], 1e9, language);

        assertAccepted(message);
        assertAccepted(markPossiblyRepeated(message, [language]));
        assert.ok(message.msgtype === "markdown");
        assertNoForeignMarkup(message.markdown.content, []);
      }),
    );
  });

  test("so is a storm of up to 2000", () => {
    const storm = fc
      .tuple(fc.integer({ min: 100, max: 2000 }), fc.array(alert, { minLength: 1, maxLength: 3 }))
      .map(([count, seeds]) =>
        sampleGroup(
          Array.from({ length: count }, (_, n) => {
            const seed = seeds[n % seeds.length] ?? sampleAlert({});
            const labels = Object.entries(seed.labels).map(([name, value]) => [name, value.slice(0, 200)]);
            return {
              ...seed,
              labels: { ...Object.fromEntries(labels), pod: `pod-${n}.` },
              annotations: {},
              valueString: "",
            };
          }),
        ),
      );

    fc.assert(
      fc.property(storm, (alerts) => checkDelivery(alerts, "markdown")),
      { numRuns: 4 },
    );
  });

  test("a template that fails leaves no alert undelivered", () => {
    const broken = ownTemplates({ "default.markdown.hbs": "{{mustToDate `x` name}}".replaceAll("`", '"') });

    fc.assert(
      fc.property(few, (alerts) => {
        const messages = renderDelivery(deliveryOf(alerts), broken, settings).parts.map(({ message }) => message);

        for (const message of messages) {
          assertAccepted(markPossiblyRepeated(message, ["en"]));
          assertNoForeignMarkup(contentOf(message), []);
        }
        assertEveryAlertDelivered(alerts, messages.map(contentOf));
      }),
      { numRuns: 60 },
    );
  });

  test("an own template that prints everything anywhere makes no markup of it", () => {
    const wild = ownTemplates({
      "default.markdown.hbs": `{{#each alerts}}{{labels}}{{annotations}} \`{{name}}\`{{summary}}**{{name}}**{{valueString}}
> {{summary}}{{name}}
h {{summary}}
<font color="info">{{summary}}</font>[来源]({{generatorURL}}){{name}}
{{name}}{{/each}}`,
    });

    fc.assert(
      fc.property(few, (alerts) => {
        const { parts } = renderDelivery(deliveryOf(alerts), wild, settings);

        for (const { message } of parts) {
          assertAccepted(message);
          assertNoForeignMarkup(contentOf(message), []);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("every repair is accepted too, and plain text loses nothing that was shown", () => {
    const repairs: readonly Repair[] = ["split", "links", "media", "plain"];

    fc.assert(
      fc.property(few, fc.constantFrom("markdown" as const, "text_notice" as const), (alerts, kind) => {
        for (const { message } of renderDelivery(deliveryOf(alerts, { messages: [kind] }), builtIn, settings).parts) {
          for (const repair of repairs) {
            for (const one of repairMessage(message, repair) ?? []) assertAccepted(markPossiblyRepeated(one, ["zh"]));
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
