// One request to /cgi-bin/webhook/send, from arrival to answer. In: the ledger and the request as values; out: what the
// server shall do. Order: key, then everything about the body, then the rate; a request over the rate answers 45009
// whatever its body (guessed). Every arrival with a known key counts toward the rate, scripted faults included.

import { isObject, type JsonObject } from "./body-value.ts";
import { effectOf } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { type AcceptedMessage, type Outcome, unknownRobot, type Violation } from "./record.ts";
import { envelope, type FaultEffect, judgedReply, type Reply, type Verdict } from "./reply.ts";
import type { Robot } from "./robot.ts";
import { checkMessage } from "./rules/check-message.ts";
import { accept, type Finding, isViolation, reject } from "./rules/finding.ts";
import { isMessageType } from "./rules/message-rules.ts";
import { refusals } from "./rules/refusals.ts";

export interface SendRequest {
  readonly method: string;
  readonly key: string;
  readonly debug: boolean;
  /** null: larger than the simulator reads. */
  readonly body: Buffer | null;
  readonly at: number;
  readonly inFlight: number;
}

const debugLimit = 5;

export function takeSend(ledger: Ledger, request: SendRequest): Reply {
  const robot = ledger.keys.robotOf(request.key);
  if (robot === null) return refuseUnknownKey(ledger, request.at);
  const fault = ledger.takeFault(robot);
  const effect = effectOf(fault);
  const judged = judge(ledger, robot, request);
  const accepted = effect.keeps && judged.refusal === null;
  ledger.countRequest(robot, { at: request.at, over: judged.over, accepted });
  const verdict = judged.refusal ?? { errcode: 0, errmsg: successText(judged.findings) };
  const serial = ledger.nextSerial();
  const reply = judgedReply({ effect, verdict, moment: { at: request.at, serial } });
  const origin = { at: request.at, robot: robot.name, keyNumber: robot.keyNumber };
  const outcome = outcomeOf(judged, effect);
  const answered = { outcome, errcode: reply.errcode, fault: fault?.kind ?? null };
  ledger.recordArrival({ ...origin, ...answered, inFlight: request.inFlight });
  const violations = judged.findings.filter(isViolation).map((finding) => violationOf(origin, finding));
  const message = accepted ? messageOf(origin, judged) : null;
  ledger.recordEntry({ ...origin, ...answered, serial, message, file: null, violations });
  return reply;
}

interface Judged {
  readonly body: JsonObject | null;
  readonly findings: readonly Finding[];
  readonly over: boolean;
  /** The first refusal in check order, the rate before all. */
  readonly refusal: Finding | null;
}

function judge(ledger: Ledger, robot: Robot, request: SendRequest): Judged {
  const limit = request.debug ? debugLimit : ledger.switches.limit;
  const over = ledger.isOverRate(robot, request.at, limit);
  const { body, findings } = judgeBody(ledger, robot, request);
  const rate = over ? [overRate(limit)] : [];
  const all = [...rate, ...findings, ...judgeQuery(request), ...judgeSecrecy(ledger, request)];
  return { body, findings: all, over, refusal: all.find(({ severity }) => severity === "reject") ?? null };
}

function overRate(limit: number): Finding {
  const detail = `more than ${limit} requests in 60 s`;
  return reject({ rule: "rate/per-minute", step: "content", detail }, refusals.overRate);
}

function judgeBody(ledger: Ledger, robot: Robot, request: SendRequest) {
  if (request.method !== "POST") {
    const place = { rule: "send/method", step: "json", detail: `${request.method} instead of POST` } as const;
    return { body: null, findings: [reject(place, refusals.wrongMethod)] };
  }
  if (request.body === null) {
    const place = { rule: "body/size", step: "json", detail: "the body is larger than 4 MiB" } as const;
    return { body: null, findings: [reject(place, refusals.bodyTooBig)] };
  }
  return checkMessage(request.body, {
    switches: ledger.switches,
    mediaState: ledger.mediaState(robot, request.at),
  });
}

function judgeQuery({ debug }: SendRequest): readonly Finding[] {
  const detail = "debug=1 lowers the rate to 5 a minute";
  return debug ? [accept({ rule: "send/debug", step: "content", detail }, "flag")] : [];
}

function judgeSecrecy(ledger: Ledger, { body }: SendRequest): readonly Finding[] {
  const leaks = body !== null && ledger.keys.holdsKey(body.toString("utf8"));
  const detail = "the message shows a robot's key to the group";
  return leaks ? [accept({ rule: "body/shows-key", step: "content", detail }, "flag")] : [];
}

function successText(findings: readonly Finding[]): string {
  return findings.some(({ severity }) => severity === "warn") ? "ok. Warning: wrong json format. " : "ok";
}

function outcomeOf({ refusal, over }: Judged, effect: FaultEffect): Outcome {
  if (!effect.keeps) return "faulted";
  if (over) return "rateLimited";
  return refusal === null ? "accepted" : "rejected";
}

type Origin = Pick<Violation, "at" | "robot" | "keyNumber">;

function violationOf(origin: Origin, { rule, errcode, detail }: Finding): Violation {
  return { ...origin, rule, errcode, detail };
}

function messageOf(origin: Origin, { body, findings }: Judged): AcceptedMessage | null {
  if (!isObject(body) || !isMessageType(body.msgtype)) return null;
  const advice = findings.filter((finding) => !isViolation(finding)).map(({ detail }) => detail);
  return { ...origin, msgtype: body.msgtype, body, advice };
}

function refuseUnknownKey(ledger: Ledger, at: number): Reply {
  const verdict: Verdict = { errcode: refusals.badKey.errcode, errmsg: refusals.badKey.text };
  const serial = ledger.nextSerial();
  const origin = { at, robot: unknownRobot, keyNumber: 0 };
  const violations = [{ ...origin, rule: "send/key", errcode: verdict.errcode, detail: "no robot has this key" }];
  const { errcode } = verdict;
  ledger.recordEntry({
    ...origin,
    serial,
    outcome: "rejected",
    errcode,
    fault: null,
    message: null,
    file: null,
    violations,
  });
  return { kind: "answer", answer: envelope(verdict, { at, serial }), errcode, delayMs: 0 };
}
