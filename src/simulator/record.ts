// What the simulator writes down of each request: the types of its inspection API, in process and over HTTP.

import type { JsonObject } from "./body-value.ts";
import type { FaultKind } from "./faults.ts";
import type { MediaKind } from "./rules/media.ts";
import type { MessageType } from "./rules/message-rules.ts";

interface Origin {
  /** Epoch milliseconds on the simulator's clock, when the request's head arrived. */
  readonly at: number;
  /** The robot's name, or "(unknown)" for a key nobody has. */
  readonly robot: string;
  /** 1 for the first key of that name; 0 for an unknown key. */
  readonly keyNumber: number;
}

export const unknownRobot = "(unknown)";

export interface AcceptedMessage extends Origin {
  readonly msgtype: MessageType;
  readonly body: JsonObject;
  /** What the page advises against (建议) or does not promise. */
  readonly advice: readonly string[];
}

export interface Violation extends Origin {
  readonly rule: string;
  /** The answer this rule asks for; 0 when WeCom accepts the message all the same. */
  readonly errcode: number;
  readonly detail: string;
}

export type Outcome = "accepted" | "rejected" | "rateLimited" | "faulted";

export interface Arrival extends Origin {
  readonly outcome: Outcome;
  /** null when the answer carried none. */
  readonly errcode: number | null;
  readonly fault: FaultKind | null;
  /** Requests of this key not yet answered when this one arrived, itself included. */
  readonly inFlight: number;
}

export interface UploadedFile extends Origin {
  readonly mediaId: string;
  readonly kind: MediaKind;
  readonly name: string;
  readonly bytes: number;
  /** The content when it is UTF-8 text, else null. */
  readonly text: string | null;
}

/** One request as the page tells it. */
export interface Entry extends Origin {
  readonly serial: number;
  readonly outcome: Outcome;
  readonly errcode: number | null;
  readonly fault: FaultKind | null;
  readonly message: AcceptedMessage | null;
  readonly file: UploadedFile | null;
  readonly violations: readonly Violation[];
}
