// One request to /cgi-bin/webhook/send, from arrival to reply. The key is checked first. A request over the rate is
// answered 45009, valid or not (guessed). By default every arrival with a known key counts toward the rate, scripted
// faults included.

import { type BodyObject, isBodyObject } from "./body-value.ts";
import { effectOf } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import {
  type AcceptedMessage,
  type RequestOrigin,
  type RequestOutcome,
  unknownRobot,
  type Violation,
} from "./record.ts";
import { envelope, type FaultEffect, type RobotReply, robotReply } from "./reply.ts";
import type { Robot } from "./robot.ts";
import { checkMessage } from "./rules/check-message.ts";
import { isViolation, type RuleFinding, rejection, remark } from "./rules/finding.ts";
import { isMessageType } from "./rules/message-rules.ts";
import { refusals } from "./rules/refusals.ts";

interface SendRequest {
  readonly method: string;
  readonly key: string;
  readonly debug: boolean;
  /** null: over the size that the simulator reads. */
  readonly body: Buffer | null;
  readonly at: number;
  readonly inFlight: number;
}

const debugLimit = 5;

export function takeSend(ledger: Ledger, request: SendRequest): RobotReply {
  const robot = ledger.keys.robotOf(request.key);
  if (robot === null) return rejectUnknownKey(ledger, request.at);
  const fault = ledger.takeFault(robot);
  const effect = effectOf(fault);
  const judged = judgeSend(ledger, robot, request);
  const accepted = effect.keepsMessage && judged.refusal === null;
  ledger.countRequest(robot, { at: request.at, over: judged.over, accepted });
  const verdict = judged.refusal ?? { errcode: 0, errmsg: successText(judged.findings) };
  const serial = ledger.nextSerial();
  const reply = robotReply({ effect, verdict, moment: { at: request.at, serial } });
  const origin = { at: request.at, robot: robot.name, keyNumber: robot.keyNumber };
  const outcome = outcomeOf(judged, effect);
  const record = { ...origin, outcome, errcode: reply.errcode, fault: fault?.kind ?? null };
  ledger.recordArrival({ ...record, inFlight: request.inFlight });
  const violations = judged.findings.filter(isViolation).map((finding) => violationOf(origin, finding));
  const message = accepted ? messageOf(origin, judged) : null;
  ledger.recordEntry({ ...record, serial, message, file: null, violations });
  return reply;
}

interface JudgedSend {
  readonly body: BodyObject | null;
  readonly findings: readonly RuleFinding[];
  readonly over: boolean;
  /** The rejection that is answered: over the rate, else the first in check order. */
  readonly refusal: RuleFinding | null;
}

function judgeSend(ledger: Ledger, robot: Robot, request: SendRequest): JudgedSend {
  const limit = request.debug ? debugLimit : ledger.switches.limit;
  const over = ledger.isOverRate(robot, request.at, limit);
  const { body, findings } = judgeSendBody(ledger, robot, request);
  const rate = over ? [overRate(limit)] : [];
  const all = [...rate, ...findings, ...judgeQuery(request), ...findKeyInBody(ledger, request)];
  return { body, findings: all, over, refusal: all.find(({ severity }) => severity === "reject") ?? null };
}

function overRate(limit: number): RuleFinding {
  const detail = `more than ${limit} requests in 60 s`;
  return rejection({ rule: "rate/per-minute", step: "content", detail }, refusals.overRate);
}

function judgeSendBody(ledger: Ledger, robot: Robot, request: SendRequest) {
  if (request.method !== "POST") {
    const place = { rule: "send/method", step: "json", detail: `${request.method} instead of POST` } as const;
    return { body: null, findings: [rejection(place, refusals.wrongMethod)] };
  }
  if (request.body === null) {
    const place = { rule: "body/size", step: "json", detail: "the body is larger than 4 MiB" } as const;
    return { body: null, findings: [rejection(place, refusals.bodyTooBig)] };
  }
  return checkMessage(request.body, {
    switches: ledger.switches,
    mediaState: ledger.mediaState(robot, request.at),
  });
}

function judgeQuery({ debug }: SendRequest): readonly RuleFinding[] {
  const detail = "debug=1 lowers the rate to 5 a minute";
  return debug ? [remark({ rule: "send/debug", step: "content", detail }, "flag")] : [];
}

function findKeyInBody(ledger: Ledger, { body }: SendRequest): readonly RuleFinding[] {
  const leaks = body !== null && ledger.keys.holdsKey(body.toString("utf8"));
  const detail = "the message shows a robot's key to the group";
  return leaks ? [remark({ rule: "body/shows-key", step: "content", detail }, "flag")] : [];
}

function successText(findings: readonly RuleFinding[]): string {
  return findings.some(({ severity }) => severity === "warn") ? "ok. Warning: wrong json format. " : "ok";
}

function outcomeOf({ refusal, over }: JudgedSend, effect: FaultEffect): RequestOutcome {
  if (!effect.keepsMessage) return "faulted";
  if (over) return "rateLimited";
  return refusal === null ? "accepted" : "rejected";
}

function violationOf(origin: RequestOrigin, { rule, errcode, detail }: RuleFinding): Violation {
  return { ...origin, rule, errcode, detail };
}

function messageOf(origin: RequestOrigin, { body, findings }: JudgedSend): AcceptedMessage | null {
  if (!isBodyObject(body) || !isMessageType(body.msgtype)) return null;
  const advice = findings.filter((finding) => !isViolation(finding)).map(({ detail }) => detail);
  return { ...origin, msgtype: body.msgtype, body, advice };
}

function rejectUnknownKey(ledger: Ledger, at: number): RobotReply {
  const { errcode, text } = refusals.badKey;
  const serial = ledger.nextSerial();
  const origin = { at, robot: unknownRobot, keyNumber: 0 };
  const violations = [{ ...origin, rule: "send/key", errcode, detail: "no robot has this key" }];
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
  return { kind: "answer", answer: envelope({ errcode, errmsg: text }, { at, serial }), errcode, delayMs: 0 };
}
