// Uploaded files and the media ids they got. Pure: says whether an upload is allowed and whether an id may be used by a
// robot now. Source: document/path/99110, 文件上传接口: 3 days, only for the key that uploaded.
// Reads how long an AMR sound plays: RFC 4867 §5, one frame is 20 ms and its first byte names its size. In: bytes; out:
// milliseconds, or null when the bytes are not AMR. Does not decode sound.

import { type Finding, reject } from "./finding.ts";
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

const mediaLifeMs = 3 * 24 * 60 * 60 * 1000;
const minExclusiveBytes = 5;
const voiceMaxMs = 60_000;
export const mediaMaxBytes: Readonly<Record<MediaKind, number>> = { file: 20 * 1024 * 1024, voice: 2 * 1024 * 1024 };

export interface MediaUser {
  readonly kind: MediaKind;
  readonly owner: number;
  readonly at: number;
}

export function mediaStateOf(file: MediaFile | undefined, user: MediaUser): MediaState {
  if (file === undefined) return "unknown";
  if (file.owner !== user.owner) return "of-another-key";
  if (user.at - file.uploadedAt >= mediaLifeMs) return "expired";
  return file.kind === user.kind ? "usable" : "of-the-wrong-kind";
}

export function isMediaKind(value: unknown): value is MediaKind {
  return value === "file" || value === "voice";
}

/** `part` is null when no part named `media` with a filename came. */
export function checkUpload(kind: unknown, part: UploadedPart | null): readonly Finding[] {
  if (!isMediaKind(kind))
    return [refuse("type", "the query parameter type is neither file nor voice", "badUploadType")];
  if (part === null) return [refuse("media", "no multipart part named media with a filename", "noMedia")];
  const size = part.bytes.length;
  if (size === 0) return [refuse("media", "the part is empty", "noMedia")];
  if (size <= minExclusiveBytes) return [refuse("min-bytes", `${size} bytes, more than 5 are needed`, "fileTooSmall")];
  const max = mediaMaxBytes[kind];
  if (size > max) return [refuse("max-bytes", `${size} bytes, the limit of ${kind} is ${max}`, "fileTooBig")];
  return kind === "voice" ? checkVoice(part.bytes) : [];
}

function checkVoice(bytes: Buffer): readonly Finding[] {
  const playtimeMs = amrPlaytimeMs(bytes);
  if (playtimeMs === null) return [refuse("amr", "a voice must be AMR", "notAmr")];
  if (playtimeMs > voiceMaxMs) return [refuse("playtime", `${playtimeMs} ms, the limit is 60 s`, "voiceTooLong")];
  return [];
}

function refuse(aspect: string, detail: string, refusal: keyof typeof refusals): Finding {
  return reject({ rule: `upload_media/${aspect}`, step: "content", detail }, refusals[refusal]);
}

const narrowBand = { magic: "#!AMR\n", speechBytes: [12, 13, 15, 17, 19, 20, 26, 31, 5] };
const wideBand = { magic: "#!AMR-WB\n", speechBytes: [17, 23, 32, 36, 40, 46, 50, 58, 60, 5] };
const frameMs = 20;

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
