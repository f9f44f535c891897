// How many values a JSON text holds, counted before it is parsed: a body of 10 MB may hold three million objects, which take 360 MB.

const [quote, backslash, comma, bracket, brace] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/** Each value beyond the first is the first of its list or object, or has a comma before it; an empty list counts twice. */
export function holdsMoreValuesThan(most: number, bytes: Uint8Array): boolean {
  return bytes.length >= most && startsOfValues(bytes) >= most;
}

/** Of a text that is no JSON it counts something; that is refused anyway. */
function startsOfValues(bytes: Uint8Array): number {
  let starts = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === comma || byte === bracket || byte === brace) starts += 1;
    else if (byte === quote) at = endOfString(bytes, at + 1);
  }
  return starts;
}

function endOfString(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
