// The thread that puts deliveries into words, one after the other: a storm takes it a second, in which webhooks are accepted all the
// same. It compiles the templates anew, for functions can not be handed to a thread.

import type { QueuedDelivery } from "../domain/queued-delivery.ts";
import type { TemplateSource } from "../render/environment.ts";
import { type BaseSettings, settingsAt } from "../render/settings.ts";
import { buildTemplateSet, noTemplates } from "../render/template-set.ts";
import { answerQuestions, threadSetup } from "../threads/question-thread.ts";
import { draftsOf } from "./drafts.ts";
import type { RenderedDelivery } from "./lane-options.ts";

/** What the thread is started with. */
export interface ThreadSetup {
  readonly sources: readonly TemplateSource[];
  readonly settings: BaseSettings;
}

/** What it is asked; the next question follows the answer. */
export interface RenderRequest {
  readonly waiting: QueuedDelivery;
  /** Epoch ms. */
  readonly at: number;
  /** Without templates, for they did not end the last time. */
  readonly plainly: boolean;
}

const { sources, settings } = threadSetup() as ThreadSetup;
const built = buildTemplateSet(sources);
const templates = built.kind === "templates" ? built.set : noTemplates;

answerQuestions(
  ({ waiting, at, plainly }: RenderRequest): RenderedDelivery =>
    draftsOf(waiting, plainly ? noTemplates : templates, settingsAt(at, settings)),
);
