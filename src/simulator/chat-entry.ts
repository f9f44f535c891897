// stub
import { type Html, html } from "./html.ts";
import type { Entry, UploadedFile } from "./record.ts";
export function entryHtml(entry: Entry, _files: readonly UploadedFile[]): Html {
  return html`<li>${entry.robot}</li>`;
}
