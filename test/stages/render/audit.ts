// What a group of alerts says and its messages do not show: labels, words of annotations, numbers, runbooks. What the
// messages name as left out counts as shown.

import type { Alert, AlertGroup } from "../../../src/domain/alert.ts";
import type { Language } from "../../../src/domain/message-kind.ts";
import { builtInSeverities, severityLevel } from "../../../src/domain/severity.ts";
import { cleanText } from "../../../src/render/markup/escape.ts";
import { alertName, labelOf, severityName, shownAsHeading } from "../../../src/render/view/labels.ts";
import { sendableUrl } from "../../../src/render/view/links.ts";
import { exactNumber } from "../../../src/render/view/readings.ts";
import { stringsFor } from "../../../src/render/view/strings.ts";
import { messageText, type WecomMessage } from "../../../src/wecom/message.ts";

const twins = new Map(
  Object.entries({ "＜": "<", "［": "[", "］": "]", "（": "(", "）": ")", "！": "!", "＊": "*", "＃": "#" }),
);

/** Twins as what they stand for, without tags, white space, quote marks and code marks, in lower case. */
function read(text: string): string {
  return cleanText(text.replace(/[\uFDD0\uFDD1]/g, ""))
    .replace(/<\/?font(?: color="\w+")?>/g, "")
    .replace(/[＜［］（）！＊＃]/g, (char) => twins.get(char) ?? char)
    .replace(/[\s>＞`'"|｜]/g, "")
    .toLowerCase();
}

const leftOut = {
  zh: /(?:另有[^：\n]*：|未重复：|链接过长，未列出：)[^\n]*/g,
  en: /(?:\+\d+ labels?: |not repeated: |links too long to show: |also has links: |more links: )[^\n]*/g,
};

interface Shown {
  readonly text: string;
  readonly left: string;
  readonly language: Language;
}

/** Texts of a card are JSON. */
export function readableText(message: WecomMessage): string {
  return messageText(message).replaceAll("\\n", "\n").replaceAll('\\"', '"');
}

export function missingFrom(group: AlertGroup, bodies: readonly string[], language: Language): readonly string[] {
  const body = bodies.join("\n");
  const shown = { text: read(body), left: read((body.match(leftOut[language]) ?? []).join(" ")), language };
  return [...new Set(group.alerts.flatMap((alert) => missingOf(alert, shown)))];
}

function missingOf(alert: Alert, shown: Shown): readonly string[] {
  const has = (text: string) => shown.text.includes(read(text));
  const isNamed = (name: string) => shown.left.includes(read(name));
  const strings = stringsFor(shown.language);
  const heading = shownAsHeading(alert.labels);
  const labels = Object.entries(alert.labels)
    .filter(([name]) => !heading.has(name) && !isNamed(name))
    .filter(([name, value]) => !has(value) && !hasWithoutPort(value, has) && !isCounted(name, shown))
    .map(([name, value]) => `label ${name}=${value}`);
  const annotations = Object.entries(alert.annotations)
    .filter(([name]) => name !== "grafana_state_reason" && !isNamed(name))
    .filter(([name]) => !(name.startsWith("dashboard") && isNamed(strings.links.dashboard)))
    .flatMap(([name, text]) => missingWords(text, alert, has).map((word) => `${name}: ${word}`));
  const numbers = Object.values(alert.values ?? {}).map(exactNumber);
  const severity = labelOf(alert.labels, severityName(alert.labels) ?? "");
  const word = severityLevel(severity, builtInSeverities).word?.[shown.language] ?? severity;
  return [
    ...[alertName(alert.labels, strings), ...numbers, word].filter((text) => !has(text)),
    ...labels,
    ...annotations,
  ];
}

/** The port of all rows stands in the head of the column. */
function hasWithoutPort(value: string, has: (text: string) => boolean): boolean {
  const [, host = "", port = ""] = /^(.*)(:\d+)$/.exec(value) ?? [];
  return host !== "" && has(host) && has(port);
}

function isCounted(name: string, { text }: Shown): boolean {
  return new RegExp(`${read(name).replace(/[^\w]/g, "\\$&")}[^=]*=\\d+(?:个不同值|values)`).test(text);
}

/** Names of labels stand for their values; VALUE and LABELS are lists of what is shown elsewhere. */
function missingWords(text: string, alert: Alert, has: (text: string) => boolean): readonly string[] {
  const url = sendableUrl(text.trim());
  if (url !== null) return has(url) ? [] : [url];
  const values = Object.values(alert.labels).filter((value) => Buffer.byteLength(value) > 2);
  const longestFirst = values.toSorted((a, b) => b.length - a.length);
  const own = text.replace(/LABELS = map\[.*\]|VALUE =|```\w*|\(instance [^)]*\)/g, " ");
  const rest = longestFirst.reduce((left, value) => left.replaceAll(value, " "), own);
  const words = (rest.match(/\d+(?:\.\d+)?|[^\s\d]+/g) ?? []).map((word) => word.replace(/[.,;:]$/, ""));
  return words.filter((word) => !has(word));
}
