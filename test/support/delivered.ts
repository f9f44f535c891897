// What the group reads, from the records of a simulated robot: its texts, and those that repeat alerts.

import type { Simulator } from "../../src/simulator/server.ts";

/** The mark of a message that may have reached the group before. */
export const repeatMark = /可能重复/u;

/** Of all accepted messages, in order of arrival; for a file message, the content of the file. */
export function deliveredTexts(simulator: Simulator): readonly string[] {
  const files = new Map(simulator.files().map(({ mediaId, text }) => [mediaId, text]));
  return simulator.accepted().map(({ body }) => {
    const { file } = body as { readonly file?: { readonly media_id: string } };
    // A line break as it is: the "n" of an escaped one would be a letter before the word that follows.
    return files.get(file?.media_id ?? "") ?? JSON.stringify(body).replaceAll("\\n", "\n");
  });
}

/** Second and later messages with exactly the same alerts. For digests whose file has the alerts that the message has too. */
export function sameAlertsAgain(texts: readonly string[], idPattern: RegExp): readonly string[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const alerts = JSON.stringify([...new Set(text.match(idPattern))].sort());
    const again = seen.has(alerts);
    seen.add(alerts);
    return again;
  });
}

/** Messages with an alert that an earlier message had. */
export function anyAlertAgain(texts: readonly string[], idPattern: RegExp): readonly string[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const ids = new Set(text.match(idPattern));
    const again = [...ids].some((id) => seen.has(id));
    for (const id of ids) seen.add(id);
    return again;
  });
}
