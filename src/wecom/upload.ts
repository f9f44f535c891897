// Uploading a file: the request's body, and what its answer means. Pure.

import { mediaLifeMs } from "./limits.ts";
import { type Judgement, judge, type Reply, type Verdict } from "./verdict.ts";

export interface UploadedFile {
  readonly type: "file" | "voice";
  /** What readers see. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface UploadForm {
  readonly contentType: string;
  readonly body: Buffer;
}

/** The part is called `media` and says its file's name and length; without them WeCom answers 44001. */
export function uploadForm(file: UploadedFile, boundary: string): UploadForm {
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
  /** Good for the key that uploaded it, and for `lifeMs`. */
  | { readonly kind: "uploaded"; readonly mediaId: string; readonly lifeMs: number }
  | Exclude<Verdict, { readonly kind: "sent" }>;

export interface UploadJudgement extends Omit<Judgement, "verdict"> {
  readonly verdict: UploadVerdict;
}

/** An upload shows nothing to anybody, so its missing answer leaves no doubt; and where uploads do not exist (404) messages still may. */
export function judgeUpload(reply: Reply): UploadJudgement {
  const judgement = judge(reply);
  const { verdict } = judgement;
  if (verdict.kind === "sent") return { ...judgement, verdict: accepted(reply) };
  if (verdict.kind === "retry") return { ...judgement, verdict: { ...verdict, inDoubt: false } };
  if (verdict.kind === "keyOff" && verdict.reason === "wrongAddress") {
    return { ...judgement, verdict: { kind: "repair", reason: "wrongAddress", repair: "plain" } };
  }
  return { ...judgement, verdict };
}

function accepted(reply: Reply): UploadVerdict {
  const mediaId = reply.kind === "answered" ? mediaIdOf(reply.body) : null;
  if (mediaId !== null) return { kind: "uploaded", mediaId, lifeMs: mediaLifeMs };
  return { kind: "retry", reason: "unreadableAnswer", quickTries: 3, inDoubt: false };
}

function mediaIdOf(body: string): string | null {
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== "object" || answer === null || !("media_id" in answer)) return null;
  return typeof answer.media_id === "string" && answer.media_id !== "" ? answer.media_id : null;
}
