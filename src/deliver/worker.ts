// Shell: one loop per bot for as long as the process lives. A loop rests until its lane has something to do or is woken,
// and survives whatever goes wrong in a step: it is reported, and the lane tries again a second later.

import { setImmediate as nextTurn } from "node:timers/promises";
import { LeaseLost, OutboxAway } from "../outbox/errors.ts";
import type { WorkOrigin } from "../outbox/store.ts";
import { Lane } from "./lane.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { LaneStatus } from "./lane-status.ts";
import type { Rest } from "./next-step.ts";
import { RenderAbandoned } from "./render-abandoned.ts";

/** After a fault of ours or of the store: soon, but not busily. */
const recoveryMs = 1_000;

/** `setTimeout` holds no longer wait than this (2^31 - 1 ms); a loop that wakes early rests again. */
const longestRestMs = 2_147_483_647;

const untilWoken: Rest = { kind: "rest", untilAt: null, wakesAt: 0 };

interface Loop {
  readonly bot: string;
  readonly lane: Lane;
  /** What the lane works with; replaced between steps only. */
  options: LaneOptions;
  /** What it is to work with from its next step on; null when its bot is configured no more. */
  wanted: LaneOptions | null;
  /** Waits for `options` to become `wanted`. */
  turned: PromiseWithResolvers<void>;
  /** Set by wake(): what was read before that is stale. */
  woken: boolean;
  /** Ends the present rest. */
  rest: AbortController;
  endsWithWork: boolean;
  done: Promise<void>;
}

export class Worker {
  readonly #loops = new Map<string, Loop>();
  #stopping = false;

  /**
   * Works for these lanes from now on: new ones begin, known ones change between two steps, and the others finish and record
   * their request in flight, give their lease back and end. Resolves when nothing works with earlier options any more. `look`: new
   * lanes look for work, one after the other: all at once they would keep the outbox from whoever has any. Without it they wait to
   * be woken, as where others may hold them.
   */
  async run(lanes: readonly LaneOptions[], { look }: { readonly look: boolean }): Promise<void> {
    const wanted = new Map(lanes.map((options) => [options.bot, options]));
    const turned = [...this.#loops.values()].map((loop) => turn(loop, wanted.get(loop.bot) ?? null));
    const begun = lanes.filter(({ bot }) => !this.#loops.has(bot)).map((options) => this.#begin(options));
    if (look) void this.#lookAround(begun);
    await Promise.all(turned);
  }

  async #lookAround(loops: readonly Loop[]): Promise<void> {
    for (const loop of loops) {
      if (this.#stopping) break;
      wake(loop);
      await nextTurn();
    }
  }

  #begin(options: LaneOptions): Loop {
    const loop: Loop = {
      bot: options.bot,
      lane: new Lane(options),
      options,
      wanted: options,
      turned: Promise.withResolvers(),
      woken: false,
      rest: new AbortController(),
      endsWithWork: true,
      done: Promise.resolve(),
    };
    this.#loops.set(options.bot, loop);
    loop.done = this.#rest(loop, untilWoken).then(() => this.#work(loop));
    return loop;
  }

  /**
   * Tells the loops of these bots that there is work; bots of no config are ignored. Work that another process accepted is its
   * own to do, unless this one holds the lane.
   */
  wake(bots: readonly string[], origin: WorkOrigin): void {
    for (const bot of bots) {
      const loop = this.#loops.get(bot);
      if (loop === undefined || (origin === "elsewhere" && !loop.lane.holds())) continue;
      wake(loop);
    }
  }

  /** For the metrics and the status page, by bot. */
  standing(): readonly (LaneStatus & { readonly bot: string })[] {
    const configured = [...this.#loops.values()].filter((loop) => loop.wanted !== null);
    return configured.map(({ bot, lane, options }) => ({ bot, ...lane.standing(options.clock.now()) }));
  }

  /** Finishes and records the requests in flight, gives the leases back, and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const loop of this.#loops.values()) loop.rest.abort();
    await Promise.all([...this.#loops.values()].map((loop) => loop.done));
  }

  async #work(loop: Loop): Promise<void> {
    while (loop.wanted !== null && !this.#stopping) {
      takeOver(loop, loop.wanted);
      loop.woken = false;
      const rest = await this.#step(loop);
      if (rest !== null) await this.#rest(loop, rest);
      // SQLite answers without leaving the turn, so a row of steps would hold up webhooks until it ends.
      else await nextTurn();
    }
    await loop.lane.release().catch((cause: unknown) => this.#failed(loop, cause));
    // The bot may have come back meanwhile. Two loops of one bot would have two requests in flight.
    if (loop.wanted !== null && !this.#stopping) return this.#work(loop);
    this.#loops.delete(loop.bot);
    loop.turned.resolve();
  }

  async #step(loop: Loop): Promise<Rest | null> {
    try {
      return await loop.lane.step();
    } catch (cause) {
      this.#failed(loop, cause);
      return { kind: "rest", untilAt: loop.options.clock.now() + recoveryMs, wakesAt: null };
    }
  }

  #failed({ lane, bot, options }: Loop, cause: unknown): void {
    if (cause instanceof LeaseLost) lane.forgetLease();
    // The outbox says so itself, once for all lanes; and whoever abandons a delivery knows it.
    else if (!(cause instanceof OutboxAway || cause instanceof RenderAbandoned))
      options.report({ kind: "broken", bot, cause });
  }

  /** Deaf until `wakesAt`, then until work comes; neither beyond `untilAt`. */
  async #rest(loop: Loop, { untilAt, wakesAt }: Rest): Promise<void> {
    const until = untilAt ?? Number.POSITIVE_INFINITY;
    await this.#sleep(loop, { until: Math.min(until, wakesAt ?? until), endsWithWork: false });
    if (wakesAt !== null) await this.#sleep(loop, { until, endsWithWork: true });
  }

  async #sleep(loop: Loop, { until, endsWithWork }: { readonly until: number; readonly endsWithWork: boolean }) {
    const { clock } = loop.options;
    const changed = loop.wanted !== loop.options;
    if (changed || (loop.woken && endsWithWork) || this.#stopping || until <= clock.now()) return;
    loop.rest = new AbortController();
    loop.endsWithWork = endsWithWork;
    await clock.sleep(Math.min(longestRestMs, until - clock.now()), loop.rest.signal);
  }
}

function wake(loop: Loop): void {
  loop.woken = true;
  if (loop.endsWithWork) loop.rest.abort();
}

function turn(loop: Loop, wanted: LaneOptions | null): Promise<void> {
  loop.wanted = wanted;
  loop.rest.abort();
  return loop.turned.promise;
}

function takeOver(loop: Loop, wanted: LaneOptions): void {
  if (loop.options !== wanted) loop.lane.use(wanted);
  loop.options = wanted;
  loop.turned.resolve();
  loop.turned = Promise.withResolvers();
}
