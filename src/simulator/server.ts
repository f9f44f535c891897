// A strict WeCom robot over HTTP, with its page and its inspection API. Listens on loopback by default, keeps
// everything in memory, prints nothing and never shows a key.

import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type NextFunction, type Request, type Response } from "express";
import { LivePage } from "./chat/live-page.ts";
import type { ScriptedFault } from "./faults.ts";
import { inspectionRoutes } from "./inspection-routes.ts";
import { Ledger } from "./ledger.ts";
import type { AcceptedMessage, RecordedFile, SendArrival, Violation } from "./record.ts";
import type { RobotOptions } from "./robot.ts";
import { type Profile, type Switches, switchesOf } from "./rules/switches.ts";
import { webhookRoutes } from "./webhook-routes.ts";

export interface SimulatorOptions {
  /** Robots with the same name are robots of one group. */
  readonly robots: readonly RobotOptions[];
  /** Default: documented. */
  readonly profile?: Profile;
  /** Override those of the profile. */
  readonly switches?: Partial<Switches>;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** Epoch milliseconds; default: Date.now. advanceClock adds to it. */
  readonly now?: () => number;
}

export interface Simulator {
  /** Without a trailing slash; use as wecom.base_url. */
  readonly origin: string;
  readonly pageUrl: string;
  /** In order of arrival. */
  accepted(): readonly AcceptedMessage[];
  /** One for each rule that a request breaks in a strict reading. Scripted faults are not violations. */
  violations(): readonly Violation[];
  /** Every request to send with a known key. */
  arrivals(): readonly SendArrival[];
  files(): readonly RecordedFile[];
  /** The largest number of send arrivals of one key in any 60 s. */
  largestWindow(): number;
  /** Adds faults for the next requests of that robot, in order; null: of any robot. */
  script(robotName: string | null, faults: readonly ScriptedFault[]): void;
  advanceClock(ms: number): void;
  /** Deletes all records, media ids and pending faults; the clock stays. */
  reset(): void;
  /** Also ends unanswered requests and live streams. */
  close(): Promise<void>;
}

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const switches = switchesOf(options.profile ?? "documented", options.switches);
  const ledger = new Ledger({ robots: options.robots, switches, salt: randomUUID() });
  const clock = movableClock(options.now ?? Date.now);
  const page = new LivePage(ledger, clock.now);
  const timers = new Set<NodeJS.Timeout>();
  const reset = () => {
    ledger.reset();
    page.reset();
  };
  const advance = (ms: number) => {
    clock.advance(ms);
    page.update();
  };
  const script = (robot: string | null, faults: readonly ScriptedFault[]) => ledger.script(robot, faults);
  const app = express().disable("x-powered-by").disable("etag");
  app.use(webhookRoutes({ ledger, now: clock.now, later: laterIn(timers), changed: () => page.update() }));
  app.use(inspectionRoutes({ ledger, now: clock.now, advance, script, reset }));
  app.use(page.routes());
  app.use(notFound, unreadableRequest);
  const server = createServer(app);
  const origin = await listenOn(server, options.host ?? "127.0.0.1", options.port ?? 0);
  return {
    origin,
    pageUrl: `${origin}/`,
    accepted: () => ledger.accepted(),
    violations: () => ledger.violations(),
    arrivals: () => ledger.arrivals(),
    files: () => ledger.files(),
    largestWindow: () => ledger.largestWindow(),
    script,
    advanceClock: advance,
    reset,
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      page.close();
      return closeServer(server);
    },
  };
}

function laterIn(timers: Set<NodeJS.Timeout>): (ms: number, run: () => void) => void {
  return (ms, run) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
}

/** Returns the origin; for a wildcard address that of loopback. */
async function listenOn(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${actual}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Does not print the URL, which may contain a key. */
function notFound(_request: Request, response: Response): void {
  response.status(404).type("text/plain").send("not found\n");
}

function unreadableRequest(_error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  response.status(400).type("text/plain").send("the request could not be read\n");
}

interface MovableClock {
  now(): number;
  advance(ms: number): void;
}

function movableClock(source: () => number): MovableClock {
  let aheadMs = 0;
  return {
    now: () => source() + aheadMs,
    advance: (ms) => {
      if (!(ms >= 0))
        throw new Error("the simulator's clock only moves forward; the number of milliseconds must be 0 or more");
      aheadMs += ms;
    },
  };
}
