// Everything one simulator remembers, from start or reset on: requests, accepted messages, violations, files, rates, the
// fault script. Its lifetime is the simulator's. Does no I/O and reads no clock; every instant is an argument.

import { createHash } from "node:crypto";
import { type Fault, type ScriptedFault, scripted, takeFault } from "./faults.ts";
import {
  afterRequest,
  countedIn,
  isOverRate,
  largestWindow,
  noRate,
  type RateOutcome,
  type RateState,
} from "./rate.ts";
import type { AcceptedMessage, Arrival, Entry, UploadedFile, Violation } from "./record.ts";
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

export interface LedgerOptions {
  readonly robots: readonly RobotOptions[];
  readonly switches: Switches;
  /** Makes the media ids of two simulators differ. */
  readonly salt: string;
}

const textMaxBytes = mediaMaxBytes.file;

export class Ledger {
  readonly keys: KeyRing;
  readonly switches: Switches;
  readonly #salt: string;
  #entries: Entry[] = [];
  #arrivals: Arrival[] = [];
  #media: Map<string, MediaFile> = new Map();
  #files: UploadedFile[] = [];
  #rates: Map<number, RateState> = new Map();
  #faults: readonly ScriptedFault[] = [];
  #serial = 0;
  #mediaSerial = 0;

  constructor(options: LedgerOptions) {
    this.keys = keyRing(options.robots);
    this.switches = options.switches;
    this.#salt = options.salt;
  }

  entries(): readonly Entry[] {
    return this.#entries;
  }

  accepted(): readonly AcceptedMessage[] {
    return this.#entries.flatMap(({ message }) => message ?? []);
  }

  violations(): readonly Violation[] {
    return this.#entries.flatMap(({ violations }) => violations);
  }

  arrivals(): readonly Arrival[] {
    return [...this.#arrivals];
  }

  files(): readonly UploadedFile[] {
    return [...this.#files];
  }

  pendingFaults(): readonly ScriptedFault[] {
    return this.#faults;
  }

  script(robot: string | null, faults: readonly Fault[]): void {
    this.#faults = [...this.#faults, ...scripted(robot, faults)];
  }

  takeFault(robot: Robot): Fault | null {
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
    const robotOf = ({ robot, keyNumber }: Arrival) => JSON.stringify([robot, keyNumber]);
    const perKey = Map.groupBy(this.#arrivals, robotOf).values();
    const sizes = [...perKey].map((arrivals) =>
      largestWindow(
        arrivals.map(({ at }) => at),
        this.switches.windowMs,
      ),
    );
    return Math.max(0, ...sizes);
  }

  recordArrival(arrival: Arrival): void {
    this.#arrivals.push(arrival);
  }

  recordEntry(entry: Entry): void {
    this.#entries.push(entry);
  }

  keepFile(
    robot: Robot,
    kind: MediaKind,
    { part, at }: { readonly part: UploadedPart; readonly at: number },
  ): UploadedFile {
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
      text: textOf(part),
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

  /** Forgets everything but the robots; media ids given before are unknown from now on, serial numbers go on. */
  reset(): void {
    this.#entries = [];
    this.#arrivals = [];
    this.#files = [];
    this.#media = new Map();
    this.#rates = new Map();
    this.#faults = [];
  }
}

function textOf({ bytes }: UploadedPart): string | null {
  if (bytes.length > textMaxBytes) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
