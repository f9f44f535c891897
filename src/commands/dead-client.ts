// The refused messages of a running service, over its HTTP API. A rejected request throws with the answer of the service.

import type { DeadDeliveries, DeadDelivery } from "../outbox/store.ts";

const deadApiTimeoutMs = 10_000;

interface DeadClientOptions {
  /** Without a trailing slash. */
  readonly origin: string;
  /** The whole Authorization header; null for none. */
  readonly authorization: string | null;
}

export function deadClient({ origin, authorization }: DeadClientOptions): DeadDeliveries {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (authorization !== null) headers.authorization = authorization;
  const ask = async (path: string, body: unknown): Promise<unknown> => {
    const request = body === null ? { method: "GET" } : { method: "POST", body: JSON.stringify(body) };
    const signal = AbortSignal.timeout(deadApiTimeoutMs);
    const options = { ...request, headers, signal, redirect: "error" } as const;
    const answer = await fetch(`${origin}/api/v1/dead${path}`, options).catch((cause: unknown) => {
      throw new Error(
        `${origin} does not answer (${fetchFailure(cause)}); name the address of the service with --url`,
        { cause },
      );
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${origin} answered ${answer.status}: ${text.slice(0, 500)}`);
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
function fetchFailure(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}
