// A reloader over real files: what it notices, and what it does with a load that fails.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Loading, Reloader } from "../../../src/config/reload.ts";
import { createLog } from "../../../src/observe/log.ts";
import { eventually } from "../../support/stack.ts";

interface RenderContext {
  readonly folder: string;
  /** The file as each load that was taken over found it. */
  readonly applied: string[];
  readonly lines: string[];
  readonly reloader: Reloader<string>;
  refusals(): number;
}

/** The file is a good config unless it says "broken". */
function sceneOf(t: TestContext, place: (folder: string) => void, whileLoading: () => void = () => {}): RenderContext {
  const folder = mkdtempSync(join(tmpdir(), "reload-"));
  place(folder);
  const applied: string[] = [];
  const lines: string[] = [];
  let refused = 0;
  const watched = { files: [join(folder, "config.yaml")], globs: [join(folder, "templates", "*")] };
  const load = (): Loading<string> => {
    const text = readFileSync(join(folder, "config.yaml"), "utf8");
    whileLoading();
    if (text.includes("broken")) return { kind: "invalid", issues: ["1:1: broken", "2:1: too"], watched };
    return { kind: "setup", setup: text, watched };
  };
  const reloader = new Reloader({
    load,
    apply: (text) => applied.push(text),
    metrics: { configRefused: () => (refused += 1) },
    log: createLog({ level: "info", format: "logfmt", write: (line) => lines.push(line) }),
    watched,
  });
  t.after(() => {
    reloader.stop();
    rmSync(folder, { recursive: true });
  });
  return { folder, applied, lines, reloader, refusals: () => refused };
}

function plainFile(folder: string): void {
  mkdirSync(join(folder, "templates"));
  writeFileSync(join(folder, "config.yaml"), "one");
}

/** As the kubelet mounts a ConfigMap: files lead through `..data` to a folder of their version. */
function configMap(folder: string): void {
  mkdirSync(join(folder, "templates"));
  version(folder, "one");
  symlinkSync(join("..data", "config.yaml"), join(folder, "config.yaml"));
}

