// Who puts tellings into words: what is small at once, on the loop, since waking a thread takes longer than that; all else on the
// thread, which a storm may keep for seconds. What nobody can tell would hold up all behind it: of that only number and names are said.

import type { RenderedTelling } from "../deliver/lane-options.ts";
import { TellingAbandoned } from "../deliver/telling-abandoned.ts";
import type { Alert } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import { parseRoutedGroup } from "../domain/notification.ts";
import type { WaitingTelling } from "../domain/waiting-telling.ts";
import { type StandingSettings, settingsAt } from "../render/settings.ts";
import type { TemplateSet } from "../render/template-set.ts";
import { renderUntellable } from "../render/untellable.ts";
import { draftsOf } from "./drafts.ts";

/**
 * Of what waits, in characters: some hundred alerts, in words within tens of milliseconds (`npm run bench:render` has a row of that
 * size). So few alerts keep even a template with loops within loops short.
 */
export const smallLength = 64_000;

export interface TellerParts {
  readonly templates: TemplateSet;
  readonly settings: StandingSettings;
  readonly thread: { tell(waiting: WaitingTelling, at: number): Promise<RenderedTelling> };
}

export type Tell = (waiting: WaitingTelling, at: number) => Promise<RenderedTelling>;

export function createTeller({ templates, settings, thread }: TellerParts): Tell {
  return async (waiting, at) => {
    try {
      if (lengthOf(waiting) <= smallLength) return draftsOf(waiting, templates, settingsAt(at, settings));
    } catch {
      // The thread has ways to tell it all the same.
    }
    try {
      return await thread.tell(waiting, at);
    } catch (cause) {
      const [only, ...others] = waiting.groups.flat();
      // Of several, fewer may be told.
      if (cause instanceof TellingAbandoned || only === undefined || others.length > 0) throw cause;
      return untellable(only.body, cause, settings.language);
    }
  };
}

function lengthOf({ groups }: WaitingTelling): number {
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

function untellable(body: string, cause: unknown, language: Language): RenderedTelling {
  const alerts = alertsOf(body);
  const message = renderUntellable(alerts, Buffer.byteLength(body), language);
  return {
    form: "full",
    kind: "group",
    drafts: [{ body: JSON.stringify(message), kind: "markdown", media: null, picture: null }],
    alerts: alerts.length,
    shortenedValues: 0,
    templateFailures: [{ template: "any", message: cause instanceof Error ? cause.message : String(cause) }],
  };
}
