// Many groups in one delivery: totals and a row for each alert, in as few messages as fit. When they would be too many,
// one message and a file with all alerts.

import { type DigestDelivery, isAnnouncement, type Mention } from "../domain/notification.ts";
import { fileDrafts } from "./alert-file.ts";
import { shortenView } from "./fit/shorten-alerts.ts";
import { dialects } from "./markup/dialect.ts";
import {
  everyoneMentioned,
  mentionDrafts,
  mentionsOf,
  mergedMentions,
  noMentions,
  remainingMentions,
} from "./mention.ts";
import { noSuchTemplate, type Rendered } from "./message-draft.ts";
import { printDigestPlainly } from "./plain-layout.ts";
import { announcementLines, bodyKindOf } from "./render-announcement.ts";
import { type BodyRun, type BodySource, renderBodies } from "./render-bodies.ts";
import type { RenderSettings } from "./settings.ts";
import { digestName, type LanguageTemplates } from "./template/template-set.ts";
import {
  type AlertRow,
  areRanked,
  type DigestFacts,
  type DigestView,
  digestFacts,
  rowsOf,
  viewDigestRun,
} from "./view/digest-view.ts";
import { prepareViews } from "./view/group-view.ts";
import { type Strings, stringsFor } from "./view/strings.ts";
import { voiceDrafts } from "./voice.ts";

export function renderDigest(
  { groups, ...given }: DigestDelivery,
  templates: LanguageTemplates,
  settings: RenderSettings,
): Rendered {
  const delivery = { ...given, groups: groups.filter(({ routed }) => !isAnnouncement(routed)) };
  const sourced = rowsOf(delivery.groups, settings);
  const rows = sourced.map(({ row }) => row);
  const announcements = announcementLines(groups, stringsFor(settings.language));
  const facts = digestFacts(delivery, { rows, announcements }, settings);
  const { mentions, failures } = mentionsIn(delivery, templates, settings);
  const kind = bodyKindOf(delivery.groups);
  const template = templates.body(kind, digestName);
  const strings = stringsFor(settings.language);
  const allInFile = strings.allInFile(rows.length, areRanked(rows, settings));
  const source: BodySource<DigestView> = {
    alerts: rows.length,
    dialect: dialects[kind],
    mentions: kind === "markdown_v2" ? noMentions : mentions,
    settings,
    maxMessages: settings.digest.maxMessages,
    view: (run) => {
      const inFile = run.isExcerpt ? allInFile : "";
      const notices = inFile === "" ? facts.notices : [...facts.notices, inFile];
      return viewRows({ facts: { ...facts, inFile, notices }, rows, strings }, run);
    },
    plainly: (view) => printDigestPlainly(view, strings),
  };
  const { parts, complete, ...rendered } = renderBodies(source, template);
  const missing = template === null ? [noSuchTemplate(digestName)] : [];
  return {
    alerts: rows.length,
    mode: modeOf(delivery, complete),
    parts: [
      ...parts,
      ...(complete ? [] : fileDrafts(sourced, { bot: delivery.bot, settings })),
      ...voiceDrafts(delivery.groups, settings),
      ...mentionDrafts(remainingMentions(mentions, kind), facts, strings),
    ],
    templateFailures: [...failures, ...missing, ...rendered.failures],
    mentioned: everyoneMentioned(mentions),
    unmentionable: mentions.unmentionable,
    shortenedValues: rendered.shortenedValues,
  };
}

/** The mode of a late delivery is late, whatever its messages look like. */
function modeOf({ late }: DigestDelivery, complete: boolean): Rendered["mode"] {
  if (late) return "late";
  return complete ? "digest" : "file";
}

interface DigestRows {
  readonly facts: DigestFacts;
  readonly rows: readonly AlertRow[];
  readonly strings: Strings;
}

function viewRows({ facts, rows, strings }: DigestRows, run: BodyRun): DigestView {
  const shown = rows.slice(run.from, run.to);
  const { shorten } = run;
  if (shorten === null) return { ...facts, ...viewDigestRun(shown, run, strings) };
  const shortened = shown.map((row) => shortenView(row, shorten));
  return { ...shortenView(facts, shorten), ...viewDigestRun(shortened, run, strings) };
}

/** Of all groups together, so that they need one message at most. */
function mentionsIn({ groups }: DigestDelivery, templates: LanguageTemplates, settings: RenderSettings) {
  const mentioning = groups.filter(({ routed }) => mentionsSomeone(routed.destination.mention));
  const found = mentioning.map((group) =>
    mentionsOf({ delivery: group, views: prepareViews(group, settings), templates, settings }),
  );
  return mergedMentions(found, stringsFor(settings.language));
}

function mentionsSomeone({ users, mobiles, all }: Mention): boolean {
  return all || users.length + mobiles.length > 0;
}
