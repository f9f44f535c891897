import assert from "node:assert/strict";
import { test } from "node:test";
import { clipDefect } from "../../../src/render/voice.ts";

test("a clip is AMR, and no larger than WeCom takes", () => {
  assert.equal(clipDefect(Buffer.from("#!AMR\n")), null);
  assert.match(clipDefect(Buffer.from("ID3 mp3")) ?? "", /not an AMR clip; to make one: ffmpeg/);
  assert.match(clipDefect(Buffer.from("")) ?? "", /not an AMR clip/);
  assert.match(clipDefect(Buffer.alloc(2_000_001)) ?? "", /more than 2000000 bytes/);
});
