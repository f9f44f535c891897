// Reads the part named media out of a multipart/form-data body. In: raw bytes and the Content-Type header; out: its
// filename and bytes, or null when there is no such part, it has no filename, or the body is not multipart.

import type { UploadedPart } from "./rules/media.ts";

export async function mediaPartOf(bytes: Buffer, contentType: string): Promise<UploadedPart | null> {
  try {
    const body = new Uint8Array(bytes);
    const form = await new Response(body, { headers: { "Content-Type": contentType } }).formData();
    const part = form.get("media");
    if (part === null || typeof part === "string" || part.name === "") return null;
    return { name: part.name, bytes: Buffer.from(await part.arrayBuffer()) };
  } catch {
    return null;
  }
}
