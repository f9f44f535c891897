// Sentences about alerts instead of alerts: a message of their own, or lines of a digest. They use no template, so a template of the
// operator cannot lose them.

import { firstAlertNames } from "../domain/alert.ts";
import type { MessageKind } from "../domain/message-kind.ts";
import { type DeliveryMode, type GroupDelivery, isAnnouncement } from "../domain/notification.ts";
import { shortenText } from "./fit/shorten-text.ts";
import { type BodyKind, type Dialect, dialects } from "./markup/dialect.ts";
import { asOneLine, markData } from "./markup/escape.ts";
import { plainDraft, type Rendered } from "./message-draft.ts";
import type { RenderSettings } from "./settings.ts";
import { filled, type Strings, stringsFor } from "./view/strings.ts";

/** Of a message. The newest are shown, and how many there are. */
const mostLines = 3;

/** Escaping makes a text longer, at most by a factor of 6: of the last ones, all lines fit in any case. */
const lineBytes = [512, 256, 128, 64];

const mostDigestLines = 5;
const digestLineBytes = 240;

/** @param groups at least one, each of them an announcement */
export function renderAnnouncements(groups: readonly GroupDelivery[], settings: RenderSettings): Rendered {
  const dialect = dialects[bodyKindOf(groups)];
  const bodies = lineBytes.map((maxBytes) => bodyOf(groups, { dialect, settings, maxBytes }));
  const body = bodies.find((one) => Buffer.byteLength(one) <= dialect.maxBytes) ?? "";
  return {
    mode: modeOf(groups),
    parts: [plainDraft(dialect.asMessage(body))],
    alerts: 0,
    templateFailures: [],
    mentioned: [],
    unmentionable: [],
    shortenedValues: 0,
  };
}

interface BodyOptions {
  readonly dialect: Dialect;
  readonly settings: RenderSettings;
  readonly maxBytes: number;
}

function bodyOf(groups: readonly GroupDelivery[], { dialect, settings, maxBytes }: BodyOptions): string {
  const strings = stringsFor(settings.language);
  const lines = groups.map(({ routed }) => {
    const text = filled([settings.display.titlePrefix, routed.notice]).join(" ");
    return shortenText(asOneLine(text), maxBytes, strings);
  });
  return dialect.finish(newest(lines, mostLines, strings).map(markData).join("\n"));
}

function modeOf(groups: readonly GroupDelivery[]): DeliveryMode {
  if (groups.every(({ late }) => late)) return "late";
  return groups.length > 1 ? "digest" : "full";
}

/** Of announcements, and of groups with a notice; as alert text. */
export function announcementLines(groups: readonly GroupDelivery[], strings: Strings): readonly string[] {
  const lines = groups.flatMap(({ routed }) => {
    if (routed.notice === "") return [];
    const about = isAnnouncement(routed) ? "" : firstAlertNames(routed.group.alerts) + strings.colon;
    return [shortenText(asOneLine(about + routed.notice), digestLineBytes, strings)];
  });
  return newest(lines, mostDigestLines, strings);
}

function newest(lines: readonly string[], most: number, strings: Strings): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(-most), strings.moreAnnouncements(lines.length - most)];
}

/** A kind that all of the groups ask for, else markdown, whose limit is twice that of text. */
export function bodyKindOf(groups: readonly GroupDelivery[]): BodyKind {
  const allAsk = (kind: MessageKind) => groups.every(({ routed }) => routed.destination.messages.includes(kind));
  if (allAsk("markdown_v2")) return "markdown_v2";
  return allAsk("text") && !allAsk("markdown") ? "text" : "markdown";
}
