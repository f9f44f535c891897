// Marks a body that may have reached the group already. Idempotent; every body made by render has room for the mark.

import type { Language } from "../domain/message-kind.ts";
import type { WecomMessage } from "../wecom/message.ts";

export function markPossiblyRepeated(_message: WecomMessage, _language: Language): WecomMessage {
  throw new Error("not written yet");
}
