// A telling in, the bodies that tell it out: a card or markdown, in as many parts as WeCom's limits ask for. Never throws: a
// template that fails gives way to the fallback, and is reported.

import type { Language } from "../domain/message-kind.ts";
import type { Telling } from "../domain/notification.ts";
import type { WecomMessage } from "../wecom/message.ts";
import type { TemplateSet } from "./template-set.ts";

export interface RenderSettings {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name. */
  readonly timezone: string;
  readonly language: Language;
  /** Our own address (`external_url`): where a card leads whose alerts have no link. */
  readonly externalURL: string | null;
}

export interface TemplateFailure {
  readonly template: string;
  readonly message: string;
}

export interface Rendered {
  /** At least one. */
  readonly messages: readonly WecomMessage[];
  readonly templateFailures: readonly TemplateFailure[];
  /** Values that did not fit and are shown with a mark of what is missing. */
  readonly shortenedValues: number;
}

export function renderTelling(_telling: Telling, _templates: TemplateSet, _settings: RenderSettings): Rendered {
  throw new Error("not written yet");
}
