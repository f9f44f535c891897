// A routed group as the outbox keeps it, read back whatever version of this program wrote it: what waits through an upgrade is
// told afterwards.

import type { MessageKind } from "./message-kind.ts";
import type { Destination, Mention, RoutedGroup } from "./notification.ts";

/** Until version 0.1.0 a destination had one kind, and a mention only users. */
interface StoredDestination extends Omit<Destination, "messages" | "mention"> {
  readonly messages?: readonly MessageKind[];
  readonly message?: MessageKind;
  readonly mention: Partial<Mention>;
}

interface StoredGroup extends Omit<RoutedGroup, "destination" | "mergeWaitMs"> {
  readonly destination: StoredDestination;
  readonly mergeWaitMs?: number;
}

export function readRoutedGroup(text: string): RoutedGroup {
  const { destination, group, mergeWaitMs = 0 } = JSON.parse(text) as StoredGroup;
  const { message = "markdown", messages = [message], mention, ...rest } = destination;
  const whole: Mention = { users: [], mobiles: [], all: false, on: [], repeats: false, ...mention };
  return { destination: { ...rest, messages, mention: whole }, group, mergeWaitMs };
}
