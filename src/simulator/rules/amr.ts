// Reads how long an AMR sound plays: RFC 4867 §5, one frame is 20 ms and its first byte names its size. In: bytes; out:
// milliseconds, or null when the bytes are not AMR. Does not decode sound.

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
