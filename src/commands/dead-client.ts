// Dead deliveries of a running service, over its HTTP API. Throws DeadApiRefused with what the service said.

import type { DeadDeliveries, DeadDelivery } from "../outbox/store.ts";

const timeoutMs = 10_000;

class DeadApiRefused extends Error {
  readonly code = "dead_api_refused";
}

export interface DeadClientOptions {
  /** Without a trailing slash. */
  readonly origin: string;
  /** The whole Authorization header; null for none. */
  readonly authorization: string | null;
}

export function deadClient({ origin, authorization }: DeadClientOptions): DeadDeliveries {
  const headers = { "Content-Type": "application/json", ...(authorization === null ? {} : { authorization }) };
  const ask = async (path: string, body: unknown): Promise<unknown> => {
    const request = body === null ? { method: "GET" } : { method: "POST", body: JSON.stringify(body) };
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { ...request, headers, signal, redirect: "error" } as const;
    const answer = await fetch(`${origin}/api/v1/dead${path}`, options).catch((cause: unknown) => {
      throw new Error(`${origin} does not answer (${reasonOf(cause)}); --url says where the service is`, { cause });
    });
    const text = await answer.text();
    if (!answer.ok) throw new DeadApiRefused(`${origin} answered ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  const act = async (path: string, ids: readonly number[]) =>
    ((await ask(path, { ids })) as { readonly ids: readonly number[] }).ids;
  return {
    dead: async ({ maxDeliveries }) =>
      ((await ask(`?limit=${maxDeliveries}`, null)) as { readonly deliveries: readonly DeadDelivery[] }).deliveries,
    replay: (ids) => act("/replay", ids),
    drop: (ids) => act("/drop", ids),
  };
}

/** fetch hides the reason in the cause. */
function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}
