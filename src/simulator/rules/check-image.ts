// Checks the picture of an image message: plain base64, at most 2 MiB before base64, JPG or PNG, md5 of the raw bytes.
// Source: document/path/99110, 图片类型. "2M" is read as 2 MiB (guessed).

import { createHash } from "node:crypto";
import { type RuleFinding, rejection } from "./finding.ts";
import { refusals } from "./refusals.ts";

const imageMaxBytes = 2 * 1024 * 1024;

const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);
const pngStart = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function checkImage(base64: string, md5: string): readonly RuleFinding[] {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    const detail = "image.base64 is not plain base64 (no data: prefix, no line breaks)";
    return [rejection({ rule: "image.base64/base64", step: "content", detail }, refusals.badValue)];
  }
  const bytes = Buffer.from(base64, "base64");
  return [...checkSize(bytes), ...checkFormat(bytes), ...checkMd5(bytes, md5)];
}

function checkSize(bytes: Buffer): readonly RuleFinding[] {
  if (bytes.length <= imageMaxBytes) return [];
  const detail = `the picture has ${bytes.length} bytes, the limit is ${imageMaxBytes}`;
  return [rejection({ rule: "image.base64/picture-bytes", step: "length", detail }, refusals.imageTooBig)];
}

function checkFormat(bytes: Buffer): readonly RuleFinding[] {
  if (pictureType(bytes) !== null) return [];
  const detail = "the picture is neither JPG nor PNG";
  return [rejection({ rule: "image.base64/format", step: "content", detail }, refusals.notAnImage)];
}

function checkMd5(bytes: Buffer, md5: string): readonly RuleFinding[] {
  if (createHash("md5").update(bytes).digest("hex") === md5.toLowerCase()) return [];
  const detail = "image.md5 is not the md5 of the bytes before base64";
  return [rejection({ rule: "image.md5/mismatch", step: "content", detail }, refusals.md5Mismatch)];
}

export function pictureType(bytes: Buffer): "image/jpeg" | "image/png" | null {
  if (bytes.subarray(0, jpegStart.length).equals(jpegStart)) return "image/jpeg";
  return bytes.subarray(0, pngStart.length).equals(pngStart) ? "image/png" : null;
}
