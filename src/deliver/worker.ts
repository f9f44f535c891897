// Shell: one loop per bot for as long as the process lives. A loop rests until its lane has something to do or is woken,
// and survives whatever goes wrong in a step: it is reported, and the lane tries again a second later.

import { setImmediate as turn } from "node:timers/promises";
import { LeaseLost, OutboxAway } from "../outbox/errors.ts";
import type { WorkOrigin } from "../outbox/store.ts";
import { Lane } from "./lane.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { Rest } from "./next-step.ts";

/** After a fault of ours or of the store: soon, but not busily. */
const recoveryMs = 1_000;

/** `setTimeout` holds no longer wait than this (2^31 - 1 ms); a loop that wakes early rests again. */
const longestRestMs = 2_147_483_647;

const untilWoken: Rest = { kind: "rest", untilAt: null, endsWithWork: true };

interface Loop {
  readonly lane: Lane;
  readonly bot: string;
  /** Set by wake(): what was read before that is stale. */
  woken: boolean;
  /** Ends the present rest. */
  rest: AbortController;
  endsWithWork: boolean;
  done: Promise<void>;
}

export class Worker {
  readonly #options: readonly LaneOptions[];
  readonly #loops = new Map<string, Loop>();
  #stopping = false;

  constructor(lanes: readonly LaneOptions[]) {
    this.#options = lanes;
  }

  /** `look`: every lane looks for work at once. Without it they wait to be woken, as where others may hold them. */
  start({ look }: { readonly look: boolean }): void {
    for (const options of this.#options) {
      const loop: Loop = {
        lane: new Lane(options),
        bot: options.bot,
        woken: false,
        rest: new AbortController(),
        endsWithWork: true,
        done: Promise.resolve(),
      };
      this.#loops.set(options.bot, loop);
      loop.done = this.#run(loop, options, look ? null : untilWoken);
    }
  }

  /**
   * Tells the loops of these bots that there is work; bots of no config are ignored. Work that another process accepted is its
   * own to do, unless this one holds the lane.
   */
  wake(bots: readonly string[], origin: WorkOrigin): void {
    for (const bot of bots) {
      const loop = this.#loops.get(bot);
      if (loop === undefined || (origin === "elsewhere" && !loop.lane.holds())) continue;
      loop.woken = true;
      if (loop.endsWithWork) loop.rest.abort();
    }
  }

  /** For the metrics, by bot. */
  standing(): readonly {
    readonly bot: string;
    readonly freeSlots: number;
    readonly keys: number;
    readonly keysUp: number;
  }[] {
    return this.#options.flatMap(({ bot, keys, clock }) => {
      const lane = this.#loops.get(bot)?.lane;
      return lane === undefined ? [] : [{ bot, keys: keys.length, ...lane.standing(clock.now()) }];
    });
  }

  /** Finishes and records the requests in flight, gives the leases back, and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const loop of this.#loops.values()) loop.rest.abort();
    await Promise.all([...this.#loops.values()].map((loop) => loop.done));
  }

  async #run(loop: Loop, options: LaneOptions, first: Rest | null): Promise<void> {
    if (first !== null) await this.#rest(loop, options, first);
    while (!this.#stopping) {
      loop.woken = false;
      const rest = await this.#step(loop, options);
      if (rest !== null) await this.#rest(loop, options, rest);
      // SQLite answers without leaving the turn, so a row of steps would hold up webhooks until it ends.
      else await turn();
    }
    await loop.lane.release().catch((cause: unknown) => this.#failed(loop, options, cause));
  }

  async #step(loop: Loop, options: LaneOptions): Promise<Rest | null> {
    try {
      return await loop.lane.step();
    } catch (cause) {
      this.#failed(loop, options, cause);
      return { kind: "rest", untilAt: options.clock.now() + recoveryMs, endsWithWork: false };
    }
  }

  #failed(loop: Loop, { report }: LaneOptions, cause: unknown): void {
    if (cause instanceof LeaseLost) loop.lane.forgetLease();
    // The outbox says so itself, once for all lanes.
    else if (!(cause instanceof OutboxAway)) report({ kind: "broken", bot: loop.bot, cause });
  }

  async #rest(loop: Loop, options: LaneOptions, { untilAt, endsWithWork }: Rest): Promise<void> {
    if ((loop.woken && endsWithWork) || this.#stopping) return;
    loop.rest = new AbortController();
    loop.endsWithWork = endsWithWork;
    const ms = untilAt === null ? longestRestMs : Math.min(longestRestMs, Math.max(0, untilAt - options.clock.now()));
    await options.clock.sleep(ms, loop.rest.signal);
  }
}
