// LISTEN and NOTIFY between the replicas of one outbox. Only a short cut: what is said is in the tables too, and whoever missed it
// finds it there at its next beat. So nothing here is retried but the listening itself.

import type { WorkOrigin } from "../store.ts";

export type Tell = (bots: readonly string[], origin: WorkOrigin) => void;

/** One name for all outboxes of a database: a notice of another one wakes nobody, since it names other bots. */
export const notifyChannel = "alertmanager_wecom";

/** Of the connection that listens, one a replica: by this a command sees that replicas run. */
export const listenerName = "alertmanager-wecom listening";

/** PostgreSQL takes 8,000 bytes; a bot's name has at most 64 characters. */
const botsPerNotice = 20;

const relistenMs = 1_000;

export type Notice =
  | { readonly from: string; readonly kind: "work"; readonly bots: readonly string[] }
  /** A replica stopped and gave its lanes back. */
  | { readonly from: string; readonly kind: "left" };

/** One connection that listens. Resolves or rejects when it ends, and when `signal` aborts. */
export type Listen = (
  heard: (payload: string) => void,
  options: { readonly listening: () => void; readonly signal: AbortSignal },
) => Promise<void>;

export interface NoticesOptions {
  readonly owner: string;
  readonly listen: Listen;
  /** Runs `pg_notify` with the channel and this text. */
  readonly notify: (payload: string) => Promise<unknown>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Something may have been missed, or lanes came free: look at the tables now. */
  readonly look: () => void;
}

export class Notifier {
  readonly #options: NoticesOptions;
  readonly #stopped = new AbortController();
  readonly #toSay = new Set<string>();
  #saying = false;
  #listening: Promise<void> = Promise.resolve();

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Listens until `stop`. What is to be said is said without it too. */
  start(tell: Tell): void {
    this.#listening = this.#listenForEver(tell);
  }

  /** Said together with what comes while an earlier notice is on its way: a storm makes few notices. */
  work(bots: readonly string[]): void {
    for (const bot of bots) this.#toSay.add(bot);
    if (!this.#saying) void this.#sayAll();
  }

  async stop(): Promise<void> {
    await this.#say({ from: this.#options.owner, kind: "left" });
    this.#stopped.abort();
    await this.#listening;
  }

  async #sayAll(): Promise<void> {
    this.#saying = true;
    while (this.#toSay.size > 0) {
      const bots = [...this.#toSay].slice(0, botsPerNotice);
      for (const bot of bots) this.#toSay.delete(bot);
      await this.#say({ from: this.#options.owner, kind: "work", bots });
    }
    this.#saying = false;
  }

  async #say(notice: Notice): Promise<void> {
    // Lost when the database is away: the next beat of whoever should have heard it finds the same.
    await this.#options.notify(JSON.stringify(notice)).catch(() => {});
  }

  async #listenForEver(tell: Tell): Promise<void> {
    const { listen, sleep, look } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await listen((payload) => this.#hear(payload, tell), { listening: look, signal }).catch(() => {});
      await sleep(relistenMs, signal);
    }
  }

  #hear(payload: string, tell: Tell): void {
    const notice = JSON.parse(payload) as Notice;
    if (notice.from === this.#options.owner) return;
    if (notice.kind === "left") this.#options.look();
    else tell(notice.bots, "elsewhere");
  }
}
