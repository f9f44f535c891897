// The forms in which a route may ask for a group to be told. Each has a template and a renderer.

export const messageKinds = ["markdown", "text_notice"] as const;

export type MessageKind = (typeof messageKinds)[number];

export const languages = ["zh", "en"] as const;

export type Language = (typeof languages)[number];
