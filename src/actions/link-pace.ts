// How often one link may be used, and what was done with it a moment ago: a form that is submitted twice acts once. Of this process
// alone, and bounded.

import type { ActionOutcome } from "./act.ts";

const spanMs = 60_000;

/** In a span: a reader who reloads and acts stays far below. */
const most = { read: 60, act: 10 } as const;

const mostLinks = 2_000;

interface Used {
  sinceAt: number;
  read: number;
  act: number;
}

interface Done {
  readonly at: number;
  readonly outcome: Promise<ActionOutcome>;
}

export class LinkPace {
  readonly #now: () => number;
  readonly #used = new Map<string, Used>();
  readonly #done = new Map<string, Done>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** False when the link was used too often within a minute. */
  allows(link: string, use: keyof typeof most): boolean {
    const now = this.#now();
    const known = this.#used.get(link);
    const used = known !== undefined && now - known.sinceAt < spanMs ? known : { sinceAt: now, read: 0, act: 0 };
    used[use] += 1;
    put(this.#used, link, used);
    return used[use] <= most[use];
  }

  /** What `act` returns, or has returned within the last minute for the same key. A failure may be tried again. */
  once(key: string, act: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
    const known = this.#recent(key);
    if (known !== null) return known;
    const outcome = act();
    put(this.#done, key, { at: this.#now(), outcome });
    const forget = () => this.#done.get(key)?.outcome === outcome && this.#done.delete(key);
    outcome.then(({ kind }) => kind !== "failed" || forget(), forget);
    return outcome;
  }

  /** What was done under this key within the last minute; null for nothing. */
  async recent(key: string): Promise<ActionOutcome | null> {
    return this.#recent(key);
  }

  #recent(key: string): Promise<ActionOutcome> | null {
    const done = this.#done.get(key);
    return done !== undefined && this.#now() - done.at < spanMs ? done.outcome : null;
  }
}

/** As the last one; the first one is removed. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= mostLinks) break;
    map.delete(oldest);
  }
}
