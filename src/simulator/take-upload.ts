// One request to /cgi-bin/webhook/upload_media, from arrival to reply. An unknown key is answered 40058 here, not 93000
// (observed).

import { effectOf } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { type RecordedFile, unknownRobot } from "./record.ts";
import { type RobotReply, type RobotVerdict, robotReply } from "./reply.ts";
import type { Robot } from "./robot.ts";
import { type RuleFinding, rejection, remark } from "./rules/finding.ts";
import { checkUpload, isMediaKind, type UploadedPart, uploadRejection } from "./rules/media.ts";
import { refusals } from "./rules/refusals.ts";

interface UploadRequest {
  readonly method: string;
  readonly key: string;
  readonly kind: unknown;
  /** null: no part named media with a filename; "too-big": over the size that the simulator reads. */
  readonly part: UploadedPart | null | "too-big";
  readonly at: number;
}

const noFault = effectOf(null);

export function takeUpload(ledger: Ledger, request: UploadRequest): RobotReply {
  const robot = ledger.keys.robotOf(request.key);
  const fault = robot === null ? null : ledger.takeFault(robot);
  const effect = robot === null ? noFault : effectOf(fault);
  const finding = judgeUploadRequest(ledger, robot, request);
  const accepted = effect.keepsMessage && finding === null;
  if (robot !== null && ledger.switches.countUploads) {
    ledger.countRequest(robot, { at: request.at, over: finding?.rule === "rate/per-minute", accepted });
  }
  const file = accepted && robot !== null ? keepFile(ledger, robot, request) : null;
  const serial = ledger.nextSerial();
  const verdict = finding ?? (file === null ? { errcode: 0, errmsg: "ok" } : successOf(file));
  const reply = robotReply({ effect, verdict, moment: { at: request.at, serial } });
  const origin = { at: request.at, robot: robot?.name ?? unknownRobot, keyNumber: robot?.keyNumber ?? 0 };
  const keyFindings = findKeyInFile(ledger, request);
  const findings = finding === null ? keyFindings : [finding, ...keyFindings];
  const violations = findings.map(({ rule, errcode, detail }) => ({ ...origin, rule, errcode, detail }));
  const outcome = !effect.keepsMessage ? "faulted" : finding === null ? "accepted" : "rejected";
  const errcode = reply.errcode;
  ledger.recordEntry({
    ...origin,
    outcome,
    errcode,
    fault: fault?.kind ?? null,
    serial,
    message: null,
    file,
    violations,
  });
  return reply;
}

function judgeUploadRequest(ledger: Ledger, robot: Robot | null, request: UploadRequest): RuleFinding | null {
  if (robot === null) return uploadRejection("key", "no robot has this key", "badUploadKey");
  if (request.method !== "POST") return uploadRejection("method", `${request.method} instead of POST`, "wrongMethod");
  const { countUploads, limit } = ledger.switches;
  if (countUploads && ledger.isOverRate(robot, request.at, limit)) {
    const place = { rule: "rate/per-minute", step: "content", detail: `more than ${limit} requests in 60 s` } as const;
    return rejection(place, refusals.overRate);
  }
  if (request.part === "too-big")
    return uploadRejection("max-bytes", "the request is larger than 24 MiB", "fileTooBig");
  return checkUpload(request.kind, request.part)[0] ?? null;
}

function findKeyInFile(ledger: Ledger, { part }: UploadRequest): readonly RuleFinding[] {
  if (part === null || part === "too-big") return [];
  if (!ledger.keys.holdsKey(part.name) && !ledger.keys.holdsKey(part.bytes.toString("latin1"))) return [];
  const detail = "the file shows a robot's key to the group";
  return [remark({ rule: "upload_media/shows-key", step: "content", detail }, "flag")];
}

function keepFile(ledger: Ledger, robot: Robot, { kind, part, at }: UploadRequest): RecordedFile | null {
  if (part === null || part === "too-big" || !isMediaKind(kind)) return null;
  return ledger.keepFile(robot, kind, { part, at });
}

/** created_at is a string of seconds, as in the page's example. */
function successOf({ kind, mediaId, at }: RecordedFile): RobotVerdict {
  const members = { type: kind, media_id: mediaId, created_at: String(Math.floor(at / 1000)) };
  return { errcode: 0, errmsg: "ok", members };
}
