// The history and the senders of one outbox. Nothing that delivers waits for what happens here.

import type { HistoryPage, HistoryQuery } from "../domain/history.ts";
import type { SenderSeen } from "../domain/sender.ts";
import type { OutboxEngine } from "./engine.ts";
import { searchHistory } from "./history.ts";
import { indexHistory } from "./history-blocks.ts";
import { Senders } from "./senders.ts";

export class RecordedHistory {
  readonly #engine: OutboxEngine;
  readonly #senders: Senders;
  #searching: Promise<unknown> = Promise.resolve();
  #tidying: Promise<unknown> = Promise.resolve();

  constructor(engine: OutboxEngine) {
    this.#engine = engine;
    this.#senders = new Senders(engine.db);
  }

  /** One search at a time: each takes turns of the event loop, or a connection, from what is delivered. */
  search(query: HistoryQuery): Promise<HistoryPage> {
    const searching = this.#searching.then(() => searchHistory(this.#engine.db, query));
    this.#searching = searching.catch(() => {});
    return searching;
  }

  senders(): Promise<readonly SenderSeen[]> {
    return this.#senders.all();
  }

  noteSender(seen: SenderSeen): void {
    this.#senders.note(seen);
  }

  tidy(signal: AbortSignal): Promise<void> {
    const tidying = this.#tidy(signal);
    this.#tidying = tidying.catch(() => {});
    return tidying;
  }

  /** Resolves when nothing runs any more. What is indexed stops early, by the signal of `tidy`. */
  async close(): Promise<void> {
    await Promise.all([this.#searching, this.#tidying]);
    await this.#senders.write().catch(() => {});
  }

  async #tidy(signal: AbortSignal): Promise<void> {
    await this.#senders.write();
    await indexHistory(this.#engine.db, this.#engine.now(), signal);
  }
}
