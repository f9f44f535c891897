// Layouts without a template. The plain layout, used when a template fails, names every alert. The summary is used when
// a delivery cannot be rendered at all.

import type { Alert } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { shortenText } from "./fit/shorten-text.ts";
import type { BodyKind } from "./markup/dialect.ts";
import { asOneLine, escapeMarked, markData } from "./markup/escape.ts";
import { countedNames, type DigestView } from "./view/digest-view.ts";
import type { GroupView } from "./view/group-view.ts";
import { alertName, type NameValue } from "./view/labels.ts";
import { filled, type Strings, stringsFor } from "./view/strings.ts";

const nameMaxBytes = 128;
const valueMaxBytes = 384;
const summaryMaxBytes = 512;
/** So that all names of a summary fit one body, each with the mark that it was cut. */
const listedNameMaxBytes = 96;

/** Marked, as `escapeMarked` expects it. */
export function printGroupPlainly(view: GroupView, kind: BodyKind, strings: Strings): string {
  const { part, notice, late, truncated, caveat, actionURL } = view;
  // Text messages are for personal WeChat, which shows no markdown.
  const code = (text: string) => (kind === "text" ? text : `\`${text}\``);
  const named = (text: string, maxBytes = nameMaxBytes) => data(shortenText(text, maxBytes, strings));
  const labels = (pairs: readonly NameValue[]) =>
    pairs.map(({ name, value }) => code(`${named(name)}=${named(value, valueMaxBytes)}`)).join(" ");
  const head = `${named(view.lead)} ${code(named(view.name))}${named(view.others)}${part.text}`;
  const alerts = view.alerts.flatMap((alert) => [
    filled([alert.stateWord, code(named(alert.name)), named(alert.severity), alert.start]).join(" "),
    labels(alert.differing),
    alert.summary === "" ? "" : `${kind === "text" ? "" : "> "}${named(alert.summary, summaryMaxBytes)}`,
    named(alert.recovery, valueMaxBytes),
    alert.caveat === caveat ? "" : named(alert.caveat, valueMaxBytes),
  ]);
  return filled([
    head,
    ...(part.first
      ? [named(notice, valueMaxBytes), late, truncated, named(caveat, valueMaxBytes), labels(view.common)]
      : []),
    ...alerts,
    part.first && actionURL !== "" ? linked(strings.links.action, actionURL, kind) : "",
  ]).join("\n");
}

/** The address is percent-encoded: it ends where it should. */
function linked(text: string, url: string, kind: BodyKind): string {
  return kind === "text" ? `${text} ${url}` : `[${text}](${url})`;
}

const labelsInRow = 3;

/** A line for each alert. Marked, as `escapeMarked` expects it. */
export function printDigestPlainly(view: DigestView, strings: Strings): string {
  const { part, late, truncated, inFile } = view;
  const announcements = view.announcements.map(data);
  const lines = view.alerts.map(({ stateWord, severity, name, differing, recoveredWhileWaiting, caveat }) => {
    const labels = differing.slice(0, labelsInRow).map((label) => `${label.name}=${label.value}`);
    const remark = recoveredWhileWaiting ? strings.recoveredWhileWaiting : "";
    const shown = filled([stateWord, severity, name, ...labels, remark, caveat]);
    return shown.map((text) => data(shortenText(text, nameMaxBytes, strings))).join(" ");
  });
  const first = shortenText(`${view.lead} ${view.firstName}`, nameMaxBytes, strings) + view.moreNames + view.others;
  const below = part.first ? [...announcements, late, view.summaryLine, truncated, inFile] : [];
  return filled([data(first) + part.text, ...below, ...lines]).join("\n");
}

function data(text: string): string {
  return text === "" ? "" : markData(asOneLine(text));
}

/**
 * Only the number and the names of alerts that could not be rendered, most likely because memory ran out.
 * @param bytes UTF-8 length of what is not shown
 */
export function renderSummary(alerts: readonly Alert[], bytes: number, language: Language): WecomMessage {
  const strings = stringsFor(language);
  const named = countedNames(
    alerts.map(({ labels }) => alertName(labels, strings)),
    strings,
  );
  const lines = named.map(({ name, count }) => {
    return `${escapeMarked(`\`${markData(shortenText(name, listedNameMaxBytes, strings))}\``)} × ${count}`;
  });
  const heading = strings.unrenderable(alerts.length, (bytes / 2 ** 20).toFixed(1));
  return { msgtype: "markdown", markdown: { content: [heading, ...lines].join("\n") } };
}
