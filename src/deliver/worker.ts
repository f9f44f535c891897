// One loop per bot for as long as the process lives. A loop sleeps until its lane has something to do or is woken. A step that fails
// is reported, and the lane tries again a second later.

import { setImmediate as nextTurn } from "node:timers/promises";
import { LaneLost, OutboxAway } from "../outbox/errors.ts";
import type { KeyState } from "../outbox/lane.ts";
import type { WorkOrigin } from "../outbox/store.ts";
import { ThreadClosed } from "../threads/question-thread.ts";
import type { LaneStatus } from "./keys.ts";
import { Lane } from "./lane.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { LaneRest } from "./next-step.ts";

/** After an unexpected error: soon, but not in a busy loop. */
const recoveryMs = 1_000;

/** Lanes may work this long in one turn of the event loop; a webhook or a probe may have to wait for it. */
const longestTurnMs = 10;

/** `setTimeout` waits no longer than this (2^31 - 1 ms); a loop that wakes early sleeps again. */
const longestSleepMs = 2_147_483_647;

const untilWoken: LaneRest = { kind: "rest", untilAt: null, wakesAt: 0 };

interface LaneLoop {
  readonly bot: string;
  readonly lane: Lane;
  /** What the lane works with; replaced between steps only. */
  options: LaneOptions;
  /** What it works with from its next step on; null when its bot is no longer configured. */
  nextOptions: LaneOptions | null;
  /** Resolves when `options` is `nextOptions`. */
  replaced: PromiseWithResolvers<void>;
  /** Set by wake(): what was read before is out of date. A retry ends every rest, work only those that allow it. */
  woken: "no" | "work" | "retry";
  /** Ends the present sleep. */
  sleep: AbortController;
  endsWithWork: boolean;
  done: Promise<void>;
}

export interface BotLaneStatus extends LaneStatus {
  readonly bot: string;
}

export class Worker {
  readonly #loops = new Map<string, LaneLoop>();
  readonly #turns = new LaneTurns();
  #stopping = false;

  /**
   * Works for these lanes from now on: new ones begin, known ones change between two steps, and the others finish and record
   * their request in flight and end. Resolves when no lane works with earlier options any more. With `look`,
   * new lanes look for work, one after the other: all at once would block the outbox for lanes that have work. Without it they
   * wait until they are woken, since other processes may hold them.
   */
  async run(lanes: readonly LaneOptions[], { look }: { readonly look: boolean }): Promise<void> {
    const wanted = new Map(lanes.map((options) => [options.settings.bot, options]));
    const replaced = [...this.#loops.values()].map((loop) => replaceOptions(loop, wanted.get(loop.bot) ?? null));
    const begun = lanes.filter(({ settings }) => !this.#loops.has(settings.bot)).map((options) => this.#begin(options));
    if (look) void this.#lookAround(begun);
    await Promise.all(replaced);
  }

  async #lookAround(loops: readonly LaneLoop[]): Promise<void> {
    for (const loop of loops) {
      if (this.#stopping) break;
      wakeLoop(loop);
      await nextTurn();
    }
  }

  #begin(options: LaneOptions): LaneLoop {
    const { bot } = options.settings;
    const loop: LaneLoop = {
      bot,
      lane: new Lane(options, () => wakeLoop(loop)),
      options,
      nextOptions: options,
      replaced: Promise.withResolvers(),
      woken: "no",
      sleep: new AbortController(),
      endsWithWork: true,
      done: Promise.resolve(),
    };
    this.#loops.set(bot, loop);
    loop.done = this.#rest(loop, untilWoken).then(() => this.#work(loop));
    return loop;
  }

  /**
   * Wakes the loops of these bots; bots that are not configured are ignored. Work that another process accepted is left to that
   * process, unless this one holds the lane. So is a retry.
   */
  wake(bots: readonly string[], origin: WorkOrigin): void {
    for (const bot of bots) {
      const loop = this.#loops.get(bot);
      const isForHolder = origin === "elsewhere" || origin === "retry";
      if (loop === undefined || (isForHolder && !loop.lane.holds())) continue;
      loop.lane.hurry();
      wakeLoop(loop, origin === "retry");
    }
  }

  /** @param keys what the outbox has of them, for lanes that other processes hold */
  status(keys: readonly KeyState[]): readonly BotLaneStatus[] {
    const configured = [...this.#loops.values()].filter((loop) => loop.nextOptions !== null);
    return configured.map(({ bot, lane, options }) => ({ bot, ...lane.status(options.process.clock.now(), keys) }));
  }

  /** Finishes the requests in flight, hands their answers to the outbox, and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const loop of this.#loops.values()) loop.sleep.abort();
    await Promise.all([...this.#loops.values()].map((loop) => loop.done));
  }

  async #work(loop: LaneLoop): Promise<void> {
    while (loop.nextOptions !== null && !this.#stopping) {
      useOptions(loop, loop.nextOptions);
      loop.woken = "no";
      await this.#turns.take();
      const rest = await this.#step(loop);
      if (rest !== null) await this.#rest(loop, rest);
    }
    loop.lane.end();
    if (loop.nextOptions === null && !this.#stopping) await this.#release(loop);
    // The bot may be configured again meanwhile. Two loops of one bot would have two requests in flight.
    if (loop.nextOptions !== null && !this.#stopping) return this.#work(loop);
    this.#loops.delete(loop.bot);
    loop.replaced.resolve();
  }

  async #step(loop: LaneLoop): Promise<LaneRest | null> {
    try {
      return await loop.lane.step();
    } catch (cause) {
      this.#failed(loop, cause);
      return { kind: "rest", untilAt: loop.options.process.clock.now() + recoveryMs, wakesAt: null };
    }
  }

  /** Another replica may have the bot still, or have it again before this process ends. */
  async #release(loop: LaneLoop): Promise<void> {
    await loop.lane.release().catch((cause: unknown) => {
      if (!(cause instanceof LaneLost)) this.#failed(loop, cause);
    });
  }

  #failed({ bot, options }: LaneLoop, cause: unknown): void {
    // The outbox reports once for all lanes that it is away. A thread is closed when the service stops.
    if (!(cause instanceof OutboxAway || cause instanceof ThreadClosed))
      options.process.report({ kind: "broken", bot, cause });
  }

