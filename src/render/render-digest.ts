// Many groups in one delivery: totals and a row for each alert, in as few messages as fit. When they would be too many,
// one message and a file with all alerts.

import type { MessageKind } from "../domain/message-kind.ts";
import type { DigestDelivery, Mention } from "../domain/notification.ts";
import { fileDrafts } from "./alert-file.ts";
import { type FitOptions, fitFirst, fitWithin, overflowFactor, type Run } from "./fit/fit.ts";
import { shortenDigestFacts, shortenRow } from "./fit/shorten-alerts.ts";
import { countShortened, shortenText } from "./fit/shorten-text.ts";
import { shortenerFor } from "./fit/shortener.ts";
import { type BodyKind, type Dialect, dialects } from "./markup/dialect.ts";
import { asOneLine, markData } from "./markup/escape.ts";
import {
  addMentions,
  type FoundMentions,
  type Mentions,
  mentionMessage,
  mentionsOf,
  mergedMentions,
  noMentions,
  remainingMentions,
  withMentions,
} from "./mention.ts";
import { failureOf, noSuchTemplate, plainDraft, type Rendered, type TemplateFailure } from "./message-draft.ts";
import { unlessTooMuch } from "./render-bodies.ts";
import type { RenderSettings } from "./settings.ts";
import { digestName, type TemplateSet } from "./template/template-set.ts";
import { type AlertRow, rowsOf } from "./view/alert-row.ts";
import { type DigestFacts, type DigestView, digestFacts, viewDigest } from "./view/digest-view.ts";
import { prepareViews } from "./view/group-view.ts";
import { stringsFor } from "./view/strings.ts";
import { voiceDrafts } from "./voice.ts";

export function renderDigest(delivery: DigestDelivery, templates: TemplateSet, settings: RenderSettings): Rendered {
  const sourced = rowsOf(delivery.groups, settings);
  const rows = sourced.map(({ row }) => row);
  const facts = digestFacts(delivery, rows, settings);
  const { mentions, failures } = mentionsIn(delivery, templates, settings);
  const dialect = dialects[dialectOf(delivery)];
  const inBody = dialect.kind === "markdown_v2" ? noMentions : mentions;
  const digest = renderDigestBodies({ facts, rows, mentions: inBody, dialect, settings }, templates);
  const messages = digest.bodies.map(dialect.asMessage);
  const about = subjectOf(facts, settings);
  const companion = mentionMessage(remainingMentions(mentions, dialect.kind), about, settings.language);
  return {
    mode: modeOf(delivery, digest),
    parts: [
      ...messages.map((message, index) => plainDraft(index === 0 ? addMentions(message, mentions) : message)),
      ...(digest.needsFile ? fileDrafts(sourced, { bot: delivery.bot, settings }) : []),
      ...voiceDrafts(delivery.groups, settings),
      ...(companion === null ? [] : [plainDraft(companion)]),
    ],
    templateFailures: [...failures, ...digest.failures],
    shortenedValues: digest.shortenedValues,
  };
}

/** The mode of a late delivery is late, whatever its messages look like. */
function modeOf({ late }: DigestDelivery, { needsFile }: DigestBodies): Rendered["mode"] {
  if (late) return "late";
  return needsFile ? "file" : "digest";
}

/** A kind that all of the groups ask for, else markdown, which has the most room. */
function dialectOf({ groups }: DigestDelivery): BodyKind {
  const allAsk = (kind: MessageKind) => groups.every(({ routed }) => routed.destination.messages.includes(kind));
  if (allAsk("markdown_v2")) return "markdown_v2";
  return allAsk("text") && !allAsk("markdown") ? "text" : "markdown";
}

/** Of all groups together, so that they need one message at most. */
function mentionsIn(delivery: DigestDelivery, templates: TemplateSet, settings: RenderSettings): FoundMentions {
  const mentioning = delivery.groups.filter(({ routed }) => mentionsSomeone(routed.destination.mention));
  const found = mentioning.map((group) =>
    mentionsOf({ delivery: group, views: prepareViews(group, settings), templates, settings }),
  );
  const mentions = mergedMentions(
    found.map((one) => one.mentions),
    settings.language,
  );
  const failures = new Map(found.flatMap((one) => one.failures).map((failure) => [failure.message, failure]));
  return { mentions, failures: [...failures.values()] };
}

function mentionsSomeone({ users, mobiles, all }: Mention): boolean {
  return all || users.length + mobiles.length > 0;
}

