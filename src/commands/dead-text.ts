// Dead deliveries as lines for a person. Pure.

import type { DeadDelivery } from "../outbox/store.ts";
import { messageText, type WecomMessage } from "../wecom/message.ts";

/** Characters of the refused text in a list; `show` has all of it. */
const excerptMax = 60;

/** One line a delivery. */
export function deadAsList(deliveries: readonly DeadDelivery[]): string {
  if (deliveries.length === 0) return "nothing is dead";
  return deliveries.map((delivery) => `${headOf(delivery)}  ${excerpt(delivery)}`).join("\n");
}

/** With every refused part in full. */
export function deadInFull(deliveries: readonly DeadDelivery[]): string {
  const texts = deliveries.map((delivery) => {
    const parts = delivery.parts.map(
      ({ part, reason, body }) => `--- part ${part}, ${reason ?? "other"}\n${textOf(body)}`,
    );
    return [headOf(delivery), ...parts].join("\n");
  });
  return texts.join("\n\n");
}

function headOf({ id, bot, alerts, settledAt, parts }: DeadDelivery): string {
  const reasons = [...new Set(parts.map(({ reason }) => reason ?? "other"))].join(",");
  return `${id}  ${new Date(settledAt).toISOString()}  bot ${bot}  ${alerts} alert${alerts === 1 ? "" : "s"}  ${reasons}`;
}

function excerpt({ parts }: DeadDelivery): string {
  const line =
    textOf(parts[0]?.body ?? "")
      .split("\n")
      .find((each) => each.trim() !== "") ?? "";
  const characters = [...line];
  return characters.length <= excerptMax ? line : `${characters.slice(0, excerptMax - 1).join("")}…`;
}

/** Of another version's body too, which may be of a kind this one does not know. */
function textOf(body: string): string {
  try {
    return messageText(JSON.parse(body) as WecomMessage) ?? body;
  } catch {
    return body;
  }
}
