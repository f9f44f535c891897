// Bodies that a law can read: `t3 2 normal 1700 | a1:5 a2:6` is part 2 of delivery 3, not urgent, of notifications since 1700, with the
// fifth state of alert a1 and the sixth of a2. The real layout of alerts is not modelled. A delivery in full wants a picture, in which its
// number stands behind the bytes by which a PNG is known.

import { createHash } from "node:crypto";
import { digestOf, mergeGroups, type RenderPlanned } from "../../../src/deliver/renderer.ts";
import { type MessageDraft, mediaPlaceholder, plainDraft } from "../../../src/render/message-draft.ts";

const alertsPerPart = 15;
const repeated = "repeated ";

export interface RenderedKind {
  readonly repeated: boolean;
  readonly delivery: number;
  readonly part: number;
  readonly urgent: boolean;
  readonly acceptedAt: number;
  readonly states: readonly { readonly alert: string; readonly state: number }[];
}

export function createRender(digestMessages: number): RenderPlanned {
  let serial = 0;
  return async (request) => {
    serial += 1;
    const groups = mergeGroups(request);
    const digest = digestOf(request, groups);
    const urgent = groups.some(({ routed }) => routed.destination.urgent);
    const states = groups.flatMap(({ routed }) =>
      routed.group.alerts.map(({ fingerprint, annotations }) => `${fingerprint}:${annotations.state}`),
    );
    const head = (part: number) => `t${serial} ${part} ${urgent ? "urgent" : "normal"} ${digest.acceptedAt} |`;
    const all = chunks(states).map((chunk, i) => markdown(`${head(i + 1)} ${chunk.join(" ")}`));
    const kind = all.length <= request.mostInFull ? "group" : "digest";
    const inFile = kind === "digest" && all.length > digestMessages;
    const parts = inFile ? [markdown(head(1)), file(`${head(2)} ${states.join(" ")}`)] : all;
    const mode = request.late ? "late" : inFile ? "file" : kind === "digest" ? "digest" : "full";
    return {
      mode,
      parts: mode === "full" ? [...parts, picture(serial)] : parts,
      alerts: states.length,
      mentioned: [],
      unmentionable: [],
      shortenedValues: 0,
      templateFailures: [],
      states: "[]",
      suppressed: [],
      names: "",
    };
  };
}

function chunks(states: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(states.length / alertsPerPart) }, (_, i) =>
    states.slice(i * alertsPerPart, (i + 1) * alertsPerPart),
  );
}

function markdown(content: string): MessageDraft {
  return plainDraft({ msgtype: "markdown", markdown: { content } });
}

function file(content: string): MessageDraft {
  const media = { type: "file", name: "alerts.csv", content: Buffer.from(content) } as const;
  return { message: { msgtype: "file", file: { media_id: mediaPlaceholder } }, media, picture: null };
}

function picture(delivery: number): MessageDraft {
  const message = { msgtype: "image", image: { base64: "", md5: "" } } as const;
  return { message, media: null, picture: { kind: "picture", location: String(delivery) } };
}

const png = Buffer.from("89504e470d0a1a0a", "hex");

/** Of the picture that stands in the location. */
export function pictureBody(location: string): string {
  const content = Buffer.concat([png, Buffer.from(location)]);
  const image = { base64: content.toString("base64"), md5: createHash("md5").update(content).digest("hex") };
  return JSON.stringify({ msgtype: "image", image });
}

/** The number of the delivery whose picture it is; null for a body that is no picture. */
export function pictureOf(body: string): number | null {
  const { image } = JSON.parse(body) as { readonly image?: { readonly base64: string } };
  return image === undefined ? null : Number(Buffer.from(image.base64, "base64").subarray(png.length).toString());
}

/** A file cannot carry a mark. */
export function markRepeated(body: string): string {
  return body.replace(/"content":"(?!repeated )/u, `"content":"${repeated}`);
}

/** @param text the content of a markdown message or of a file */
export function readDelivered(text: string): RenderedKind {
  const [, mark, delivery, part, urgency, acceptedAt, states = ""] =
    /^(repeated )?t(\d+) (\d+) (urgent|normal) (\d+) \|(.*)$/u.exec(text) ?? [];
  return {
    repeated: mark !== undefined,
    delivery: Number(delivery),
    part: Number(part),
    urgent: urgency === "urgent",
    acceptedAt: Number(acceptedAt),
    states: [...states.matchAll(/(\w+):(\d+)/gu)].map(([, alert = "", state]) => ({ alert, state: Number(state) })),
  };
}
