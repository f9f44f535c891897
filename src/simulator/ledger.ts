// The state of one simulator since its start or last reset: requests, accepted messages, violations, files, rates,
// pending faults. Does no I/O and reads no clock; every instant is an argument.

import { createHash } from "node:crypto";
import { type PendingFault, pendingFaults, type ScriptedFault, takeFault } from "./faults.ts";
import {
  afterRequest,
  countedIn,
  isOverRate,
  largestWindow,
  noRate,
  type RateOutcome,
  type RateState,
} from "./rate.ts";
import type { AcceptedMessage, ChatEntry, RecordedFile, SendArrival, Violation } from "./record.ts";
import { type KeyRing, keyRing, type Robot, type RobotOptions } from "./robot.ts";
import {
  type MediaFile,
  type MediaKind,
  type MediaState,
  mediaMaxBytes,
  mediaStateOf,
  type UploadedPart,
} from "./rules/media.ts";
import type { Switches } from "./rules/switches.ts";

interface LedgerOptions {
  readonly robots: readonly RobotOptions[];
  readonly switches: Switches;
  /** Makes the media ids of two simulators differ. */
  readonly salt: string;
}

export class Ledger {
  readonly keys: KeyRing;
  readonly switches: Switches;
  readonly #salt: string;
  #entries: ChatEntry[] = [];
  #arrivals: SendArrival[] = [];
  #media: Map<string, MediaFile> = new Map();
  #files: RecordedFile[] = [];
  #rates: Map<number, RateState> = new Map();
  #faults: readonly PendingFault[] = [];
  #serial = 0;
  #mediaSerial = 0;

  constructor(options: LedgerOptions) {
    this.keys = keyRing(options.robots);
    this.switches = options.switches;
    this.#salt = options.salt;
  }

  entries(): readonly ChatEntry[] {
    return this.#entries;
  }

  accepted(): readonly AcceptedMessage[] {
    return this.#entries.flatMap(({ message }) => message ?? []);
  }

  violations(): readonly Violation[] {
    return this.#entries.flatMap(({ violations }) => violations);
  }

  arrivals(): readonly SendArrival[] {
    return [...this.#arrivals];
  }

  files(): readonly RecordedFile[] {
    return [...this.#files];
  }

  pendingFaults(): readonly PendingFault[] {
    return this.#faults;
  }

  script(robot: string | null, faults: readonly ScriptedFault[]): void {
    this.#faults = [...this.#faults, ...pendingFaults(robot, faults)];
  }

  takeFault(robot: Robot): ScriptedFault | null {
    const { fault, rest } = takeFault(this.#faults, robot.name);
    this.#faults = rest;
    return fault;
  }

  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  isOverRate(robot: Robot, at: number, limit: number): boolean {
    return isOverRate(this.#rates.get(robot.index) ?? noRate, at, { ...this.switches, limit });
  }

  slotsTaken(robot: Robot, at: number): number {
    return countedIn(this.#rates.get(robot.index) ?? noRate, at, this.switches);
  }

  countRequest(robot: Robot, outcome: RateOutcome): void {
    const state = this.#rates.get(robot.index) ?? noRate;
    this.#rates.set(robot.index, afterRequest(state, outcome, this.switches));
  }

  largestWindow(): number {
    const robotOf = ({ robot, keyNumber }: SendArrival) => JSON.stringify([robot, keyNumber]);
    const perKey = Map.groupBy(this.#arrivals, robotOf).values();
    const sizes = [...perKey].map((arrivals) =>
      largestWindow(
        arrivals.map(({ at }) => at),
        this.switches.windowMs,
      ),
    );
    return Math.max(0, ...sizes);
  }

  recordArrival(arrival: SendArrival): void {
    this.#arrivals.push(arrival);
  }

  recordEntry(entry: ChatEntry): void {
    this.#entries.push(entry);
  }

  keepFile(
    robot: Robot,
    kind: MediaKind,
    { part, at }: { readonly part: UploadedPart; readonly at: number },
  ): RecordedFile {
    this.#mediaSerial += 1;
    const mediaId = `3${createHash("sha384").update(`${this.#salt}:${this.#mediaSerial}`).digest("base64url")}`;
    this.#media.set(mediaId, { mediaId, kind, ...part, uploadedAt: at, owner: robot.index });
    const { name, keyNumber } = robot;
    const file = {
      at,
      robot: name,
      keyNumber,
      mediaId,
      kind,
      name: part.name,
      bytes: part.bytes.length,
      text: utf8TextOf(part),
    };
    this.#files.push(file);
    return file;
  }

  media(mediaId: string): MediaFile | null {
    return this.#media.get(mediaId) ?? null;
  }

  mediaState(robot: Robot, at: number): (mediaId: string, kind: MediaKind) => MediaState {
    return (mediaId, kind) => mediaStateOf(this.#media.get(mediaId), { kind, owner: robot.index, at });
  }

  /** Deletes everything except the robots. Old media ids become unknown; serial numbers continue. */
  reset(): void {
    this.#entries = [];
    this.#arrivals = [];
    this.#files = [];
    this.#media = new Map();
    this.#rates = new Map();
    this.#faults = [];
  }
}

function utf8TextOf({ bytes }: UploadedPart): string | null {
  if (bytes.length > mediaMaxBytes.file) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
