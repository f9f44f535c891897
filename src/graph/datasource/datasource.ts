// Asks one datasource, with little load: at most two requests at once, one for equal questions, a short memory, and a rest after three
// failures in a row.

import type { DatasourceSettings } from "../../config/datasources.ts";
import type { QueryFailure, QueryResult } from "../../domain/datasource-query.ts";
import type { Clock } from "../../observe/clock.ts";
import { type AlertingRule, maxSeries, readRules, readSeries, type SeriesSet } from "./answer.ts";
import type { DatasourceClient, DatasourceReply, DatasourceRequest } from "./datasource-client.ts";
import { inSteps } from "./in-steps.ts";

export type Asked<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "failed"; readonly reason: QueryFailure };

/** Of every question that was not answered from memory. */
export interface QueryReport {
  readonly datasource: string;
  readonly result: QueryResult;
  /** For the log; no text of the answer. */
  readonly detail: string;
  /** With this one, `true` where the datasource begins to rest, `false` where it answers again; else null. */
  readonly rests: boolean | null;
}

export interface DatasourceOptions {
  readonly settings: DatasourceSettings;
  readonly client: DatasourceClient;
  readonly clock: Pick<Clock, "now">;
  /** For one request. */
  readonly timeoutMs: number;
  readonly report: (report: QueryReport) => void;
}

export interface TimeRange {
  readonly startAt: number;
  readonly endAt: number;
  readonly stepMs: number;
}

const maxRunning = 2;
const maxQueued = 20;

const failuresBeforeRest = 3;
const restMs = 60_000;

/** Answers about the past do not change; a current value is old after some seconds. */
const pastKeptMs = 60_000;
const nowKeptMs = 10_000;

/** Longer answers, of some 500 series, are not kept. The text is kept: a parsed answer takes ten times as much memory. */
const keptMaxChars = 50_000;
const maxKept = 20;

type ReadAnswer<T> = { readonly kind: "value"; readonly value: T } | { readonly kind: "tooLarge" | "unreadable" };

interface Question<T> {
  readonly request: DatasourceRequest;
  readonly read: (text: string) => ReadAnswer<T> | Promise<ReadAnswer<T>>;
  readonly keptMs: number;
}

interface KeptAnswer {
  /** Of an answer that could be read. */
  readonly text: string;
  readonly untilAt: number;
}

interface Flight {
  /** Callers that still wait for it. */
  waiting: number;
  readonly asked: Promise<Asked<unknown>>;
}

export class Datasource {
  readonly settings: DatasourceSettings;
  readonly #options: DatasourceOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #kept = new Map<string, KeptAnswer>();
  readonly #queue: (() => void)[] = [];
  #running = 0;
  /** In a row. */
  #failures = 0;
  #restsUntilAt = 0;
  #isClosed = false;

  constructor(options: DatasourceOptions) {
    this.settings = options.settings;
    this.#options = options;
  }

  /** @param at null: now, by the clock of the datasource */
  instant(query: string, at: number | null, signal: AbortSignal): Promise<Asked<SeriesSet>> {
    const time = at === null ? {} : { time: seconds(at) };
    const request = this.#form("/api/v1/query", { query, ...time, limit: String(maxSeries + 1) });
    return this.#ask({ request, read: seriesIn, keptMs: at === null ? nowKeptMs : pastKeptMs }, signal);
  }

  range(query: string, { startAt, endAt, stepMs }: TimeRange, signal: AbortSignal): Promise<Asked<SeriesSet>> {
    const span = { start: seconds(startAt), end: seconds(endAt), step: seconds(stepMs) };
    const request = this.#form("/api/v1/query_range", { query, ...span });
    return this.#ask({ request, read: seriesIn, keptMs: nowKeptMs }, signal);
  }

  /** Its alerting rules of this name. A server that does not know the filter answers all rules. */
  rules(name: string, signal: AbortSignal): Promise<Asked<readonly AlertingRule[]>> {
    const parameters = new URLSearchParams({ type: "alert", exclude_alerts: "true", "rule_name[]": name });
    const request = { path: "/api/v1/rules", method: "GET", parameters } as const;
    const read = (text: string): ReadAnswer<readonly AlertingRule[]> => {
      const answer = readRules(text);
      if (answer.kind !== "rules") return answer;
      return { kind: "value", value: answer.rules.filter((rule) => rule.name === name) };
    };
    return this.#ask({ request, read, keptMs: pastKeptMs }, signal);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#options.client.close();
  }

