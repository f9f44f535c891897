// A group as messages that are one text each, by its template; by code when that fails.

import type { WecomMessage } from "../wecom/message.ts";
import { type RenderContext, renderBodies } from "./body.ts";
import { renderFallback } from "./fallback.ts";
import { type BodyKind, dialects } from "./markup/dialect.ts";
import { asPlain } from "./markup/plain.ts";
import type { TemplateFailure } from "./mention.ts";
import { addMentions } from "./mention-message.ts";
import { plainDraft } from "./message-draft.ts";
import { failure, type GroupRenderInput, missing, type RenderedKind } from "./rendered-kind.ts";
import type { Template } from "./template/environment.ts";

export function renderAsBody(kind: BodyKind, at: GroupRenderInput): RenderedKind {
  const { destination } = at.delivery.routed;
  const own = at.templates.body(kind, destination.template);
  // One that only follows a card may be the built-in one without a word.
  const isMissing = own === null && destination.messages.includes(kind);
  const template = own ?? at.templates.body(kind, "default");
  const made = bodiesOf(kind, template, at);
  const [first, ...others] = made.messages;
  const messages = first === undefined ? [] : [addMentions(first, at.scene.mentions), ...others];
  return {
    parts: messages.map(plainDraft),
    complete: true,
    failures: [...(isMissing ? [missing(destination.template)] : []), ...made.failures],
    shortenedValues: made.shortenedValues,
  };
}

interface Made {
  readonly messages: readonly WecomMessage[];
  readonly failures: readonly TemplateFailure[];
  readonly shortenedValues: number;
}

function bodiesOf(kind: BodyKind, template: Template | null, { delivery, scene }: GroupRenderInput): Made {
  if (template === null) return bodiesByCode(kind, scene, []);
  try {
    const { bodies, shortenedValues } = renderBodies(template, dialects[kind], scene);
    return { messages: bodies.map(dialects[kind].asMessage), failures: [], shortenedValues };
  } catch (error) {
    return bodiesByCode(kind, scene, [failure(delivery.routed.destination.template, error)]);
  }
}

/** Personal WeChat, for which text is meant, shows no markdown. */
function bodiesByCode(kind: BodyKind, scene: RenderContext, failures: readonly TemplateFailure[]): Made {
  const { bodies, shortenedValues } = renderFallback(scene);
  const messages = bodies.map(dialects.markdown.asMessage);
  return { messages: kind === "text" ? messages.flatMap(asPlain) : messages, failures, shortenedValues };
}
