// A server with the part of Prometheus's HTTP API that graphs need. It knows expressions by their text, and the form that keeps
// single series of one. What an instant query of it returns is what the test says; it does not evaluate PromQL.

import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface FakeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Null where it has no sample. */
  readonly valueAt: (at: number) => number | null;
}

export interface FakeRule {
  readonly name: string;
  readonly query: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** Answers in place of the API; returns false to let the API answer. */
export type Misbehave = (request: SeenRequest, response: ServerResponse) => boolean;

interface TlsFiles {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export class FakePrometheus implements AsyncDisposable {
  readonly series = new Map<string, readonly FakeSeries[]>();
  readonly requests: SeenRequest[] = [];
  /** When each connection was opened, also those without a request; epoch ms. */
  readonly connectedAt: number[] = [];
  rules: readonly FakeRule[] = [];
  /** Of every answer to an instant query. */
  warnings: readonly string[] = [];
  misbehave: Misbehave = () => false;
  readonly #server: Server;
  readonly #scheme: string;
  readonly #now: () => number;

  private constructor(server: Server, scheme: string, now: () => number) {
    this.#server = server;
    this.#scheme = scheme;
    this.#now = now;
    server.on("connection", () => this.connectedAt.push(Date.now()));
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
        const isForm = request.headers["content-type"] === "application/x-www-form-urlencoded";
        const parameters = isForm ? new URLSearchParams(Buffer.concat(chunks).toString("utf8")) : searchParams;
        const { method = "", headers } = request;
        this.#answer({ method, path: pathname, parameters, headers }, response);
      });
    });
  }

  /** @param now of queries without a time */
  static async start(now: () => number, tls: TlsFiles | null = null): Promise<FakePrometheus> {
    const server = tls === null ? createServer() : createTlsServer(tls);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakePrometheus(server as Server, tls === null ? "http" : "https", now);
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: SeenRequest, response: ServerResponse): void {
    this.requests.push(request);
    if (this.misbehave(request, response)) return;
    const { path, parameters } = request;
    const query = parameters.get("query") ?? "";
    const found = this.#evaluated(query);
    if (path === "/api/v1/rules") {
      succeed(response, { groups: [{ name: "fake", rules: this.#rules(parameters) }] });
    } else if (found === null) {
      fail(response, 400, `unknown expression ${query}`);
    } else if (path === "/api/v1/query") {
      this.#instant(found, parameters, response);
    } else if (path === "/api/v1/query_range") {
      range(found, parameters, response);
    } else {
      fail(response, 404, "no such endpoint");
    }
  }

  #rules(parameters: URLSearchParams): readonly object[] {
    const names = parameters.getAll("rule_name[]");
    const wanted = this.rules.filter(({ name }) => names.length === 0 || names.includes(name));
    return wanted.map(({ labels = {}, ...rule }) => ({ ...rule, labels, type: "alerting", alerts: [] }));
  }

  #evaluated(query: string): readonly FakeSeries[] | null {
    const [, inner, names = "", vectors = ""] = /^\(\n(.*)\n\) and on \((.*?)\) \((.*)\)$/su.exec(query) ?? [];
    const known = this.series.get(inner ?? query);
    if (known === undefined) return null;
    if (inner === undefined) return known;
    const on = names === "" ? [] : names.split(", ");
    const wanted = vectors.split(" or ").map((vector) => JSON.stringify(on.map((name) => replacementOf(vector, name))));
    return known.filter(({ labels }) => wanted.includes(JSON.stringify(on.map((name) => labels[name] ?? ""))));
  }

  #instant(found: readonly FakeSeries[], parameters: URLSearchParams, response: ServerResponse): void {
    const time = parameters.get("time");
    const at = time === null ? this.#now() : Number(time) * 1000;
    const result = found.flatMap(({ labels, valueAt }) => {
      const value = valueAt(at);
      return value === null ? [] : [{ metric: labels, value: [at / 1000, String(value)] }];
    });
    succeed(response, { resultType: "vector", result }, this.warnings);
  }
}

/** Of `label_replace(…, "name", "value", "", "")`; empty where the vector has no such label. */
function replacementOf(vector: string, name: string): string {
  const found = new RegExp(`, ${JSON.stringify(name)}, ("(?:[^"\\\\]|\\\\.)*"), "", ""\\)`, "u").exec(vector)?.[1];
  return found === undefined ? "" : (JSON.parse(found) as string).replaceAll("$$", () => "$");
}

function range(found: readonly FakeSeries[], parameters: URLSearchParams, response: ServerResponse): void {
  const numberOf = (name: string) => Number(parameters.get(name)) * 1000;
  const [start, step] = [numberOf("start"), numberOf("step")];
  const count = Math.floor((numberOf("end") - start) / step) + 1;
  const times = Array.from({ length: count }, (_, n) => start + n * step);
  const result = found.flatMap(({ labels, valueAt }) => {
    const values = times.flatMap((at) => {
      const value = valueAt(at);
      return value === null ? [] : [[at / 1000, String(value)]];
    });
    return values.length === 0 ? [] : [{ metric: labels, values }];
  });
  succeed(response, { resultType: "matrix", result });
}

function succeed(response: ServerResponse, data: object, warnings: readonly string[] = []): void {
  const marks = warnings.length === 0 ? {} : { warnings };
  response.setHeader("content-type", "application/json").end(JSON.stringify({ status: "success", data, ...marks }));
}

function fail(response: ServerResponse, status: number, error: string): void {
  response.statusCode = status;
  response.end(JSON.stringify({ status: "error", errorType: "bad_data", error }));
}
