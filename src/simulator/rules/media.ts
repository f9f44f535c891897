// Checks uploads and the use of media ids. Source: document/path/99110, 文件上传接口: an id is valid for 3 days and
// only for the key that uploaded the file.

import { type RuleFinding, rejection } from "./finding.ts";
import { refusals } from "./refusals.ts";

export type MediaKind = "file" | "voice";

export type MediaState = "usable" | "unknown" | "expired" | "of-another-key" | "of-the-wrong-kind";

export interface MediaFile {
  readonly mediaId: string;
  readonly kind: MediaKind;
  readonly name: string;
  readonly bytes: Buffer;
  readonly uploadedAt: number;
  /** Index of the uploading robot. */
  readonly owner: number;
}

export interface UploadedPart {
  readonly name: string;
  readonly bytes: Buffer;
}

const mediaIdLifeMs = 3 * 24 * 60 * 60 * 1000;
const minExclusiveBytes = 5;
const voiceMaxMs = 60_000;
export const mediaMaxBytes: Readonly<Record<MediaKind, number>> = { file: 20 * 1024 * 1024, voice: 2 * 1024 * 1024 };

interface MediaUser {
  readonly kind: MediaKind;
  readonly owner: number;
  readonly at: number;
}

export function mediaStateOf(file: MediaFile | undefined, user: MediaUser): MediaState {
  if (file === undefined) return "unknown";
  if (file.owner !== user.owner) return "of-another-key";
  if (user.at - file.uploadedAt >= mediaIdLifeMs) return "expired";
  return file.kind === user.kind ? "usable" : "of-the-wrong-kind";
}

export function isMediaKind(value: unknown): value is MediaKind {
  return value === "file" || value === "voice";
}

/** `part` is null when the request has no part named `media` with a filename. */
export function checkUpload(kind: unknown, part: UploadedPart | null): readonly RuleFinding[] {
  if (!isMediaKind(kind))
    return [uploadRejection("type", "the query parameter type must be file or voice", "badUploadType")];
  if (part === null)
    return [uploadRejection("media", "there is no multipart part named media with a filename", "noMedia")];
  const size = part.bytes.length;
  if (size === 0) return [uploadRejection("media", "the part is empty", "noMedia")];
  if (size <= minExclusiveBytes)
    return [uploadRejection("min-bytes", `${size} bytes, the minimum is 6`, "fileTooSmall")];
  const max = mediaMaxBytes[kind];
  if (size > max) return [uploadRejection("max-bytes", `${size} bytes, the limit of ${kind} is ${max}`, "fileTooBig")];
  return kind === "voice" ? checkVoice(part.bytes) : [];
}

function checkVoice(bytes: Buffer): readonly RuleFinding[] {
  const playtimeMs = amrPlaytimeMs(bytes);
  if (playtimeMs === null) return [uploadRejection("amr", "the voice is not AMR", "notAmr")];
  if (playtimeMs > voiceMaxMs)
    return [uploadRejection("playtime", `${playtimeMs} ms, the limit is 60 s`, "voiceTooLong")];
  return [];
}

export function uploadRejection(aspect: string, detail: string, refusal: keyof typeof refusals): RuleFinding {
  return rejection({ rule: `upload_media/${aspect}`, step: "content", detail }, refusals[refusal]);
}

const narrowBand = { magic: "#!AMR\n", speechBytes: [12, 13, 15, 17, 19, 20, 26, 31, 5] };
const wideBand = { magic: "#!AMR-WB\n", speechBytes: [17, 23, 32, 36, 40, 46, 50, 58, 60, 5] };
const frameMs = 20;

/** Null when the bytes are not AMR. RFC 4867 §5: a frame is 20 ms long, and its first byte gives its size. */
export function amrPlaytimeMs(bytes: Buffer): number | null {
  const format = [narrowBand, wideBand].find(
    ({ magic }) => bytes.subarray(0, magic.length).toString("latin1") === magic,
  );
  if (format === undefined) return null;
  let frames = 0;
  let offset = format.magic.length;
  while (offset < bytes.length) {
    const mode = ((bytes[offset] ?? 0) >> 3) & 0x0f;
    offset += 1 + (format.speechBytes[mode] ?? 0);
    frames += 1;
  }
  return frames * frameMs;
}
