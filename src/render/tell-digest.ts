// Many groups in one telling: totals and a row for each alert, in as few messages as fit; when those would be too many, one
// message and a file with everything.

import type { MessageKind } from "../domain/message-kind.ts";
import type { DigestTelling } from "../domain/notification.ts";
import { fileParts } from "./alert-file.ts";
import { rowsOf } from "./alert-row.ts";
import { type BodyKind, dialects } from "./dialect.ts";
import { type DigestBodies, type DigestScene, digestByCode, digestByTemplate } from "./digest-body.ts";
import { type DigestFacts, digestFacts } from "./digest-view.ts";
import { limited, type Mentions, mentionsOf, nobody, type TemplateFailure } from "./mention.ts";
import { plainPart } from "./outgoing.ts";
import type { Rendered } from "./rendered.ts";
import { ringingMessage, ringingWith } from "./ring.ts";
import type { RenderSettings } from "./settings.ts";
import { sirenParts } from "./siren.ts";
import { digestName, type TemplateSet } from "./template-set.ts";
import { prepareViews } from "./view.ts";
import { wordsOf } from "./words.ts";

export function tellDigest(telling: DigestTelling, templates: TemplateSet, settings: RenderSettings): Rendered {
  const rows = rowsOf(telling.groups, settings);
  const facts = digestFacts(
    telling,
    rows.map(({ row }) => row),
    settings,
  );
  const { mentions, failures } = mentionsIn(telling, templates, settings);
  const dialect = dialects[dialectOf(telling)];
  const inline = dialect.kind === "markdown_v2" ? nobody : mentions;
  const scene: DigestScene = { facts, rows: rows.map(({ row }) => row), mentions: inline, dialect, settings };
  const { told, templateFailures } = bodiesOf(scene, templates);
  const messages = told.bodies.map(dialect.asMessage);
  const [first, ...others] = messages.map((message, index) => (index === 0 ? ringingWith(message, mentions) : message));
  return {
    form: formOf(telling, told),
    parts: [
      ...[first, ...others].flatMap((message) => (message === undefined ? [] : [plainPart(message)])),
      ...(told.needsFile ? fileParts(rows, { bot: telling.bot, settings }) : []),
      ...sirenParts(telling.groups, settings),
      ...companion(unrung(mentions, dialect.kind), facts, settings),
    ],
    templateFailures: [...failures, ...templateFailures],
    shortenedValues: told.shortenedValues,
  };
}

/** Late is what the plan calls it, whatever it looks like. */
function formOf({ late }: DigestTelling, { needsFile }: DigestBodies): Rendered["form"] {
  if (late) return "late";
  return needsFile ? "file" : "digest";
}

/** A kind that every one of the groups asks for; markdown has room for most and is read by most. */
function dialectOf({ groups }: DigestTelling): BodyKind {
  const allAsk = (kind: MessageKind) => groups.every(({ routed }) => routed.destination.messages.includes(kind));
  if (allAsk("markdown_v2")) return "markdown_v2";
  return allAsk("text") && !allAsk("markdown") ? "text" : "markdown";
}

interface Told {
  readonly told: DigestBodies;
  readonly templateFailures: readonly TemplateFailure[];
}

function bodiesOf(scene: DigestScene, templates: TemplateSet): Told {
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
function mentionsIn(telling: DigestTelling, templates: TemplateSet, settings: RenderSettings) {
  const ringing = telling.groups.filter(({ routed }) => ringsSomeone(routed.destination.mention));
  const found = ringing.map((group) =>
    mentionsOf({ telling: group, views: prepareViews(group, settings), templates }, settings),
  );
  const mentions = limited(
    found.map((one) => one.mentions),
    settings,
  );
  const failures = new Map(found.flatMap((one) => one.failures).map((failure) => [failure.message, failure]));
  return { mentions, failures: [...failures.values()] };
}

function ringsSomeone({
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
function unrung(mentions: Mentions, kind: BodyKind): Mentions {
  if (kind === "text") return nobody;
  return kind === "markdown" ? { ...mentions, users: [], unmentioned: "" } : mentions;
}

function companion(mentions: Mentions, facts: DigestFacts, settings: RenderSettings) {
  const words = wordsOf(settings.language);
  const { firingWord, firingCount, resolvedWord, resolvedCount, names } = facts;
  const state = firingCount > 0 ? firingWord + words.alerts(firingCount) : resolvedWord + words.alerts(resolvedCount);
  const about = `${words.digest} ${state} ${names.map(({ name }) => name).join(words.listMark)}`;
  const message = ringingMessage(mentions, about, settings.language);
  return message === null ? [] : [plainPart(message)];
}
