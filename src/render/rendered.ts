// A delivery in words: bodies in the order in which they leave, and what gave way on the way to them.

import type { DeliveryMode } from "../domain/notification.ts";
import type { TemplateFailure } from "./mention.ts";
import type { MessageDraft } from "./message-draft.ts";

export interface Rendered {
  readonly mode: DeliveryMode;
  /** At least one. */
  readonly parts: readonly MessageDraft[];
  readonly templateFailures: readonly TemplateFailure[];
  /** Values that did not fit and are shown with a mark of what is missing. */
  readonly shortenedValues: number;
}