function subjectOf(facts: DigestFacts, { language }: RenderSettings): string {
  const strings = stringsFor(language);
  const state =
    facts.firingCount > 0
      ? facts.firingWord + strings.alerts(facts.firingCount)
      : facts.resolvedWord + strings.alerts(facts.resolvedCount);
  return `${strings.digest} ${state} ${facts.names.map(({ name }) => name).join(strings.listMark)}`;
}

interface DigestInput {
  readonly facts: DigestFacts;
  readonly rows: readonly AlertRow[];
  readonly mentions: Mentions;
  readonly dialect: Dialect;
  readonly settings: RenderSettings;
}

interface DigestBodies {
  readonly bodies: readonly string[];
  /** Only the most urgent alerts are in the bodies: a file has to follow. */
  readonly needsFile: boolean;
  readonly failures: readonly TemplateFailure[];
  readonly shortenedValues: number;
}

type PrintDigest = (view: DigestView) => string;

/** By the template of digests; in the plain layout when there is none or it fails. */
function renderDigestBodies(input: DigestInput, templates: TemplateSet): DigestBodies {
  const { settings, dialect } = input;
  const plain = (failure: TemplateFailure) => ({
    ...fitDigest(input, (view) => printPlainly(view, settings)),
    failures: [failure],
  });
  const template = templates.body(dialect.kind, digestName);
  if (template === null) return plain(noSuchTemplate(digestName));
  try {
    return fitDigest(input, (view) => template.render(view, settings, overflowFactor * dialect.maxBytes));
  } catch (error) {
    return plain(failureOf(digestName, error));
  }
}

function fitDigest(input: DigestInput, print: PrintDigest): DigestBodies {
  const { rows, dialect, settings, facts } = input;
  const strings = stringsFor(settings.language);
  const options = (shownFacts: DigestFacts): FitOptions => ({
    count: rows.length,
    maxBytes: dialect.maxBytes,
    render: (run) => renderDigestRun({ ...input, facts: shownFacts }, print, run),
  });
  const all = fitWithin(options(facts), settings.digest.maxMessages);
  const bodies = all ?? [fitFirst(options({ ...facts, inFile: strings.allInFile(rows.length) }))];
  const shortenedValues = bodies.reduce((sum, body) => sum + countShortened(body, strings), 0);
  return { bodies, needsFile: all === null, failures: [], shortenedValues };
}

function renderDigestRun(input: DigestInput, print: PrintDigest, run: Run): string | null {
  const named = run.number === 1 ? input.mentions : noMentions;
  const text = unlessTooMuch(() => print(viewDigestRun(input, named, run)));
  if (text === null) return null;
  const body = input.dialect.finish(text);
  if (body === "") throw new Error("the template of digests prints nothing");
  return withMentions(body, named);
}

function viewDigestRun({ facts, rows, settings }: DigestInput, mentions: Mentions, run: Run): DigestView {
  const shown = rows.slice(run.from, run.to);
  const part = { number: run.number, total: run.total, mentions };
  if (run.level === null) return viewDigest(facts, { ...part, rows: shown });
  const shorten = shortenerFor(run.level, stringsFor(settings.language));
  return viewDigest(shortenDigestFacts(facts, shorten), {
    ...part,
    rows: shown.map((row) => shortenRow(row, shorten)),
  });
}

/** Escaping makes up to three bytes of one. */
const plainValueMaxBytes = 128;
const labelsShown = 3;

function printPlainly(view: DigestView, { language }: RenderSettings): string {
  const strings = stringsFor(language);
  const data = (text: string) => markData(asOneLine(shortenText(text, plainValueMaxBytes, strings)));
  const { part, late, truncated, inFile } = view;
  const number = part.total > 1 ? ` (${part.number}/${part.total})` : "";
  const firing = view.firingWord + strings.alerts(view.firingCount);
  const resolved = view.resolvedWord + strings.alerts(view.resolvedCount);
  const totals = firing + strings.listMark + resolved;
  const head = [
    part.first ? late : "",
    `${strings.digest}${number}`,
    ...(part.first ? [totals, truncated, inFile] : []),
  ];
  const lines = view.alerts.map(({ stateWord, severity, name, differing, recoveredWhileWaiting }) => {
    const labels = differing.slice(0, labelsShown).map(({ name, value }) => `${name}=${value}`);
    const shown = [stateWord, severity, name, ...labels, recoveredWhileWaiting ? strings.recoveredWhileWaiting : ""];
    return shown
      .filter((text) => text !== "")
      .map(data)
      .join(" ");
  });
  return [...head.filter((line) => line !== ""), ...lines].join("\n");
}
