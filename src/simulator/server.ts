// Shell: a strict WeCom robot over HTTP. In: the robots and how to judge; out: a running server with its inspection API.
// Listens on loopback unless told otherwise, keeps everything in memory, prints nothing, never shows a key.
// A clock that tests can move forward. In: a source of epoch milliseconds; out: the same, ahead by what was added.

import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type NextFunction, type Request, type Response } from "express";
import { LivePage } from "./chat/live-page.ts";
import type { Fault } from "./faults.ts";
import { inspectionRoutes } from "./inspection-routes.ts";
import { Ledger } from "./ledger.ts";
import type { AcceptedMessage, Arrival, UploadedFile, Violation } from "./record.ts";
import type { RobotOptions } from "./robot.ts";
import { type Profile, type Switches, switchesOf } from "./rules/switches.ts";
import { webhookRoutes } from "./webhook-routes.ts";

export type { Fault } from "./faults.ts";
export type { AcceptedMessage, Arrival, Outcome, UploadedFile, Violation } from "./record.ts";
export type { Profile, Switches } from "./rules/switches.ts";

export interface SimulatorOptions {
  /** Named groups; more than one key may share one name: several robots in one group. */
  readonly robots: readonly RobotOptions[];
  /** Default: documented. */
  readonly profile?: Profile;
  /** Single guesses, over those of the profile. */
  readonly switches?: Partial<Switches>;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** Epoch milliseconds; default: Date.now. advanceClock adds to it in either case. */
  readonly now?: () => number;
}

export interface Simulator {
  /** Without a trailing slash; use as wecom.base_url. */
  readonly origin: string;
  readonly pageUrl: string;
  /** In order of arrival. */
  accepted(): readonly AcceptedMessage[];
  /** One for each rule a request breaks in a strict reading; scripted faults are none. */
  violations(): readonly Violation[];
  /** Every request that reached send with a known key. */
  arrivals(): readonly Arrival[];
  files(): readonly UploadedFile[];
  /** The largest number of send arrivals of one key in any 60 s. */
  largestWindow(): number;
  /** For the next requests of that robot, in order; null: of any. */
  script(robotName: string | null, faults: readonly Fault[]): void;
  advanceClock(ms: number): void;
  /** Forgets all that happened, media ids and pending faults too; the clock stays. */
  reset(): void;
  /** Also ends unanswered requests and live pages. */
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
  const script = (robot: string | null, faults: readonly Fault[]) => ledger.script(robot, faults);
  const app = express().disable("x-powered-by").disable("etag");
  app.use(webhookRoutes({ ledger, now: clock.now, later: laterIn(timers), changed: () => page.update() }));
  app.use(inspectionRoutes({ ledger, now: clock.now, advance, script, reset }));
  app.use(page.routes());
  app.use(notFound, unexpected);
  const server = createServer(app);
  const origin = await listen(server, options.host ?? "127.0.0.1", options.port ?? 0);
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

/** A wildcard address is reached through loopback. */
async function listen(server: Server, host: string, port: number): Promise<string> {
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

/** Says nothing of the URL, which may hold a key. */
function notFound(_request: Request, response: Response): void {
  response.status(404).type("text/plain").send("not found\n");
}

function unexpected(_fault: unknown, _request: Request, response: Response, _next: NextFunction): void {
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
      if (!(ms >= 0)) throw new Error("the simulator's clock only moves forward; give a number of milliseconds from 0");
      aheadMs += ms;
    },
  };
}