function version(folder: string, text: string): void {
  mkdirSync(join(folder, `..${text}`));
  writeFileSync(join(folder, `..${text}`, "config.yaml"), text);
  symlinkSync(`..${text}`, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
}

describe("Reloader: when files change", () => {
  const changes: readonly (readonly [string, (folder: string) => void, (folder: string, text: string) => void])[] = [
    ["a file written in place", plainFile, (folder, text) => writeFileSync(join(folder, "config.yaml"), text)],
    [
      "a file replaced by another, as editors do",
      plainFile,
      (folder, text) => {
        writeFileSync(join(folder, "config.yaml~"), text);
        renameSync(join(folder, "config.yaml~"), join(folder, "config.yaml"));
      },
    ],
    ["a ConfigMap's ..data leading elsewhere", configMap, version],
  ];
  for (const [what, place, change] of changes) {
    it(`takes over ${what}, again and again`, async (t) => {
      const scene = sceneOf(t, place);

      for (const text of ["two", "three"]) {
        change(scene.folder, text);
        await eventually(text, () => scene.applied.at(-1) === text);
      }

      assert.deepEqual(scene.applied, ["two", "three"]);
    });
  }

  it("a template that is added, changed or removed causes a reload; the same text written again does not", async (t) => {
    const scene = sceneOf(t, plainFile);
    const template = join(scene.folder, "templates", "own.markdown.hbs");

    writeFileSync(join(scene.folder, "config.yaml"), "one");
    writeFileSync(template, "x");
    await eventually("it is added", () => scene.applied.length === 1);
    writeFileSync(template, "y");
    await eventually("it is changed", () => scene.applied.length === 2);
    rmSync(template);
    await eventually("it is removed", () => scene.applied.length === 3);

    assert.deepEqual(scene.applied, ["one", "one", "one"]);
  });

  it("an invalid config leaves the running one in use, and every issue is logged and counted; fixed, it is loaded", async (t) => {
    const scene = sceneOf(t, plainFile);

    writeFileSync(join(scene.folder, "config.yaml"), "broken");
    await eventually("it is refused", () => scene.refusals() === 1);
    const then = [...scene.applied];
    writeFileSync(join(scene.folder, "config.yaml"), "fixed");
    await eventually("it is taken", () => scene.applied.length === 1);

    assert.deepEqual([then, scene.applied], [[], ["fixed"]]);
    assert.match(scene.lines.join(""), /issue="1:1: broken".*\n.*issue="2:1: too".*\n.*the running config stays/u);
  });
});

describe("Reloader: when asked", () => {
  it("a load that throws, as when a file vanishes meanwhile, leaves the running config and the process", (t) => {
    let fails = true;
    const scene = sceneOf(t, plainFile, () => {
      if (fails) throw new Error("ENOENT: no such file");
    });

    const { issues } = scene.reloader.reload("signal");
    fails = false;
    const later = scene.reloader.reload("signal");

    assert.deepEqual([issues, scene.refusals(), later.issues], [1, 1, 0]);
    assert.match(scene.lines[0] ?? "", /level=error .*ENOENT/u);
    assert.deepEqual(scene.applied, ["one"]);
  });

  it("reloads whether anything changed or not", (t) => {
    const scene = sceneOf(t, plainFile);

    const answers = [scene.reloader.reload("request"), scene.reloader.reload("signal")];

    assert.deepEqual(answers, [{ issues: 0 }, { issues: 0 }]);
    assert.deepEqual(scene.applied, ["one", "one"]);
  });

  it("never takes over what changed while it was read", (t) => {
    let writes = 0;
    const scene = sceneOf(t, plainFile, () => {
      writes += 1;
      if (writes <= 2) writeFileSync(join(scene.folder, "config.yaml"), `write ${writes}`);
    });

    const { issues } = scene.reloader.reload("request");

    assert.equal(issues, 0);
    assert.deepEqual(scene.applied, ["write 2"]);
  });

  it("rejects files that change during every load", (t) => {
    let writes = 0;
    const scene = sceneOf(t, plainFile, () => writeFileSync(join(scene.folder, "config.yaml"), `write ${writes++}`));

    const { issues } = scene.reloader.reload("request");

    assert.equal(issues, 1);
    assert.deepEqual([scene.applied, scene.refusals()], [[], 1]);
  });
});

describe("Reloader: reloads that requests ask for", () => {
  /** Advances timers and lets what waits for them run. */
  const pass = async (t: TestContext, ms: number) => {
    t.mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };

  it("begin at once, then a second apart, and a thousand that wait share one", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { reloader, applied, folder } = sceneOf(t, plainFile);

    const first = await reloader.request();
    writeFileSync(join(folder, "config.yaml"), "broken");
    const waiting = Array.from({ length: 1_000 }, () => reloader.request());
    await pass(t, 999);
    writeFileSync(join(folder, "config.yaml"), "two");
    const early = applied.length;
    await pass(t, 1);
    const results = await Promise.all(waiting);
    const later = reloader.request();
    await pass(t, 1_000);

    assert.deepEqual([first, early], [{ issues: 0 }, 1]);
    assert.deepEqual(new Set(results.map(({ issues }) => issues)), new Set([0]));
    assert.deepEqual([await later, applied], [{ issues: 0 }, ["one", "two", "two"]]);
  });

  it("do not wait for one another when nobody asked for a second", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { reloader, applied } = sceneOf(t, plainFile);

    for (let n = 0; n < 3; n++) {
      await reloader.request();
      await pass(t, 1_000);
    }

    assert.equal(applied.length, 3);
  });

  it("do nothing once it has stopped", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { reloader, applied } = sceneOf(t, plainFile);

    await reloader.request();
    const waiting = reloader.request();
    reloader.stop();
    await pass(t, 1_000);
    await waiting;

    assert.equal(applied.length, 1);
  });

  it("do not delay the operator's signal", async (t) => {
    const { reloader, applied } = sceneOf(t, plainFile);

    await reloader.request();
    reloader.reload("signal");

    assert.equal(applied.length, 2);
  });
});