  #form(path: string, parameters: Readonly<Record<string, string>>): DatasourceRequest {
    const timeout = seconds(this.#options.timeoutMs);
    return { path, method: "POST", parameters: new URLSearchParams({ ...parameters, timeout }) };
  }

  async #ask<T>(question: Question<T>, signal: AbortSignal): Promise<Asked<T>> {
    const { path, parameters } = question.request;
    const key = `${path}?${parameters.toString()}`;
    const kept = this.#kept.get(key);
    const isFresh = kept !== undefined && kept.untilAt > this.#options.clock.now();
    const known = isFresh ? await question.read(kept.text) : null;
    if (known?.kind === "value") return { kind: "answer", value: known.value };
    if (signal.aborted) return { kind: "failed", reason: "late" };
    const flight = this.#flights.get(key) ?? this.#begin(key, question);
    flight.waiting += 1;
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
    const stop = () => giveUp();
    signal.addEventListener("abort", stop, { once: true });
    const asked = await Promise.race([flight.asked, late]);
    signal.removeEventListener("abort", stop);
    flight.waiting -= 1;
    return (asked as Asked<T> | undefined) ?? { kind: "failed", reason: "late" };
  }

  #begin<T>(key: string, question: Question<T>): Flight {
    const flight: Flight = {
      waiting: 0,
      asked: this.#inTurn(() => (flight.waiting === 0 ? null : this.#send(key, question))),
    };
    this.#flights.set(key, flight);
    void flight.asked.finally(() => this.#flights.delete(key));
    return flight;
  }

  /** @param send null: nobody waits for it any more */
  async #inTurn<T>(send: () => Promise<Asked<T>> | null): Promise<Asked<T>> {
    if (this.#isResting()) return this.#refused("resting");
    if (this.#running >= maxRunning) {
      if (this.#queue.length >= maxQueued) return this.#refused("busy");
      const { promise: turn, resolve } = Promise.withResolvers<void>();
      this.#queue.push(resolve);
      await turn;
    } else {
      this.#running += 1;
      // The caller is counted as waiting before anything is sent.
      await Promise.resolve();
    }
    try {
      if (this.#isResting()) return this.#refused("resting");
      return (await send()) ?? { kind: "failed", reason: "late" };
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #isResting(): boolean {
    return this.#restsUntilAt > this.#options.clock.now();
  }

  #refused(reason: "resting" | "busy"): Asked<never> {
    this.#options.report({ datasource: this.settings.name, result: reason, detail: "", rests: null });
    return { kind: "failed", reason };
  }

  async #send<T>(key: string, { request, read, keptMs }: Question<T>): Promise<Asked<T>> {
    const reply = await this.#options.client.send(request);
    // A request that we ended says nothing about the datasource.
    if (this.#isClosed) return { kind: "failed", reason: "late" };
    if (reply.kind === "failed") return this.#failed(reply.reason, reply.detail);
    const answer = await read(reply.text);
    if (answer.kind !== "value") return this.#failed(answer.kind, `${reply.text.length} characters`);
    this.#report("answered", "");
    const { text } = reply;
    if (text.length <= keptMaxChars) this.#keep(key, { text, untilAt: this.#options.clock.now() + keptMs });
    return { kind: "answer", value: answer.value };
  }

  #failed(reason: Extract<DatasourceReply, { kind: "failed" }>["reason"] | "unreadable", detail: string): Asked<never> {
    this.#report(reason, detail);
    return { kind: "failed", reason };
  }

  /** A question that is too large or wrong says nothing about the datasource, except that it answers. */
  #report(result: QueryResult, detail: string): void {
    const { clock, report } = this.#options;
    const isUp = result === "answered" || result === "tooLarge" || result === "badQuery";
    const wasResting = this.#failures >= failuresBeforeRest;
    this.#failures = isUp ? 0 : this.#failures + 1;
    const rests = this.#failures >= failuresBeforeRest;
    if (rests) this.#restsUntilAt = clock.now() + restMs;
    report({ datasource: this.settings.name, result, detail, rests: rests === wasResting ? null : rests });
  }

  #keep(key: string, entry: KeptAnswer): void {
    const now = this.#options.clock.now();
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    for (const [oldest, { untilAt }] of this.#kept) {
      if (this.#kept.size > maxKept || untilAt <= now) this.#kept.delete(oldest);
    }
  }
}

async function seriesIn(text: string): Promise<ReadAnswer<SeriesSet>> {
  const answer = await inSteps(readSeries(text));
  return answer.kind === "series" ? { kind: "value", value: answer.set } : answer;
}

function seconds(ms: number): string {
  return String(ms / 1000);
}
