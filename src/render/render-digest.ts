// Many groups in one delivery: totals and a row for each alert, in as few messages as fit; when those would be too many, one
// message and a file with everything.

import type { MessageKind } from "../domain/message-kind.ts";
import type { DigestDelivery } from "../domain/notification.ts";
import { fileParts } from "./alert-file.ts";
import { type DigestBodies, type DigestContext, digestByCode, digestByTemplate } from "./digest-body.ts";
import { type BodyKind, dialects } from "./markup/dialect.ts";
import { limited, type Mentions, mentionsOf, noMentions, type TemplateFailure } from "./mention.ts";
import { addMentions, mentionMessage } from "./mention-message.ts";
import { plainDraft } from "./message-draft.ts";
import type { Rendered } from "./rendered.ts";
import type { RenderSettings } from "./settings.ts";
import { digestName, type TemplateSet } from "./template/template-set.ts";
import { rowsOf } from "./view/alert-row.ts";
import { type DigestFacts, digestFacts } from "./view/digest-view.ts";
import { stringsFor } from "./view/strings.ts";
import { prepareViews } from "./view/view.ts";
import { voiceParts } from "./voice.ts";

export function renderDigest(delivery: DigestDelivery, templates: TemplateSet, settings: RenderSettings): Rendered {
  const rows = rowsOf(delivery.groups, settings);
  const facts = digestFacts(
    delivery,
    rows.map(({ row }) => row),
    settings,
  );
  const { mentions, failures } = mentionsIn(delivery, templates, settings);
  const dialect = dialects[dialectOf(delivery)];
  const inline = dialect.kind === "markdown_v2" ? noMentions : mentions;
  const scene: DigestContext = { facts, rows: rows.map(({ row }) => row), mentions: inline, dialect, settings };
  const { told, templateFailures } = bodiesOf(scene, templates);
  const messages = told.bodies.map(dialect.asMessage);
  const [first, ...others] = messages.map((message, index) => (index === 0 ? addMentions(message, mentions) : message));
  return {
    mode: modeOf(delivery, told),
    parts: [
      ...[first, ...others].flatMap((message) => (message === undefined ? [] : [plainDraft(message)])),
      ...(told.needsFile ? fileParts(rows, { bot: delivery.bot, settings }) : []),
      ...voiceParts(delivery.groups, settings),
      ...companion(remainingMentions(mentions, dialect.kind), facts, settings),
    ],
    templateFailures: [...failures, ...templateFailures],
    shortenedValues: told.shortenedValues,
  };
}

/** Late is what the plan calls it, whatever it looks like. */
function modeOf({ late }: DigestDelivery, { needsFile }: DigestBodies): Rendered["mode"] {
  if (late) return "late";
  return needsFile ? "file" : "digest";
}

/** A kind that every one of the groups asks for; markdown has room for most and is read by most. */
function dialectOf({ groups }: DigestDelivery): BodyKind {
  const allAsk = (kind: MessageKind) => groups.every(({ routed }) => routed.destination.messages.includes(kind));
  if (allAsk("markdown_v2")) return "markdown_v2";
  return allAsk("text") && !allAsk("markdown") ? "text" : "markdown";
}

interface RenderedKind {
  readonly told: DigestBodies;
  readonly templateFailures: readonly TemplateFailure[];
}

function bodiesOf(scene: DigestContext, templates: TemplateSet): RenderedKind {
  const template = templates.body(scene.dialect.kind, digestName);
  try {
    if (template !== null) return { told: digestByTemplate(template, scene), templateFailures: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { told: digestByCode(scene), templateFailures: [{ template: digestName, message }] };
  }
  return {
    told: digestByCode(scene),
    templateFailures: [{ template: digestName, message: "there is no such template" }],
  };
}

/** Of all groups together, so that it costs one message at most. */
function mentionsIn(delivery: DigestDelivery, templates: TemplateSet, settings: RenderSettings) {
  const ringing = delivery.groups.filter(({ routed }) => mentionsSomeone(routed.destination.mention));
  const found = ringing.map((group) =>
    mentionsOf({ delivery: group, views: prepareViews(group, settings), templates }, settings),
  );
  const mentions = limited(
    found.map((one) => one.mentions),
    settings,
  );
  const failures = new Map(found.flatMap((one) => one.failures).map((failure) => [failure.message, failure]));
  return { mentions, failures: [...failures.values()] };
}

function mentionsSomeone({
  users,
  mobiles,
  all,
}: {
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  readonly all: boolean;
}): boolean {
  return all || users.length + mobiles.length > 0;
}

/** Whom the digest itself could not ring. */
function remainingMentions(mentions: Mentions, kind: BodyKind): Mentions {
  if (kind === "text") return noMentions;
  return kind === "markdown" ? { ...mentions, users: [], unmentioned: "" } : mentions;
}

function companion(mentions: Mentions, facts: DigestFacts, settings: RenderSettings) {
  const strings = stringsFor(settings.language);
  const { firingWord, firingCount, resolvedWord, resolvedCount, names } = facts;
  const state =
    firingCount > 0 ? firingWord + strings.alerts(firingCount) : resolvedWord + strings.alerts(resolvedCount);
  const about = `${strings.digest} ${state} ${names.map(({ name }) => name).join(strings.listMark)}`;
  const message = mentionMessage(mentions, about, settings.language);
  return message === null ? [] : [plainDraft(message)];
}
