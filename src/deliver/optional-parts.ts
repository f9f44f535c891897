// The optional parts of one lane, from the plan of their delivery until each is sent or omitted. They live in this memory only: after
// a restart there are none. Each ends once, and is reported then.

import type { OptionalResult } from "../domain/optional-part.ts";
import type { SettledDelivery } from "../outbox/lane.ts";
import type { WantedPicture } from "../render/message-draft.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { OptionalPart, OptionalPhase } from "./optional-step.ts";

/** Of one delivery. */
export interface WantedParts {
  readonly deliveryId: number;
  readonly groupIds: readonly string[];
  readonly wanted: readonly WantedPicture[];
}

export interface LeavingPart {
  readonly deliveryId: number;
  readonly body: string;
  readonly givenUp: AbortSignal;
}

interface KeptPart {
  readonly deliveryId: number;
  readonly groupIds: readonly string[];
  readonly wanted: WantedPicture;
  /** Ends its making, or its request. */
  readonly abort: AbortController;
  phase: OptionalPhase;
  body: string;
}

/** WeCom answers within a few hundred milliseconds. After a request that is cut, the next one needs a new connection. */
const hurryMs = 500;

export class OptionalParts {
  readonly #options: LaneOptions;
  readonly #wake: () => void;
  readonly #parts = new Map<number, KeptPart>();
  #lastId = 0;
  /** Its request is on the way, and no text waits for that yet. */
  #leaving: KeptPart | null = null;

  /** `wake` is called when a part may be ready for its next step. */
  constructor(options: LaneOptions, wake: () => void) {
    this.#options = options;
    this.#wake = wake;
  }

  list(): readonly OptionalPart[] {
    return [...this.#parts].map(([id, { phase }]) => ({ id, phase }));
  }

  add({ deliveryId, groupIds, wanted }: WantedParts): void {
    for (const one of wanted) {
      this.#lastId += 1;
      const kept = { deliveryId, groupIds, wanted: one, abort: new AbortController(), body: "" };
      this.#parts.set(this.#lastId, { ...kept, phase: { kind: "planned" } });
    }
  }

  /** All messages of a delivery are sent, or one is dead. */
  textSettled({ id, failures, keyId }: SettledDelivery, textSentAt: number): void {
    if (failures.length > 0 || keyId === null) this.endOf(id, "textDead");
    for (const part of this.#parts.values()) {
      if (part.deliveryId !== id || keyId === null) continue;
      part.phase = { kind: "wanted", textSentAt, keyId };
      this.#wake();
    }
  }

  /** Not awaited: text does not wait for it. */
  fill(id: number): void {
    const part = this.#parts.get(id);
    if (part === undefined || part.phase.kind !== "wanted") return;
    const { bodies, process } = this.#options;
    if (!process.filledParts.take()) {
      this.end(id, "busy");
      return;
    }
    const { phase } = part;
    part.phase = { ...phase, kind: "filling" };
    bodies.fill(part.wanted, part.abort.signal).then(
      (filled) => {
        // One that was omitted meanwhile has ended.
        if (!this.#parts.has(id)) return;
        if (filled.kind === "omitted") this.end(id, filled.result, filled.detail);
        else {
          part.phase = { ...phase, kind: "filled" };
          part.body = filled.body;
        }
        this.#wake();
      },
      (cause: unknown) => {
        process.report({ kind: "broken", bot: this.#options.settings.bot, cause });
        this.end(id, "failed");
      },
    );
  }

  /** The body of one that is filled, and is sent now. */
  leaves(id: number): LeavingPart {
    const part = this.#parts.get(id);
    if (part?.phase.kind !== "filled") throw new Error(`optional part ${id} is not filled`);
    this.#leaving = part;
    return { deliveryId: part.deliveryId, body: part.body, givenUp: part.abort.signal };
  }

  /** Text came that waits for the request of a part. */
  hurry(): void {
    const part = this.#leaving;
    this.#leaving = null;
    if (part === null) return;
    const { signal } = part.abort;
    void this.#options.process.clock.sleep(hurryMs, signal).then(() => part.abort.abort());
  }

  /** Those of a delivery. */
  endOf(deliveryId: number, result: OptionalResult): void {
    this.#endWhere((part) => part.deliveryId === deliveryId, result);
  }

  /** A newer state of these groups is on its way. */
  endOfGroups(groupIds: readonly string[]): void {
    this.#endWhere((part) => part.groupIds.some((groupId) => groupIds.includes(groupId)), "superseded");
  }

  endAll(result: OptionalResult): void {
    this.#endWhere(() => true, result);
  }

  /** Does nothing when it has ended. */
  end(id: number, result: OptionalResult, detail = ""): void {
    const part = this.#parts.get(id);
    if (part === undefined) return;
    this.#parts.delete(id);
    if (this.#leaving === part) this.#leaving = null;
    part.abort.abort();
    const { kind } = part.phase;
    if (kind === "filling" || kind === "filled") this.#options.process.filledParts.giveBack();
    const { bot } = this.#options.settings;
    const { deliveryId: delivery, wanted } = part;
    this.#options.process.report({ kind: "optionalPart", bot, delivery, part: wanted.kind, result, detail });
  }

  #endWhere(test: (part: KeptPart) => boolean, result: OptionalResult): void {
    for (const [id, part] of this.#parts) if (test(part)) this.end(id, result);
  }
}
