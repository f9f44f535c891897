// Writes the generated files of the chart. Run it after a change of helm/values.yaml, config.schema.json or deploy/;
// test/repository/chart.test.ts fails if it was forgotten.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedChartFiles } from "./chart/generated.ts";

const root = join(import.meta.dirname, "..");

function read(path: string): string | null {
  const full = join(root, path);
  return existsSync(full) ? readFileSync(full, "utf8") : null;
}

for (const [path, text] of generatedChartFiles(read)) writeFileSync(join(root, path), text);
