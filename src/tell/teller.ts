// Who puts tellings into words: what is small at once, on the loop, since waking a thread takes longer than that; all else on the
// thread, which a storm may keep for seconds.

import type { RenderedTelling } from "../deliver/lane-options.ts";
import type { WaitingTelling } from "../domain/waiting-telling.ts";
import { type StandingSettings, settingsAt } from "../render/settings.ts";
import type { TemplateSet } from "../render/template-set.ts";
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
    if (!isSmall(waiting)) return thread.tell(waiting, at);
    try {
      return draftsOf(waiting, templates, settingsAt(at, settings));
    } catch {
      // The thread has ways to tell it all the same.
      return thread.tell(waiting, at);
    }
  };
}

function isSmall({ groups }: WaitingTelling): boolean {
  return groups.flat().reduce((sum, { body }) => sum + body.length, 0) <= smallLength;
}
