// Who puts deliveries into words: what is small at once, on the loop, since waking a thread takes longer than that; all else on the
// thread, which a storm may keep for seconds. What nobody can tell would hold up all behind it: of that only number and names are said.

import type { RenderedDelivery } from "../deliver/lane-options.ts";
import type { Alert } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import { parseRoutedGroup } from "../domain/notification.ts";
import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import { type BaseSettings, settingsAt } from "../render/settings.ts";
import { renderSummary } from "../render/summary.ts";
import type { TemplateSet } from "../render/template-set.ts";
import { draftsOf } from "./drafts.ts";
import { RenderAbandoned } from "./render-abandoned.ts";

/**
 * Of what waits, in characters: some hundred alerts, in words within tens of milliseconds (`npm run bench:render` has a row of that
 * size). So few alerts keep even a template with loops within loops short.
 */
export const smallLength = 64_000;

export interface RendererOptions {
  readonly templates: TemplateSet;
  readonly settings: BaseSettings;
  readonly thread: { render(waiting: QueuedDelivery, at: number): Promise<RenderedDelivery> };
}

export type Render = (waiting: QueuedDelivery, at: number) => Promise<RenderedDelivery>;

export function createRenderer({ templates, settings, thread }: RendererOptions): Render {
  return async (waiting, at) => {
    try {
      if (lengthOf(waiting) <= smallLength) return draftsOf(waiting, templates, settingsAt(at, settings));
    } catch {
      // The thread has ways to tell it all the same.
    }
    try {
      return await thread.render(waiting, at);
    } catch (cause) {
      const [only, ...others] = waiting.groups.flat();
      // Of several, fewer may be told.
      if (cause instanceof RenderAbandoned || only === undefined || others.length > 0) throw cause;
      return unrenderable(only.body, cause, settings.language);
    }
  };
}

function lengthOf({ groups }: QueuedDelivery): number {
  return groups.flat().reduce((sum, { body }) => sum + body.length, 0);
}

/** None when what is stored can not even be read. */
function alertsOf(body: string): readonly Alert[] {
  try {
    return parseRoutedGroup(body).group.alerts;
  } catch {
    return [];
  }
}

function unrenderable(body: string, cause: unknown, language: Language): RenderedDelivery {
  const alerts = alertsOf(body);
  const message = renderSummary(alerts, Buffer.byteLength(body), language);
  return {
    mode: "full",
    kind: "group",
    drafts: [{ body: JSON.stringify(message), kind: "markdown", media: null, picture: null }],
    alerts: alerts.length,
    shortenedValues: 0,
    templateFailures: [{ template: "any", message: cause instanceof Error ? cause.message : String(cause) }],
  };
}
