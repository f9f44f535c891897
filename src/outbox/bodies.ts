// Bodies of waiting notifications: deflated on disk, and as text in memory while there is room, since most are rendered a moment after
// they were accepted.

import { promisify } from "node:util";
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from "node:zlib";
import type { Sql } from "./engine.ts";

/** zlib works on 1 MB in about 10 ms; larger bodies are left to its thread. */
const inlineBytes = 256 * 1024;

/**
 * What most bodies contain: with it an alert of 1.5 kB takes 370 bytes instead of 740, in the same time. Bodies on disk are read with
 * it, so once it is released it is never changed.
 */
const dictionary = Buffer.from(
  `"summary":"description":"runbook_url":"https://"namespace":"pod":"container":"job":"service":"instance":"cluster":"` +
    `"severity":"critical"severity":"warning"alertname":"http://prometheus:9090/graph?g0.expr=&g0.tab=1T00:00:00.000Z",` +
    `"source":"grafana"{"destination":{"bot":"","messages":["markdown"],"template":"default","urgent":false,"mention":` +
    `{"users":[],"mobiles":[],"all":false,"on":["firing"],"repeats":false},"language":"zh","timezone":"Asia/Shanghai",` +
    `"display":{"titlePrefix":"","marks":"emoji","severityWords":"translated","labels":{"subject":[],"show":[],"fold":[],` +
    `"folded":"values"},"silence":"subject"}},"routes":["route.routes[0]"],` +
    `"group":{"source":"alertmanager","receiver":"","status":"firing","alerts":[{"status":"resolved","labels":{"alertname":"` +
    `"},"annotations":{"summary":"","description":""},"startsAt":17,"endsAt":null,"startsAtText":"202","endsAtText":` +
    `"0001-01-01T00:00:00Z","unreadTimes":[],"timesAhead":false,"fingerprint":"","links":{"generatorURL":"http",` +
    `"silenceURL":null,"dashboardURL":null,"panelURL":null,"imageURL":null},"values":null,"valueString":"","identity":""}],` +
    `"groupLabels":{"alertname":""},"commonLabels":{"alertname":""},"commonAnnotations":{},"routeLabels":{},` +
    `"externalURL":"http://","groupKey":"{}:{alertname=\\"","truncatedAlerts":0,"notificationReason":null,"title":"",` +
    `"message":"","lossyBody":null},"grouping":"as_sent","mergeWaitMs":0,"sender":{"address":"10.",` +
    `"userAgent":"Alertmanager/0."}}`,
);

/** The lowest level and a window of 8 kB. Most bodies are smaller: setting up zlib's default window takes longer than deflating them. */
const options = { level: 1, windowBits: 13, memLevel: 6, dictionary };

export async function deflated(text: string): Promise<Uint8Array> {
  const bytes = Buffer.from(text);
  const roomy = { ...options, chunkSize: chunkBytes(bytes.length / 2) };
  return bytes.length > inlineBytes ? promisify(deflateRaw)(bytes, roomy) : deflateRawSync(bytes, roomy);
}

/** Most output fits into one chunk. Chunks of zlib's default 16 kB are garbage outside of the heap, which V8 keeps up to 64 MB. */
function chunkBytes(expectedBytes: number): number {
  return Math.floor(Math.max(1_024, Math.min(expectedBytes, 16_384)));
}

/** Each chunk takes a turn of the event loop; zlib's default is 16 kB. */
const largeChunkBytes = 1_048_576;

export async function inflated(body: Uint8Array): Promise<string> {
  const bytes =
    body.length > inlineBytes
      ? await promisify(inflateRaw)(body, { dictionary, chunkSize: largeChunkBytes })
      : inflateRawSync(body, { dictionary, chunkSize: chunkBytes(8 * body.length) });
  return bytes.toString();
}

/** By notification, in any order. */
export async function readBodies(sql: Sql, ids: readonly number[]): Promise<readonly (readonly [number, string])[]> {
  const rows = await sql.all<{ readonly id: number; readonly body: Uint8Array }>(
    `select id, body from notifications where ${sql.isOneOf("id", "$1", "bigint")}`,
    [JSON.stringify(ids)],
  );
  return Promise.all(rows.map(async ({ id, body }) => [id, await inflated(body)] as const));
}

/**
 * By notification. When there is no room, the oldest go: most are rendered a moment after they were accepted, and those of lanes that
 * other processes hold are never asked for. What is gone is read when it is needed.
 */
export class BodyCache {
  readonly #texts = new Map<number, string>();
  readonly #maxLength: number;
  #length = 0;

  /** @param maxLength of all texts together, in characters */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  keep(id: number, text: string): void {
    if (text.length > this.#maxLength) return;
    this.#texts.set(id, text);
    this.#length += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#length <= this.#maxLength) break;
      this.forget([oldest]);
    }
  }

  /** Null when it is not kept. */
  get(id: number): string | null {
    return this.#texts.get(id) ?? null;
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) {
      this.#length -= this.#texts.get(id)?.length ?? 0;
      this.#texts.delete(id);
    }
  }
}
