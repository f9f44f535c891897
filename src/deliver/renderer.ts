// Renders a planned delivery: a small one inline, since starting a thread takes longer than that; a large one on the thread, which a
// storm may occupy for seconds. A single notification that cannot be rendered at all becomes a summary, so that it never blocks the
// lane.

import type { Acknowledgement } from "../domain/action.ts";
import { type Alert, firstAlertNames, type LabelSet } from "../domain/alert.ts";
import type { DeliveredStates } from "../domain/instance.ts";
import type { Language } from "../domain/message-kind.ts";
import {
  type DigestDelivery,
  type GroupDelivery,
  isAnnouncement,
  parseRoutedGroup,
  type RoutedGroup,
} from "../domain/notification.ts";
import type { Recovery } from "../domain/recovery.ts";
import type { QueuedGroup } from "../outbox/lane.ts";
import { isNeedless, shownStates } from "../plan/news.ts";
import { supersede } from "../plan/supersede.ts";
import { plainDraft, type Rendered } from "../render/message-draft.ts";
import { renderSummary } from "../render/plain-layout.ts";
import { renderDelivery } from "../render/render.ts";
import { type BaseSettings, settingsAt } from "../render/settings.ts";
import type { TemplateSet } from "../render/template/template-set.ts";
import { ThreadClosed } from "../threads/question-thread.ts";

/** What the planner decided, and the stored groups that it decided for. */
export interface RenderRequest {
  readonly bot: string;
  /** All of it waited past `max_age`. */
  readonly late: boolean;
  readonly urgent: boolean;
  /** A single group is delivered in full when that takes no more messages than this, else as a digest; 0: always as a digest. */
  readonly mostInFull: number;
  /** In order of acceptance; of each group its notifications, oldest first, at least one. */
  readonly groups: readonly (readonly QueuedGroup[])[];
  /** Of this bot: the last delivered state of each alert. */
  readonly delivered: DeliveredStates;
  /** By identity, of resolved alerts; only of a single group. */
  readonly recoveries: ReadonlyMap<string, Recovery>;
  /** Of this bot: who works on alerts. */
  readonly acknowledgements: readonly Acknowledgement[];
  /** Now, by the clock of `acceptedAt`; epoch ms. */
  readonly plannedAt: number;
  /** Now, by the machine's clock, which may have been set since the service started. */
  readonly wallAt: number;
}

export interface RenderedRequest extends Rendered {
  /** JSON array of DeliveredState. As text, since so many objects take long to copy from a thread. */
  readonly states: string;
  /** Ids of notifications that need no message: reminders that came too early. */
  readonly suppressed: readonly number[];
  /** The first names of the alerts, as text. */
  readonly names: string;
}

export type RenderPlanned = (request: RenderRequest) => Promise<RenderedRequest>;

export interface RendererOptions {
  readonly templates: TemplateSet;
  readonly settings: BaseSettings;
  readonly thread: { readonly render: RenderPlanned };
}

/**
 * Of the stored JSON, in characters: some hundred alerts, rendered within tens of milliseconds (`npm run bench:render` has a row of
 * that size). With so few alerts even a template with nested loops is quick.
 */
export const smallLength = 64_000;

/** Of the JSON of one text, in characters. It may have thousands of lines, which take as long to render as some hundred alerts. */
export const longTextLength = 16_000;

export function createRenderer({ templates, settings, thread }: RendererOptions): RenderPlanned {
  return async (request) => {
    try {
      if (!isSmall(request)) return await thread.render(request);
      return renderRequest(request, templates, settings);
    } catch (cause) {
      const [only, ...others] = request.groups.flat();
      // With several notifications, the caller tries again with fewer.
      if (cause instanceof ThreadClosed || only === undefined || others.length > 0) throw cause;
      return summaryOf(only.body, cause, settings.language);
    }
  };
}

