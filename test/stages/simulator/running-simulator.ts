// Starts a simulator for one test and sends requests to it as a client. Not a test file.

import type { TestContext } from "node:test";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../src/simulator/server.ts";

export const opsKey = "0ps-key-0ne-7c1e";
export const opsSecondKey = "0ps-key-tw0-9d2f";
export const dbaKey = "dba-key-0ne-4b3a";
export const allKeys = [opsKey, opsSecondKey, dbaKey];

const robots = [
  { name: "ops", key: opsKey },
  { name: "ops", key: opsSecondKey },
  { name: "dba", key: dbaKey },
];

/** The clock stays at `startAt` until a test advances it. */
export const startAt = Date.UTC(2026, 0, 2, 3, 4, 5);

export async function simulatorFor(t: TestContext, options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ robots, now: () => startAt, ...options });
  t.after(() => simulator.close());
  return simulator;
}

export interface RobotResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly errcode: number | null;
  readonly errmsg: string;
}

export async function send({ origin }: Simulator, body: unknown, key = opsKey): Promise<RobotResponse> {
  const url = `${origin}/cgi-bin/webhook/send?key=${key}`;
  return readResponse(await fetch(url, { method: "POST", body: JSON.stringify(body) }));
}

export function text(content: string) {
  return { msgtype: "text", text: { content } };
}

export interface Upload {
  readonly key?: string;
  readonly kind?: string;
  readonly field?: string;
}

export async function upload(
  { origin }: Simulator,
  file: File,
  { key = opsKey, kind = "file", field = "media" }: Upload = {},
) {
  const form = new FormData();
  form.set(field, file);
  const url = `${origin}/cgi-bin/webhook/upload_media?key=${key}&type=${kind}`;
  return readResponse(await fetch(url, { method: "POST", body: form }));
}

export async function readResponse(response: Response): Promise<RobotResponse> {
  const { status, headers } = response;
  const body = await response.text();
  try {
    const { errcode, errmsg } = JSON.parse(body) as { errcode: number; errmsg: string };
    return { status, headers, text: body, errcode, errmsg };
  } catch {
    return { status, headers, text: body, errcode: null, errmsg: "" };
  }
}

export async function inspect({ origin }: Simulator, path: string, body?: unknown): Promise<unknown> {
  const headers = { "Content-Type": "application/json" };
  const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  return await (await fetch(`${origin}/_sim/${path}`, init)).json();
}
