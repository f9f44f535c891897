import { markdownMaxBytes, textMaxBytes } from "../../wecom/limits.ts";
import type { WecomMessage } from "../../wecom/message.ts";
import { repeatMarkBytes } from "../possibly-repeated.ts";
import { escapeMarked, escapeMarkedText } from "./escape.ts";
import { dropBadLinks } from "./plain-text.ts";

export type BodyKind = "markdown" | "markdown_v2" | "text";

export interface Dialect {
  readonly kind: BodyKind;
  /** Without the room for the mark "possibly repeated". */
  readonly maxBytes: number;
  /** Makes a body of what a template printed, with its data marked. */
  readonly finish: (marked: string) => string;
  readonly asMessage: (content: string) => WecomMessage;
}

export const dialects: Readonly<Record<BodyKind, Dialect>> = {
  markdown: {
    kind: "markdown",
    maxBytes: markdownMaxBytes - repeatMarkBytes,
    finish: (marked) => dropBadLinks(escapeMarked(marked)),
    asMessage: (content) => ({ msgtype: "markdown", markdown: { content } }),
  },
  markdown_v2: {
    kind: "markdown_v2",
    maxBytes: markdownMaxBytes - repeatMarkBytes,
    finish: (marked) => dropBadLinks(escapeMarked(marked, "markdown_v2")),
    asMessage: (content) => ({ msgtype: "markdown_v2", markdown_v2: { content } }),
  },
  text: {
    kind: "text",
    maxBytes: textMaxBytes - repeatMarkBytes,
    finish: escapeMarkedText,
    asMessage: (content) => ({ msgtype: "text", text: { content } }),
  },
};
