/** The kinds of message that a route may ask for: what a WeCom robot can show. */
export const messageKinds = [
  "text",
  "markdown",
  "markdown_v2",
  "text_notice",
  "news_notice",
  "news",
  "image",
  "file",
  "voice",
] as const;

export type MessageKind = (typeof messageKinds)[number];

export const languages = ["zh", "en"] as const;

export type Language = (typeof languages)[number];