/** From stored groups to message drafts. Pure; takes seconds for a storm. */
export function renderRequest(request: RenderRequest, templates: TemplateSet, base: BaseSettings): RenderedRequest {
  const settings = settingsAt(request.wallAt, base);
  const merged = mergeGroups(request);
  const isSuppressed = merged.map((group) => isNeedless(group, settings.now));
  const groups = merged.filter((_, n) => !isSuppressed[n]);
  const beside = {
    names: firstAlertNames(groups.flatMap(({ routed }) => namedBy(routed))),
    states: JSON.stringify(shownStates(groups, request.plannedAt)),
    suppressed: request.groups.flatMap((queued, n) => (isSuppressed[n] ? queued.map(({ id }) => id) : [])),
  };
  const [only] = groups;
  if (only === undefined) return { ...nothing, ...beside };
  if (request.mostInFull > 0) {
    const inFull = renderDelivery(only, templates, settings);
    // A group that takes more messages would delay all groups after it.
    const required = inFull.parts.filter(({ picture }) => picture === null);
    if (required.length <= request.mostInFull) return { ...inFull, ...beside };
  }
  return { ...renderDelivery(digestOf(request, groups), templates, settings), ...beside };
}

/** An announcement has no alerts, but the labels that those it is about have in common. */
function namedBy(routed: RoutedGroup): readonly { readonly labels: LabelSet }[] {
  return isAnnouncement(routed) ? [{ labels: routed.group.groupLabels }] : routed.group.alerts;
}

const nothing: Rendered = {
  mode: "full",
  parts: [],
  alerts: 0,
  templateFailures: [],
  mentioned: [],
  unmentionable: [],
  shortenedValues: 0,
};

/** Each group with the newest state of its alerts. Its times are of the machine's clock. */
export function mergeGroups(request: RenderRequest): readonly GroupDelivery[] {
  const wallAheadMs = request.wallAt - request.plannedAt;
  return request.groups.map(([first, ...others]) => {
    if (first === undefined) throw new Error("a group to render has no notification");
    const merged = supersede([first, ...others], request);
    const remindedAt = merged.remindedAt === null ? null : merged.remindedAt + wallAheadMs;
    return { ...merged, acceptedAt: merged.acceptedAt + wallAheadMs, remindedAt, recoveries: request.recoveries };
  });
}

/** All of them as one. */
export function digestOf({ bot, late, urgent }: RenderRequest, groups: readonly GroupDelivery[]): DigestDelivery {
  const acceptedAt = groups.reduce((oldest, group) => Math.min(oldest, group.acceptedAt), Number.POSITIVE_INFINITY);
  return { kind: "digest", bot, late, urgent, groups, acceptedAt };
}

function isSmall({ groups }: RenderRequest): boolean {
  const queued = groups.flat();
  const length = queued.reduce((sum, { body }) => sum + body.length, 0);
  return length <= smallLength && !queued.some(({ body }) => hasLongText(body));
}

/** One after the other: a sender may post nothing but quotes. */
const jsonTexts = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

function hasLongText(json: string): boolean {
  return json.length > longTextLength && json.matchAll(jsonTexts).some(([text]) => text.length > longTextLength);
}

function summaryOf(body: string, cause: unknown, fallback: Language): RenderedRequest {
  const { alerts, language } = readableParts(body) ?? { alerts: [], language: fallback };
  return {
    ...nothing,
    states: "[]",
    suppressed: [],
    names: firstAlertNames(alerts),
    parts: [plainDraft(renderSummary(alerts, Buffer.byteLength(body), language))],
    alerts: alerts.length,
    templateFailures: [{ template: "any", message: cause instanceof Error ? cause.message : String(cause) }],
  };
}

/** Null when the stored text cannot be read. */
function readableParts(body: string): { readonly alerts: readonly Alert[]; readonly language: Language } | null {
  try {
    const { group, destination } = parseRoutedGroup(body);
    return { alerts: group.alerts, language: destination.language };
  } catch {
    return null;
  }
}
