// One request to /cgi-bin/webhook/upload_media, from arrival to answer. In: the ledger and the request with its multipart
// part already read; out: what the server shall do. A bad key answers 40058 here, not 93000 (observed).

import { effectOf } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { type UploadedFile, unknownRobot } from "./record.ts";
import type { Verdict } from "./reply.ts";
import { judgedReply, type Reply } from "./reply.ts";
import type { Robot } from "./robot.ts";
import { accept, type Finding, reject } from "./rules/finding.ts";
import { checkUpload, isMediaKind, type UploadedPart } from "./rules/media.ts";
import { refusals } from "./rules/refusals.ts";

export interface UploadRequest {
  readonly method: string;
  readonly key: string;
  readonly kind: unknown;
  /** null: no part named media with a filename; "too-big": larger than the simulator reads. */
  readonly part: UploadedPart | null | "too-big";
  readonly at: number;
}

const noFault = effectOf(null);

export function takeUpload(ledger: Ledger, request: UploadRequest): Reply {
  const robot = ledger.keys.robotOf(request.key);
  const fault = robot === null ? null : ledger.takeFault(robot);
  const effect = robot === null ? noFault : effectOf(fault);
  const finding = judge(ledger, robot, request);
  const accepted = effect.keeps && finding === null;
  if (robot !== null && ledger.switches.countUploads) {
    ledger.countRequest(robot, { at: request.at, over: finding?.rule === "rate/per-minute", accepted });
  }
  const file = accepted && robot !== null ? keep(ledger, robot, request) : null;
  const serial = ledger.nextSerial();
  const verdict = finding ?? (file === null ? { errcode: 0, errmsg: "ok" } : success(file));
  const reply = judgedReply({ effect, verdict, moment: { at: request.at, serial } });
  const origin = { at: request.at, robot: robot?.name ?? unknownRobot, keyNumber: robot?.keyNumber ?? 0 };
  const found = [...(finding === null ? [] : [finding]), ...judgeSecrecy(ledger, request)];
  const violations = found.map(({ rule, errcode, detail }) => ({ ...origin, rule, errcode, detail }));
  const outcome = !effect.keeps ? "faulted" : finding === null ? "accepted" : "rejected";
  const answered = { outcome, errcode: reply.errcode, fault: fault?.kind ?? null } as const;
  ledger.recordEntry({ ...origin, ...answered, serial, message: null, file, violations });
  return reply;
}

function judge(ledger: Ledger, robot: Robot | null, request: UploadRequest): Finding | null {
  if (robot === null) return refuse("key", "no robot has this key", "badUploadKey");
  if (request.method !== "POST") return refuse("method", `${request.method} instead of POST`, "wrongMethod");
  const { countUploads, limit } = ledger.switches;
  if (countUploads && ledger.isOverRate(robot, request.at, limit)) {
    const place = { rule: "rate/per-minute", step: "content", detail: `more than ${limit} requests in 60 s` } as const;
    return reject(place, refusals.overRate);
  }
  if (request.part === "too-big") return refuse("max-bytes", "the request is larger than 24 MiB", "fileTooBig");
  return checkUpload(request.kind, request.part)[0] ?? null;
}

function refuse(aspect: string, detail: string, refusal: keyof typeof refusals): Finding {
  return reject({ rule: `upload_media/${aspect}`, step: "content", detail }, refusals[refusal]);
}

function judgeSecrecy(ledger: Ledger, { part }: UploadRequest): readonly Finding[] {
  if (part === null || part === "too-big") return [];
  if (!ledger.keys.holdsKey(part.name) && !ledger.keys.holdsKey(part.bytes.toString("latin1"))) return [];
  const detail = "the file shows a robot's key to the group";
  return [accept({ rule: "upload_media/shows-key", step: "content", detail }, "flag")];
}

function keep(ledger: Ledger, robot: Robot, { kind, part, at }: UploadRequest): UploadedFile | null {
  if (part === null || part === "too-big" || !isMediaKind(kind)) return null;
  return ledger.keepFile(robot, kind, { part, at });
}

/** created_at is a string of seconds, as in the page's example. */
function success({ kind, mediaId, at }: UploadedFile): Verdict {
  const members = { type: kind, media_id: mediaId, created_at: String(Math.floor(at / 1000)) };
  return { errcode: 0, errmsg: "ok", members };
}
