// LISTEN and NOTIFY between the replicas of one outbox. Notices only save time: the tables have the same information, and a replica
// that missed a notice finds it there at its next beat. So only listening itself is retried.

import type { WorkListener } from "../store.ts";

/** One name for all outboxes of a database: a notice of another outbox names other bots, so it wakes no lane here. */
export const notifyChannel = "alertmanager_wecom";

/** Name of the connection that listens, one for each replica: commands use it to see whether replicas run. */
export const listenerName = "alertmanager-wecom listening";

/** PostgreSQL takes 8,000 bytes; a bot's name has at most 64 characters. */
const botsPerNotice = 20;

const relistenMs = 1_000;

type ReplicaNotice =
  | { readonly from: string; readonly kind: "work" | "retry"; readonly bots: readonly string[] }
  /** A replica released lanes, or stopped. */
  | { readonly from: string; readonly kind: "released" };

/** One connection that listens. Resolves or rejects when it ends, and when `signal` aborts. */
export type Listen = (
  received: (payload: string) => void,
  options: { readonly listening: () => void; readonly signal: AbortSignal },
) => Promise<void>;

export interface NotifierOptions {
  readonly owner: string;
  readonly listen: Listen;
  /** Runs `pg_notify` with the channel and this text. */
  readonly notify: (payload: string) => Promise<unknown>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called when notices may have been missed or lanes became free: the tables should be read now. */
  readonly look: () => void;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #stopped = new AbortController();
  readonly #unannounced = new Set<string>();
  #announcing = false;
  #listening: Promise<void> = Promise.resolve();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Listens until `stop`. Announcements do not need it. */
  start(found: WorkListener): void {
    this.#listening = this.#listenUntilStopped(found);
  }

  /** Bots that come while an earlier notice is being sent share the next one: a storm makes few notices. */
  work(bots: readonly string[]): void {
    for (const bot of bots) this.#unannounced.add(bot);
    if (!this.#announcing) void this.#announceAll();
  }

  retry(bots: readonly string[]): void {
    const { owner } = this.#options;
    for (let n = 0; n < bots.length; n += botsPerNotice) {
      void this.#send({ from: owner, kind: "retry", bots: bots.slice(n, n + botsPerNotice) });
    }
  }

  released(): Promise<void> {
    return this.#send({ from: this.#options.owner, kind: "released" });
  }

  async stop(): Promise<void> {
    await this.released();
    this.#stopped.abort();
    await this.#listening;
  }

  async #announceAll(): Promise<void> {
    this.#announcing = true;
    while (this.#unannounced.size > 0) {
      const bots = [...this.#unannounced].slice(0, botsPerNotice);
      for (const bot of bots) this.#unannounced.delete(bot);
      await this.#send({ from: this.#options.owner, kind: "work", bots });
    }
    this.#announcing = false;
  }

  async #send(notice: ReplicaNotice): Promise<void> {
    // Lost when the database is away: the other replicas find the work at their next beat.
    await this.#options.notify(JSON.stringify(notice)).catch(() => {});
  }

  async #listenUntilStopped(found: WorkListener): Promise<void> {
    const { listen, sleep, look } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await listen((payload) => this.#receive(payload, found), { listening: look, signal }).catch(() => {});
      await sleep(relistenMs, signal);
    }
  }

  #receive(payload: string, found: WorkListener): void {
    const notice = JSON.parse(payload) as ReplicaNotice;
    if (notice.from === this.#options.owner) return;
    if (notice.kind === "released") this.#options.look();
    else found(notice.bots, notice.kind === "retry" ? "retry" : "elsewhere");
  }
}
