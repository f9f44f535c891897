// All files of the chart that are made from others, by path: the values' schema, the tables of the READMEs, and copies of what
// Helm can only read inside the chart's folder. Pure: `read` gives a file's text, or null.

import { valuesSchemaText } from "./values-schema.ts";
import { tableOf, valueRows } from "./values-table.ts";

/** Where the copies come from; one that is not there yet is left out. */
const copies: Readonly<Record<string, string>> = {
  "helm/files/alertmanager-wecom.rules.yaml": "deploy/alertmanager-wecom.rules.yaml",
  "helm/files/dashboard.json": "deploy/dashboard.json",
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
