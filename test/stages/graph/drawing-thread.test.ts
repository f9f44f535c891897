import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { DrawingThread } from "../../../src/graph/drawing-thread.ts";
import { fontCoverage } from "../../../src/graph/font-coverage.ts";
import type { GraphContent } from "../../../src/graph/graph-content.ts";
import { graphStrings } from "../../../src/graph/svg/graph-strings.ts";
import type { ThreadLimits } from "../../../src/threads/question-thread.ts";
import { eventually } from "../../support/stack.ts";
import { english, firing, hostile, odd, seriesOf } from "./svg/samples.ts";

const font = join(import.meta.dirname, "..", "..", "..", "fonts", "NotoSansSC-gb2312.ttf");

function threadWith(t: TestContext, fontFile: string | null = null, limits: Partial<ThreadLimits> = {}): DrawingThread {
  const thread = new DrawingThread(fontFile, limits);
  t.after(() => thread.close());
  return thread;
}

async function drawn(thread: DrawingThread, content: GraphContent): Promise<Buffer> {
  const graph = await thread.draw(content);
  assert.ok(graph.kind === "drawn", graph.kind === "failed" ? graph.message : "");
  return Buffer.from(graph.png);
}

const hashOf = (png: Buffer) => createHash("sha256").update(png).digest("hex");

describe("the drawing thread", () => {
  it("draws PNGs of 1068×640 under 100 KB, also of noise, hostile texts and nothing", async (t) => {
    const thread = threadWith(t);
    let seed = 1;
    const noise = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const noisy = { ...firing, series: [...Array(6).keys()].map((n) => seriesOf(`s${n}`, noise, n === 0)) };

    for (const content of [firing, english, hostile, noisy, ...Object.values(odd)]) {
      const png = await drawn(thread, content);

      assert.equal(png.toString("latin1", 12, 16), "IHDR");
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1068, 640]);
      assert.ok(png.length > 5_000 && png.length < 100_000, String(png.length));
    }
  });

  it("draws equal graphs as equal bytes, on any thread", async (t) => {
    const [one, other] = [threadWith(t), threadWith(t)];

    const [first] = await Promise.all([drawn(one, firing), drawn(one, hostile)]);
    const again = [await drawn(one, firing), await drawn(other, firing)];

    assert.deepEqual(again.map(hashOf), [hashOf(first), hashOf(first)]);
    assert.notEqual(hashOf(await drawn(one, english)), hashOf(first));
  });

  it("fails a graph that takes too long, and draws the next one", async (t) => {
    const thread = threadWith(t, null, { answerMs: 1 });

    const failed = await thread.draw(firing);

    assert.deepEqual(failed, { kind: "failed", message: "it took longer than 1 ms" });
    assert.equal((await thread.draw(firing)).kind, "failed");
  });

  it("fails every graph without a font that can be read, instead of throwing", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "font-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "no.ttf"), "no font");

    const none = await threadWith(t, join(folder, "missing.ttf")).draw(firing);
    const wrong = await threadWith(t, join(folder, "no.ttf")).draw(firing);

    assert.ok(none.kind === "failed" && /ENOENT/u.test(none.message));
    assert.ok(wrong.kind === "failed" && /no TrueType or OpenType font$/u.test(wrong.message));
  });

  it("fails a graph of which it knows no time zone, and draws the next one", async (t) => {
    const thread = threadWith(t);

    const failed = await thread.draw({ ...firing, timezone: "Mars/Olympus" });

    assert.ok(failed.kind === "failed" && /^RangeError/u.test(failed.message));
    assert.equal((await thread.draw(firing)).kind, "drawn");
  });

  it("ends when it is idle, or when asked to, and starts again", async (t) => {
    const thread = threadWith(t, null, { idleMs: 1 });
    await drawn(thread, firing);
    await eventually("the thread ended", () => !thread.isRunning);

    const open = thread.draw(firing);
    thread.endWhenIdle();

    assert.equal((await open).kind, "drawn");
    assert.equal(thread.isRunning, false);
  });

  it("fails what is being drawn when it is closed", async () => {
    const thread = new DrawingThread(null);
    const open = thread.draw(firing);

    await thread.close();

    assert.equal((await open).kind, "failed");
    assert.equal((await thread.draw(firing)).kind, "failed");
  });
});

describe("the font of graphs", () => {
  const characters = fontCoverage(readFileSync(font)) ?? new Set();
  const missingOf = (text: string) => [...text].filter((one) => !characters.has(one.codePointAt(0) ?? 0));

  it("has the characters of GB 2312, of Latin and of what graphs say themselves", () => {
    const decoder = new TextDecoder("gb18030");
    const rows = Array.from({ length: 72 }, (_, row) =>
      Array.from({ length: 94 }, (_, cell) => decoder.decode(Uint8Array.of(0xb0 + row, 0xa1 + cell))).join(""),
    );
    const own = Object.values(graphStrings).flatMap((strings) =>
      Object.values(strings).map((one) => (typeof one === "string" ? one : one(7))),
    );
    const han = rows.join("").replace(/\p{Co}/gu, "");

    assert.equal([...han].length, 6_763);
    assert.deepEqual(missingOf(`${han}${own.join("")}□…≠≤≥←·–°µéß ~{}`.replace("\u00ad", "")), []);
  });

  it("lacks others, which a graph shows as boxes", () => {
    assert.deepEqual(missingOf("🔥龘한"), ["🔥", "龘", "한"]);
  });
});
