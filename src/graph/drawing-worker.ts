// The file of the drawing thread: an SVG renderer in WebAssembly and a font, loaded once.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { workerData } from "node:worker_threads";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { answerQuestions } from "../threads/question-thread.ts";
import { fontCoverage } from "./font-coverage.ts";
import type { GraphContent } from "./graph-content.ts";
import { type Pixels, palettePng } from "./png.ts";
import { drawSvg } from "./svg/draw-svg.ts";

/** What the thread is started with. */
export interface DrawingSetup {
  readonly fontFile: string;
}

const { fontFile } = workerData as DrawingSetup;
const font = readFileSync(fontFile);
const coverage = fontCoverage(font);
if (coverage === null) throw new Error(`${fontFile} is no TrueType or OpenType font`);

// The optimizing compiler makes a graph 10 ms faster and takes 60 MB, of which the allocator keeps most after the thread ended
// (npm run bench:graph). A module takes its budget from the flag when it is compiled: those of others keep theirs.
setFlagsFromString("--wasm-tiering-budget=1000000000");
const wasm = readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm"));
await initWasm(wasm);
free(wasm);

answerQuestions((content: GraphContent): Uint8Array => {
  const svg = drawSvg(content, (codePoint) => coverage.has(codePoint));
  const pixels = rendered(svg);
  try {
    return palettePng(pixels);
  } finally {
    free(pixels.rgba);
  }
});

/** Frees a large buffer at once. V8 would wait until there are several. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Memory of WebAssembly is not collected: it is freed here. */
function rendered(svg: string): Pixels {
  const drawing = new Resvg(svg, { font: { fontBuffers: [font] } });
  try {
    const image = drawing.render();
    try {
      return { width: image.width, height: image.height, rgba: image.pixels };
    } finally {
      image.free();
    }
  } finally {
    drawing.free();
  }
}
