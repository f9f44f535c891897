// Uploads of files: the body of the request and the verdict on the answer.

import type { Media } from "../domain/media.ts";
import { mediaLifeMs } from "./limits.ts";
import { judgeReply, type Reply, type Verdict } from "./verdict.ts";

export interface UploadForm {
  readonly contentType: string;
  readonly body: Buffer;
}

/** The part is named `media` and has the name and length of the file; without them WeCom answers 44001. */
export function uploadForm(file: Media, boundary: string): UploadForm {
  const name = file.name.replaceAll(/["\r\n\\]/gu, "_");
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="media"; filename="${name}"; filelength=${file.content.length}`,
    "Content-Type: application/octet-stream",
    "",
    "",
  ].join("\r\n");
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), file.content, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

export type UploadVerdict =
  /** Valid for `lifeMs`, and only for the key that uploaded it. */
  | { readonly kind: "uploaded"; readonly mediaId: string; readonly lifeMs: number }
  | Exclude<Verdict, { readonly kind: "sent" }>;

export interface JudgedUpload {
  readonly verdict: UploadVerdict;
  readonly errcode: number | null;
  readonly explanation: string;
}

/**
 * An upload shows nothing in the group, so it is never in doubt. A robot without uploads (404) may still accept messages, so the key
 * stays in use.
 */
export function judgeUpload(reply: Reply): JudgedUpload {
  const judged = judgeReply(reply);
  const { verdict } = judged;
  if (verdict.kind === "sent") return { ...judged, verdict: uploaded(reply) };
  if (verdict.kind === "retry") return { ...judged, verdict: { ...verdict, inDoubt: false } };
  if (verdict.kind === "keyOff" && verdict.reason === "wrongAddress") {
    return { ...judged, verdict: { kind: "repair", reason: "wrongAddress", repair: "plain" } };
  }
  return { ...judged, verdict };
}

function uploaded(reply: Reply): UploadVerdict {
  const mediaId = reply.kind === "answered" ? mediaIdOf(reply.body) : null;
  if (mediaId !== null) return { kind: "uploaded", mediaId, lifeMs: mediaLifeMs };
  return { kind: "retry", reason: "unreadableAnswer", quickTries: 3, inDoubt: false };
}

function mediaIdOf(body: string): string | null {
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== "object" || answer === null || !("media_id" in answer)) return null;
  return typeof answer.media_id === "string" && answer.media_id !== "" ? answer.media_id : null;
}
