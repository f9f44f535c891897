import assert from "node:assert/strict";
import { test } from "node:test";
import { amrPlaytimeMs, checkUpload, type MediaFile, mediaStateOf } from "../../../../src/simulator/rules/media.ts";

const file = (bytes: Buffer) => ({ name: "a.txt", bytes });
const codesOf = (kind: unknown, bytes: Buffer | null) =>
  checkUpload(kind, bytes === null ? null : file(bytes)).map(({ errcode }) => errcode);

/** Narrow-band frames of mode 0 are 13 bytes and 20 ms each. */
function amr(frames: number): Buffer {
  return Buffer.concat([Buffer.from("#!AMR\n"), Buffer.alloc(13 * frames)]);
}

const uploads: readonly (readonly [what: string, kind: unknown, bytes: Buffer | null, errcodes: readonly number[]])[] =
  [
    ["a file of 6 bytes", "file", Buffer.alloc(6), []],
    ["a file of 20 MiB", "file", Buffer.alloc(20 * 1024 * 1024), []],
    ["a file of 5 bytes", "file", Buffer.alloc(5), [40006]],
    ["an empty file", "file", Buffer.alloc(0), [44001]],
    ["a file over 20 MiB", "file", Buffer.alloc(20 * 1024 * 1024 + 1), [45001]],
    ["no part named media", "file", null, [44001]],
    ["a kind that is neither file nor voice", "image", Buffer.alloc(6), [40005]],
    ["no kind", undefined, Buffer.alloc(6), [40005]],
    ["an AMR voice of 60 s", "voice", amr(3000), []],
    ["an AMR voice over 60 s", "voice", amr(3001), [45007]],
    ["a voice that is not AMR", "voice", Buffer.from("RIFF....WAVE"), [40004]],
    ["a voice over 2 MiB", "voice", Buffer.concat([amr(1), Buffer.alloc(2 * 1024 * 1024)]), [45001]],
    ["a voice of 5 bytes", "voice", Buffer.alloc(5), [40006]],
  ];

for (const [what, kind, bytes, errcodes] of uploads) {
  test(`upload: ${what} is answered ${errcodes[0] ?? 0}`, () => {
    assert.deepEqual(codesOf(kind, bytes), errcodes);
  });
}

const kept: MediaFile = { mediaId: "m", kind: "file", name: "a", bytes: Buffer.alloc(6), uploadedAt: 1000, owner: 0 };
const threeDaysMs = 3 * 24 * 3_600_000;

test("a media id is usable by its key for less than three days and for its own kind", () => {
  const state = (owner: number, at: number, kind: "file" | "voice" = "file") => mediaStateOf(kept, { owner, at, kind });

  assert.equal(state(0, 1000 + threeDaysMs - 1), "usable");
  assert.equal(state(0, 1000 + threeDaysMs), "expired");
  assert.equal(state(1, 2000), "of-another-key");
  assert.equal(state(0, 2000, "voice"), "of-the-wrong-kind");
  assert.equal(mediaStateOf(undefined, { owner: 0, at: 0, kind: "file" }), "unknown");
});

test("the playing time of AMR is its frames of 20 ms, narrow and wide band", () => {
  const wide = Buffer.concat([Buffer.from("#!AMR-WB\n"), Buffer.alloc(18 * 5)]);

  assert.equal(amrPlaytimeMs(amr(50)), 1000);
  assert.equal(amrPlaytimeMs(wide), 100);
  assert.equal(amrPlaytimeMs(Buffer.from("ID3")), null);
});
