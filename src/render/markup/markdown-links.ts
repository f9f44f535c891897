// The links of a markdown body that is about to be sent: `[text](url)` outside and inside code alike.

import { urlMaxBytes } from "../../wecom/limits.ts";

const link = /\[([^[\]\n]*)\]\(([^()\s]*)\)/g;

/** A link whose URL is refused, or leads nowhere, becomes its text. */
export function dropBadLinks(body: string): string {
  return body.replace(link, (whole, text: string, url: string) => (isSendable(url) ? whole : text));
}

function isSendable(url: string): boolean {
  return /^https?:\/\//i.test(url) && Buffer.byteLength(url) <= urlMaxBytes;
}

/** Without any link: only the texts stay. */
export function linksAsText(body: string): string {
  return body.replace(link, "$1");
}

/** Every link as `text url`, for readers of plain text. */
export function linksSpelledOut(body: string): string {
  return body.replace(link, "$1 $2");
}
