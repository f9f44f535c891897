// The file of the render thread. It compiles the templates itself, since functions cannot be passed to a thread.

import { workerData } from "node:worker_threads";
import type { BaseSettings } from "../render/settings.ts";
import { buildTemplateSet, noTemplates, type TemplateSet } from "../render/template/template-set.ts";
import type { TemplateSource } from "../render/template/template-source.ts";
import { answerQuestions } from "../threads/question-thread.ts";
import { type RenderedRequest, type RenderRequest, renderRequest } from "./renderer.ts";

/** What the thread is started with. */
export interface RenderThreadSetup {
  readonly sources: readonly TemplateSource[];
  readonly rotations: TemplateSet["rotations"];
  readonly settings: BaseSettings;
}

export interface RenderQuestion {
  readonly request: RenderRequest;
  /** False for the second try, after the first one ended the thread or took too long. */
  readonly withTemplates: boolean;
}

const { sources, rotations, settings } = workerData as RenderThreadSetup;
const built = buildTemplateSet(sources, rotations);
const templates = built.kind === "templates" ? built.set : noTemplates;

answerQuestions(
  ({ request, withTemplates }: RenderQuestion): RenderedRequest =>
    renderRequest(request, withTemplates ? templates : noTemplates, settings),
);