  /** Ignores new work until `wakesAt`, then sleeps until there is work. Returns at `untilAt` in any case. */
  async #rest(loop: LaneLoop, { untilAt, wakesAt }: LaneRest): Promise<void> {
    const until = untilAt ?? Number.POSITIVE_INFINITY;
    await this.#sleep(loop, { until: Math.min(until, wakesAt ?? until), endsWithWork: false });
    if (wakesAt !== null) await this.#sleep(loop, { until, endsWithWork: true });
  }

  async #sleep(loop: LaneLoop, { until, endsWithWork }: { readonly until: number; readonly endsWithWork: boolean }) {
    const { clock } = loop.options.process;
    const changed = loop.nextOptions !== loop.options;
    const isWoken = loop.woken === "retry" || (loop.woken === "work" && endsWithWork);
    if (changed || isWoken || this.#stopping || until <= clock.now()) return;
    loop.sleep = new AbortController();
    loop.endsWithWork = endsWithWork;
    await clock.sleep(Math.min(longestSleepMs, until - clock.now()), loop.sleep.signal);
  }
}

function wakeLoop(loop: LaneLoop, isRetry = false): void {
  if (loop.woken !== "retry") loop.woken = isRetry ? "retry" : "work";
  if (loop.endsWithWork || isRetry) loop.sleep.abort();
}

function replaceOptions(loop: LaneLoop, nextOptions: LaneOptions | null): Promise<void> {
  loop.nextOptions = nextOptions;
  loop.sleep.abort();
  return loop.replaced.promise;
}

function useOptions(loop: LaneLoop, options: LaneOptions): void {
  if (loop.options !== options) loop.lane.use(options);
  loop.options = options;
  loop.replaced.resolve();
  loop.replaced = Promise.withResolvers();
}

/**
 * Turns of the event loop that lanes work in. Without them, a thousand lanes that are woken at once would plan and render before the
 * next webhook is read. Lanes that work in one turn share a commit.
 */
class LaneTurns {
  /** When a lane began to work in this turn; null when none has. */
  #since: number | null = null;

  async take(): Promise<void> {
    await nextTurn();
    while (this.#since !== null && performance.now() - this.#since >= longestTurnMs) await nextTurn();
    if (this.#since !== null) return;
    this.#since = performance.now();
    setImmediate(() => {
      this.#since = null;
    });
  }
}
