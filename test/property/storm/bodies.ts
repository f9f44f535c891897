// Bodies that a law can read: `t3 2 normal 1700 | a1:5 a2:6` is part 2 of delivery 3, not urgent, of notifications since 1700, with the
// fifth state of alert a1 and the sixth of a2. The real layout of alerts is not modelled.

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
      parts,
      alerts: states.length,
      mentioned: [],
      unmentionable: [],
      shortenedValues: 0,
      templateFailures: [],
      states: [],
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
