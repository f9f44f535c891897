// Makes fonts/NotoSansSC-gb2312.ttf, with which graphs are drawn: Noto Sans SC with the characters of GB 2312 and Latin, 2 MB of
// 10. The packages for it are installed into a temporary folder, since nothing else needs them. Equal versions give equal bytes.
// Usage: node scripts/make-font.ts

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The subsetter, its engine, and the font (SIL Open Font License 1.1; the reserved name, "Source", is not part of the file's).
const packages = ["subset-font@2.9.0", "harfbuzzjs@1.6.4", "@expo-google-fonts/noto-sans-sc@0.4.3"];

const fonts = join(import.meta.dirname, "..", "fonts");
const font = join(fonts, "NotoSansSC-gb2312.ttf");

/**
 * For text in one direction, in one language. Without kerning (`GPOS`) a text is as wide as its characters together, which is how
 * src/graph/svg/drawn-text.ts measures it.
 */
const dropTables = ["BASE", "GPOS", "GSUB", "STAT", "gasp", "prep", "vhea", "vmtx"];

type Subset = (font: Buffer, characters: string, options: object) => Promise<Buffer>;

/** Rows 01 to 87 of GB 2312, as GB 18030 decodes them; where it has no character there is one for private use. */
function gb2312(): string {
  const decoder = new TextDecoder("gb18030");
  let characters = "";
  for (let row = 0xa1; row <= 0xf7; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) characters += decoder.decode(Uint8Array.of(row, cell));
  }
  return characters.replace(/[\p{Co}\ufffd]/gu, "");
}

function latin(): string {
  const letters = Array.from({ length: 0x250 - 0x20 }, (_, n) => String.fromCodePoint(0x20 + n)).join("");
  return `${letters.replace(/\p{Cc}/gu, "")}–—‘’“”…•‰′″←↑→↓∞≈≠≤≥■□▲△○●★☆`;
}

const folder = mkdtempSync(join(tmpdir(), "make-font-"));
try {
  const options = [
    "--prefix",
    folder,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--save-exact",
    "--loglevel=error",
  ];
  execFileSync("npm", ["install", ...options, ...packages], { stdio: "inherit" });
  const { resolve } = createRequire(join(folder, "package.json"));
  const source = "@expo-google-fonts/noto-sans-sc";
  const whole = readFileSync(resolve(`${source}/400Regular/NotoSansSC_400Regular.ttf`));
  const subset = createRequire(join(folder, "package.json"))("subset-font") as Subset;
  const made = await subset(whole, latin() + gb2312(), { targetFormat: "truetype", noHinting: true, dropTables });
  writeFileSync(font, made);
  cpSync(resolve(`${source}/LICENSE_FONT`), join(fonts, "OFL.txt"));
  console.log(`${font}: ${made.length} bytes, SHA-256 ${createHash("sha256").update(made).digest("hex")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
