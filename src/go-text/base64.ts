// Base64 with the URL-safe alphabet and padding, as Alertmanager has it since 0.34.

export function encodeBase64(text: string): string {
  const encoded = Buffer.from(text, "utf8").toString("base64url");
  return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, "=");
}

/** Throws on what is not such text; line ends inside it are ignored, as Go does. */
export function decodeBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, "");
  const isValid = /^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/.test(compact);
  if (!isValid) throw new Error("illegal base64 data: expected the URL-safe alphabet with padding");
  return Buffer.from(compact, "base64url").toString("utf8");
}
