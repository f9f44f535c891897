// The message when a template fails: state, names, labels and summaries, laid out by code that has nothing left to fail. Packs
// line by line, so that every alert is named whatever its size.

import { markdownMaxBytes } from "../wecom/limits.ts";
import type { Bodies, RenderContext } from "./body.ts";
import { countShortened, shortenText } from "./fit/shorten.ts";
import { dialects } from "./markup/dialect.ts";
import { markData, neutralise } from "./markup/escape.ts";
import { withMentions } from "./mention.ts";
import type { AlertView, NameValue } from "./view/alert-view.ts";
import { type Strings, stringsFor } from "./view/strings.ts";

/** Escaping makes a byte three at most, so a label of these sizes still fits a line, and a line a body. */
const nameMaxBytes = 128;
const valueMaxBytes = 384;
const textMaxBytes = 512;
const lineBytes = 1024;

export function renderFallback(scene: RenderContext): Bodies {
  const strings = stringsFor(scene.settings.language);
  const lines = [...groupLines(scene, strings), ...scene.views.alerts.flatMap((alert) => alertLines(alert, strings))];
  const head = headline(scene, strings);
  const named = Buffer.byteLength(withMentions("", scene.mentions));
  const room = dialects.markdown.maxBytes - Buffer.byteLength(head) - numberBytes - named;
  const parts = pack(lines, room);
  const bodies = parts.map((part, index) => {
    const number = parts.length === 1 ? "" : ` (${index + 1}/${parts.length})`;
    const body = `${head}${number}\n${part.join("\n")}`;
    return index === 0 ? withMentions(body, scene.mentions) : body;
  });
  return { bodies, shortenedValues: bodies.reduce((sum, body) => sum + countShortened(body, strings), 0) };
}

/** ` (1234567/1234567)` and a line feed. */
const numberBytes = 24;

function headline({ views }: RenderContext, strings: Strings): string {
  const { facts } = views;
  const states = [
    facts.firingCount > 0 ? `${facts.firingWord} ${facts.firingCount}` : "",
    facts.resolvedCount > 0 ? `${facts.resolvedWord} ${facts.resolvedCount}` : "",
  ];
  const state = states.filter((text) => text !== "").join(strings.listMark);
  return neutralise(`**${state}** \`${markData(shortenText(facts.name, nameMaxBytes, strings))}\``);
}

function groupLines({ views }: RenderContext, strings: Strings): readonly string[] {
  const { late, truncated, common } = views.facts;
  return [...[late, truncated].filter((line) => line !== ""), ...labelLines(common, strings)];
}

function alertLines(alert: AlertView, strings: Strings): readonly string[] {
  const name = neutralise(`\`${markData(shortenText(alert.name, nameMaxBytes, strings))}\``);
  const severity = neutralise(markData(shortenText(alert.severity, nameMaxBytes, strings)));
  const line = [alert.stateWord, name, severity, alert.start].filter((text) => text !== "").join(" ");
  const summary = shortenText(alert.summary.replace(/\s+/g, " "), textMaxBytes, strings);
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
    if (last === undefined || Buffer.byteLength(last) + Buffer.byteLength(label) > lineBytes) lines.push(label);
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
