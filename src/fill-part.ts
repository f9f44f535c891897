// Makes the body of an optional part: a picture that is fetched, or a graph that is drawn from the answers of a datasource.

import { createHash } from "node:crypto";
import type { FilledPart, FillPart } from "./deliver/lane-options.ts";
import type { Datasources } from "./graph/datasource/datasources.ts";
import type { DrawingThread } from "./graph/drawing-thread.ts";
import type { WantedGraph } from "./render/message-draft.ts";
import type { Picture, PictureClient } from "./wecom/picture.ts";

export interface FillSources {
  readonly pictures: PictureClient;
  readonly datasources: Datasources;
  readonly drawing: DrawingThread;
}

export function createFill(sources: FillSources): FillPart {
  return async (wanted, signal) => {
    if (wanted.kind === "picture") return fetched(sources, wanted.location, signal);
    const graph = await drawn(sources, wanted, signal);
    if (graph.kind === "filled" || wanted.otherwise === null) return graph;
    return fetched(sources, wanted.otherwise, signal);
  };
}

async function fetched({ pictures }: FillSources, location: string, signal: AbortSignal): Promise<FilledPart> {
  const found = await pictures.fetch(location, signal);
  if (found.kind === "none") return { kind: "omitted", result: found.failure, detail: found.detail };
  return filledWith(found.picture);
}

async function drawn(
  { datasources, drawing }: FillSources,
  { alerts, language, timezone }: WantedGraph,
  signal: AbortSignal,
): Promise<FilledPart> {
  const graph = await datasources.graphOf({ alerts }, { language, timezone, signal });
  if (graph.kind === "omitted") return { kind: "omitted", result: graph.reason, detail: "" };
  const picture = await drawing.draw(graph.content);
  if (picture.kind === "failed") return { kind: "omitted", result: "failed", detail: picture.message };
  const content = Buffer.from(picture.png);
  return filledWith({ base64: content.toString("base64"), md5: createHash("md5").update(content).digest("hex") });
}

function filledWith(image: Picture): FilledPart {
  return { kind: "filled", body: JSON.stringify({ msgtype: "image", image }) };
}
