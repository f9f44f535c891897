// What render has to know beside the telling and the templates.

import type { Language } from "../domain/message-kind.ts";

export interface RenderSettings {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name. */
  readonly timezone: string;
  readonly language: Language;
  /** Our own address (`external_url`): where a card leads whose alerts have no link. */
  readonly externalURL: string | null;
}
