// Gets to know what became of each commit.

export type CommitPart = "webhooks" | "deliveries";

export interface CommitWatcher {
  readonly failed: (part: CommitPart, cause: unknown) => void;
  readonly worked: (part: CommitPart) => void;
}

export const noWatcher: CommitWatcher = { failed: () => {}, worked: () => {} };

export async function watched<T>(watcher: CommitWatcher, part: CommitPart, committing: Promise<T>): Promise<T> {
  try {
    const committed = await committing;
    watcher.worked(part);
    return committed;
  } catch (cause) {
    watcher.failed(part, cause);
    throw cause;
  }
}
