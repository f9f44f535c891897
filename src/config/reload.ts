// Loads the config again when it is asked to, or when its files change, and applies it. Everything that can fail is done before
// anything changes: a config with issues is logged and dropped.

import { createHash } from "node:crypto";
import { type FSWatcher, globSync, readFileSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../observe/log.ts";

/** What a load read, whether it succeeded or not. Paths are absolute. */
export interface Watched {
  readonly files: readonly string[];
  readonly globs: readonly string[];
}

export type Loading<Setup> =
  | { readonly kind: "setup"; readonly setup: Setup; readonly watched: Watched }
  /** One line for each issue, with its place. */
  | { readonly kind: "invalid"; readonly issues: readonly string[]; readonly watched: Watched };

export type ReloadCause = "signal" | "request" | "files";

export interface ReloadResult {
  /** For which the new config was not loaded; 0 when it runs. */
  readonly issues: number;
}

interface ReloaderOptions<Setup> {
  /** Reads and checks everything, changes nothing. */
  readonly load: () => Loading<Setup>;
  /** Uses what was loaded from now on. Must not fail. */
  readonly apply: (setup: Setup) => void;
  readonly metrics: { configRefused(): void };
  readonly log: Log;
  /** What the running config was loaded from; null watches nothing. */
  readonly watched: Watched | null;
}

/** Editors and copies write in several steps. */
const settleMs = 200;

/** Network file systems report no change, and a watch of a folder that is replaced ends silently. */
const pollMs = 30_000;

/** Between reloads that requests ask for: each takes 20 to 60 ms of the process, and requests cost their sender nothing. */
const pauseMs = 1_000;

/** When the files are equal before and after a load, the load has read that state. */
const maxLoads = 3;

const unstable = "the files changed while they were read; reload when the changes are complete";

export class Reloader<Setup> {
  readonly #options: ReloaderOptions<Setup>;
  readonly #watchers = new Map<string, FSWatcher>();
  #watched: Watched;
  #seen: string;
  #settling: NodeJS.Timeout | null = null;
  readonly #polling: NodeJS.Timeout | null;
  #issues: readonly string[] = [];
  #pause: Promise<void> = Promise.resolve();
  /** Not begun yet. */
  #requested: Promise<ReloadResult> | null = null;
  #stopped = false;

  constructor(options: ReloaderOptions<Setup>) {
    this.#options = options;
    this.#watched = options.watched ?? { files: [], globs: [] };
    this.#seen = contentHash(this.#watched);
    this.#polling = options.watched === null ? null : setInterval(() => this.#look(), pollMs).unref();
    this.#watch();
  }

  /** Of the last reload, one line each; none when the newest config runs. */
  get issues(): readonly string[] {
    return this.#issues;
  }

  /** At a pace: requests that come while one waits share its reload. Does nothing once stopped. */
  request(): Promise<ReloadResult> {
    this.#requested ??= this.#pause.then(() => {
      this.#requested = null;
      this.#pause = delay(pauseMs, undefined, { ref: false });
      return this.#stopped ? { issues: this.#issues.length } : this.reload("request");
    });
    return this.#requested;
  }

  reload(cause: ReloadCause): ReloadResult {
    const { apply, metrics, log } = this.#options;
    const loaded = this.#load();
    this.#watch();
    this.#issues = loaded.kind === "invalid" ? loaded.issues : [];
    if (loaded.kind === "invalid") {
      metrics.configRefused();
      for (const issue of loaded.issues) log.error({ cause, issue }, "issue in the new config");
      log.error({ cause, issues: loaded.issues.length }, "config not reloaded; the running config stays in use");
      return { issues: loaded.issues.length };
    }
    apply(loaded.setup);
    log.info({ cause }, "config reloaded");
    return { issues: 0 };
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#polling ?? undefined);
    clearTimeout(this.#settling ?? undefined);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #load(): Loading<Setup> {
    for (let loads = 1; ; loads++) {
      const before = { of: this.#watched, hash: contentHash(this.#watched) };
      const loaded = this.#tryLoad();
      this.#watched = loaded.watched;
      this.#seen = contentHash(loaded.watched);
      if (sameFiles(before.of, loaded.watched) && before.hash === this.#seen) return loaded;
      if (loads === maxLoads) return { kind: "invalid", issues: [unstable], watched: loaded.watched };
    }
  }

  /** A file may be removed while it is read. Whatever a load throws, the running config stays in use. */
  #tryLoad(): Loading<Setup> {
    try {
      return this.#options.load();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "invalid", issues: [`the config cannot be read: ${reason}`], watched: this.#watched };
    }
  }

  #look(): void {
    this.#watch();
    if (contentHash(this.#watched) !== this.#seen) this.reload("files");
  }

  /** Folders, not files: a file that is replaced, and Kubernetes' `..data`, are seen only in the folder. */
  #watch(): void {
    if (this.#polling === null) return;
    const folders = foldersOf(this.#watched);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, concerns] of folders) if (!this.#watchers.has(folder)) this.#watchFolder(folder, concerns);
  }

  #watchFolder(folder: string, concerns: (name: string) => boolean): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_kind, name) => {
        if (name === null || concerns(name)) this.#settle();
      });
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // The folder is missing, or the system has no watch left: the poll still sees changes.
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #settle(): void {
    clearTimeout(this.#settling ?? undefined);
    this.#settling = setTimeout(() => this.#look(), settleMs).unref();
  }
}

/** Of names and contents; of a file that cannot be read, the reason counts. */
function contentHash({ files, globs }: Watched): string {
  const hash = createHash("sha256");
  const paths = [...files, ...globs.flatMap((glob) => globSync(glob).sort())];
  for (const path of paths) hash.update(`${path}\0`).update(bytesOrReason(path)).update("\0");
  return hash.digest("hex");
}

function bytesOrReason(path: string): Uint8Array | string {
  try {
    return readFileSync(path);
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  }
}

function sameFiles(a: Watched, b: Watched): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Which names matter in which folder: the outbox may be in the same one, and changes all the time. */
function foldersOf({ files, globs }: Watched): ReadonlyMap<string, (name: string) => boolean> {
  const names = new Map<string, Set<string>>();
  for (const file of files) {
    const folder = dirname(file);
    names.set(folder, (names.get(folder) ?? new Set(["..data"])).add(basename(file)));
  }
  const globbed = new Set(globs.map(fixedPart));
  return new Map(
    [...new Set([...names.keys(), ...globbed])].map((folder) => {
      const named = names.get(folder) ?? new Set();
      return [folder, (name: string) => globbed.has(folder) || named.has(name)];
    }),
  );
}

/** The folder above the first part with a wildcard in it. */
function fixedPart(glob: string): string {
  const parts = glob.split("/");
  const wild = parts.findIndex((part) => /[*?[{!(]/.test(part));
  return resolve(parts.slice(0, wild === -1 ? -1 : wild).join("/") || "/");
}
