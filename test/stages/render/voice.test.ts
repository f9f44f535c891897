import assert from "node:assert/strict";
import { test } from "node:test";
import { clipFault } from "../../../src/render/voice.ts";

test("a clip is AMR, and no larger than WeCom takes", () => {
  assert.equal(clipFault(Buffer.from("#!AMR\n")), null);
  assert.match(clipFault(Buffer.from("ID3 mp3")) ?? "", /no AMR clip; ffmpeg/);
  assert.match(clipFault(Buffer.from("")) ?? "", /no AMR clip/);
  assert.match(clipFault(Buffer.alloc(2_000_001)) ?? "", /more than 2000000 bytes/);
});
