// Robots for the model: the simulator's own rules behind a function instead of a socket, requests that take simulated time, and a
// record of every one of them.

import type { Secret } from "../../../src/config/secret.ts";
import type { Media } from "../../../src/domain/media.ts";
import { Ledger } from "../../../src/simulator/ledger.ts";
import type { RobotReply } from "../../../src/simulator/reply.ts";
import { switchesOf } from "../../../src/simulator/rules/switches.ts";
import { takeSend } from "../../../src/simulator/take-send.ts";
import { takeUpload } from "../../../src/simulator/take-upload.ts";
import type { Reply } from "../../../src/wecom/verdict.ts";
import type { Answer } from "./script.ts";

export interface Request {
  readonly bot: string;
  readonly key: string;
  /** Keys that its lane had. */
  readonly keys: readonly string[];
  readonly startedAt: number;
  readonly arrivedAt: number;
  /** Null while it is on the way. */
  answeredAt: number | null;
  readonly answer: Answer | "keyDead";
  /** Null for an upload. */
  readonly body: string | null;
  readonly accepted: boolean;
  /** The process that asked died before it could record the answer. */
  readonly unseen: boolean;
  /** Since when nothing should work with its lane's options any more; null while they are in use. */
  readonly retiredAt: number | null;
}

export interface Robots {
  /** In order of arrival. */
  readonly requests: readonly Request[];
  readonly ledger: Ledger;
  send(line: Line, key: Secret, body: string): Promise<Reply>;
  upload(line: Line, key: Secret, media: Media): Promise<Reply>;
  meet(key: string, answer: Answer, times: number): void;
  setDead(key: string, dead: boolean): void;
  /** From now on everything works. */
  heal(): void;
}

/** How a request of one process passes the time, and whether that process still hears the answer. */
export interface Line {
  readonly bot: string;
  readonly keys: readonly string[];
  readonly term: Term;
  readonly now: () => number;
  readonly pass: (ms: number) => Promise<void>;
  /** Null while it lives. */
  readonly diedAt: () => number | null;
}

/** The time between two reloads. */
export interface Term {
  /** When the worker had replaced this term's options in all lanes; null until then. */
  retiredAt: number | null;
}

const toRobotMs = 40;
const backMs = 40;
const timeoutMs = 5_000;

export function keyName(n: number): string {
  return `key${n}-5ec2-4e77-9999-000000000000`;
}

export function createRobots(keys: readonly { readonly name: string; readonly key: string }[]): Robots {
  const ledger = new Ledger({ robots: keys, switches: switchesOf("documented"), salt: "model" });
  const requests: Request[] = [];
  const coming = new Map<string, Answer[]>();
  const dead = new Set<string>();

  const carry = async (line: Line, key: string, body: string | null, judge: () => RobotReply): Promise<Reply> => {
    const startedAt = line.now();
    await line.pass(toRobotMs);
    const answer: Request["answer"] = dead.has(key) ? "keyDead" : (coming.get(key)?.shift() ?? "ok");
    const judged = answer === "ok" || answer === "acceptThenHang" ? judge() : null;
    const accepted = judged?.kind === "answer" && judged.errcode === 0;
    const request = { bot: line.bot, key, keys: line.keys, startedAt, arrivedAt: line.now(), answer, body, accepted };
    const recorded: Request = {
      ...request,
      answeredAt: null,
      get unseen() {
        const diedAt = line.diedAt();
        return diedAt !== null && diedAt <= (this.answeredAt ?? diedAt);
      },
      get retiredAt() {
        return line.term.retiredAt;
      },
    };
    requests.push(recorded);
    await line.pass(answer === "hang" || answer === "acceptThenHang" ? timeoutMs : backMs);
    recorded.answeredAt = line.now();
    return replyOf(answer, judged);
  };

  return {
    requests,
    ledger,
    send: (line, secret, body) => {
      const key = secret.reveal();
      const request = { method: "POST", key, debug: false, body: Buffer.from(body), inFlight: 1 };
      return carry(line, key, body, () => takeSend(ledger, { ...request, at: line.now() }));
    },
    upload: (line, secret, { type, name, content }) => {
      const key = secret.reveal();
      const part = { name, bytes: Buffer.from(content) };
      return carry(line, key, null, () =>
        takeUpload(ledger, { method: "POST", key, kind: type, part, at: line.now() }),
      );
    },
    meet: (key, answer, times) => {
      coming.set(key, [...(coming.get(key) ?? []), ...Array.from({ length: times }, () => answer)]);
    },
    setDead: (key, off) => (off ? dead.add(key) : dead.delete(key)),
    heal: () => {
      coming.clear();
      dead.clear();
    },
  };
}

function replyOf(answer: Answer | "keyDead", judged: RobotReply | null): Reply {
  switch (answer) {
    case "ok":
      return judged?.kind === "answer" ? { kind: "answered", ...judged.answer } : timedOut;
    case "busy":
      return errcode(-1);
    case "tooOften":
      return errcode(45009);
    case "keyDead":
      return errcode(93000);
    case "serverError":
      return { kind: "answered", status: 502, body: "" };
    case "hang":
    case "acceptThenHang":
      return timedOut;
  }
}

const timedOut: Reply = { kind: "failed", stage: "after", code: "UND_ERR_HEADERS_TIMEOUT" };

function errcode(code: number): Reply {
  return { kind: "answered", status: 200, body: JSON.stringify({ errcode: code, errmsg: "scripted" }) };
}
