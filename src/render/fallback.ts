// The plain layout, used when a template fails: state, names, labels and summaries, line by line, so that every alert
// is named whatever its size. And the summary, used when a delivery cannot be rendered at all. No template is involved
// in either.

import type { Alert } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import { markdownMaxBytes } from "../wecom/limits.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { countShortened, shortenText } from "./fit/shorten-text.ts";
import { dialects } from "./markup/dialect.ts";
import { markData, neutralise } from "./markup/escape.ts";
import { withMentions } from "./mention.ts";
import type { Bodies, GroupRenderInput } from "./render-bodies.ts";
import { alertName } from "./view/alert-core.ts";
import type { AlertView, NameValue } from "./view/alert-view.ts";
import { countedNames } from "./view/digest-view.ts";
import { type Strings, stringsFor } from "./view/strings.ts";

/** Escaping makes up to three bytes of one, so a label of these sizes still fits a line, and a line a body. */
const nameMaxBytes = 128;
const valueMaxBytes = 384;
const summaryMaxBytes = 512;
const lineMaxBytes = 1024;
/** So that all names of a summary fit one body, each with the mark that it was cut. */
const listedNameMaxBytes = 96;

export function renderFallback(input: GroupRenderInput): Bodies {
  const strings = stringsFor(input.settings.language);
  const lines = [...groupLines(input, strings), ...input.views.alerts.flatMap((alert) => alertLines(alert, strings))];
  const head = headline(input, strings);
  const named = Buffer.byteLength(withMentions("", input.mentions));
  const room = dialects.markdown.maxBytes - Buffer.byteLength(head) - numberBytes - named;
  const parts = pack(lines, room);
  const bodies = parts.map((part, index) => {
    const number = parts.length === 1 ? "" : ` (${index + 1}/${parts.length})`;
    const body = `${head}${number}\n${part.join("\n")}`;
    return index === 0 ? withMentions(body, input.mentions) : body;
  });
  return { bodies, shortenedValues: bodies.reduce((sum, body) => sum + countShortened(body, strings), 0) };
}

/** ` (1234567/1234567)` and a line feed. */
const numberBytes = 24;

function headline({ views }: GroupRenderInput, strings: Strings): string {
  const { facts } = views;
  const states = [
    facts.firingCount > 0 ? `${facts.firingWord} ${facts.firingCount}` : "",
    facts.resolvedCount > 0 ? `${facts.resolvedWord} ${facts.resolvedCount}` : "",
  ];
  const state = states.filter((text) => text !== "").join(strings.listMark);
  return neutralise(`**${state}** \`${markData(shortenText(facts.name, nameMaxBytes, strings))}\``);
}

function groupLines({ views }: GroupRenderInput, strings: Strings): readonly string[] {
  const { late, truncated, common } = views.facts;
  return [late, truncated].filter((line) => line !== "").concat(labelLines(common, strings));
}

function alertLines(alert: AlertView, strings: Strings): readonly string[] {
  const name = neutralise(`\`${markData(shortenText(alert.name, nameMaxBytes, strings))}\``);
  const severity = neutralise(markData(shortenText(alert.severity, nameMaxBytes, strings)));
  const line = [alert.stateWord, name, severity, alert.start].filter((text) => text !== "").join(" ");
  const summary = shortenText(alert.summary.replace(/\s+/g, " "), summaryMaxBytes, strings);
  return [
    line,
    ...labelLines(alert.differing, strings),
    ...(summary === "" ? [] : [neutralise(`> ${markData(summary)}`)]),
  ];
}

function labelLines(labels: readonly NameValue[], strings: Strings): readonly string[] {
  const lines: string[] = [];
  for (const { name, value } of labels) {
    const text = `${shortenText(name, nameMaxBytes, strings)}=${shortenText(value, valueMaxBytes, strings)}`;
    const label = neutralise(`\`${markData(text)}\``);
    const last = lines.at(-1);
    if (last === undefined || Buffer.byteLength(last) + Buffer.byteLength(label) > lineMaxBytes) lines.push(label);
    else lines[lines.length - 1] = `${last} ${label}`;
  }
  return lines;
}

function pack(lines: readonly string[], maxBytes: number): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1;
    if (bytes > room || parts.length === 0) {
      parts.push([]);
      room = Math.min(maxBytes, markdownMaxBytes);
    }
    parts.at(-1)?.push(line);
    room -= bytes;
  }
  return parts.length === 0 ? [[]] : parts;
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
    return `${neutralise(`\`${markData(shortenText(name, listedNameMaxBytes, strings))}\``)} × ${count}`;
  });
  const heading = strings.unrenderable(alerts.length, (bytes / 2 ** 20).toFixed(1));
  return { msgtype: "markdown", markdown: { content: [heading, ...lines].join("\n") } };
}
