// The generated files of the chart by path: the schema of the values, the tables of the READMEs, and copies of files that Helm can
// only read inside the folder of the chart. `read` returns the text of a file, or null.

import { valuesSchemaText } from "./values-schema.ts";
import { tableOf, valueRows } from "./values-table.ts";

/** Copies and their sources. */
const copies: Readonly<Record<string, string>> = {
  "helm/files/alertmanager-wecom.rules.yaml": "deploy/alertmanager-wecom.rules.yaml",
  "helm/files/alertmanager-wecom.rules.zh-CN.yaml": "deploy/alertmanager-wecom.rules.zh-CN.yaml",
  "helm/files/dashboard.json": "deploy/dashboard.json",
  "helm/files/dashboard.zh-CN.json": "deploy/dashboard.zh-CN.json",
};

const tablePlace = /(?<=<!-- values: made by scripts\/write-chart\.ts -->\n)[\s\S]*?(?=\n<!-- end of values -->)/u;

export function generatedChartFiles(read: (path: string) => string | null): ReadonlyMap<string, string> {
  const rows = valueRows(read("helm/values.yaml") ?? "");
  const files = new Map([["helm/values.schema.json", valuesSchemaText(read("config.schema.json") ?? "")]]);
  for (const [path, language] of [["helm/README.md", "en"] as const, ["helm/README.zh-CN.md", "zh"] as const]) {
    files.set(
      path,
      (read(path) ?? "").replace(tablePlace, () => tableOf(rows, language)),
    );
  }
  for (const [path, source] of Object.entries(copies)) {
    const text = read(source);
    if (text !== null) files.set(path, text);
  }
  return files;
}
