// What the simulator records of each request: the types of its inspection API, in process and over HTTP.

import type { BodyObject } from "./body-value.ts";
import type { FaultKind } from "./faults.ts";
import type { MediaKind } from "./rules/media.ts";
import type { MessageType } from "./rules/message-rules.ts";

export interface RequestOrigin {
  /** Epoch milliseconds on the simulator's clock, when the headers of the request arrived. */
  readonly at: number;
  /** The robot's name, or "(unknown)" when no robot has the key. */
  readonly robot: string;
  /** 1 for the first key of that name; 0 for an unknown key. */
  readonly keyNumber: number;
}

export const unknownRobot = "(unknown)";

export interface AcceptedMessage extends RequestOrigin {
  readonly msgtype: MessageType;
  readonly body: BodyObject;
  /** What the documentation advises against (建议) or does not describe. */
  readonly advice: readonly string[];
}

export interface Violation extends RequestOrigin {
  readonly rule: string;
  /** The errcode for this rule; 0 when WeCom still accepts the message. */
  readonly errcode: number;
  readonly detail: string;
}

export type RequestOutcome = "accepted" | "rejected" | "rateLimited" | "faulted";

interface RequestRecord extends RequestOrigin {
  readonly outcome: RequestOutcome;
  /** null when the answer had none. */
  readonly errcode: number | null;
  readonly fault: FaultKind | null;
}

export interface SendArrival extends RequestRecord {
  /** Unanswered requests of this key when this one arrived, including this one. */
  readonly inFlight: number;
}

export interface RecordedFile extends RequestOrigin {
  readonly mediaId: string;
  readonly kind: MediaKind;
  readonly name: string;
  readonly bytes: number;
  /** The content if it is UTF-8 text, else null. */
  readonly text: string | null;
}

/** One request as the page shows it. */
export interface ChatEntry extends RequestRecord {
  readonly serial: number;
  readonly message: AcceptedMessage | null;
  readonly file: RecordedFile | null;
  readonly violations: readonly Violation[];
}
