// stub
import { entryHtml } from "./chat-entry.ts";
import { html } from "./html.ts";
import type { Entry, UploadedFile } from "./record.ts";
export interface GaugeView {
  readonly label: string;
  readonly taken: number;
  readonly slots: number;
}
export interface PageView {
  readonly entries: readonly Entry[];
  readonly files: readonly UploadedFile[];
  readonly gauges: readonly GaugeView[];
}
export function pageHtml({ entries, files }: PageView): string {
  return html`<!doctype html><ol>${entries.map((entry) => entryHtml(entry, files))}</ol>`.html;
}
