// Samples a process that was started with --inspect, through V8's inspector.

export interface Frame {
  readonly name: string;
  readonly url: string;
}

export interface Sample {
  /** The innermost function first. */
  readonly stack: readonly Frame[];
  /** Until the next sample. */
  readonly us: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const intervalUs = 500;

export async function profileOf<T>(inspectorPort: number, work: () => Promise<T>) {
  const targets = await (await fetch(`http://127.0.0.1:${inspectorPort}/json/list`)).json();
  const [{ webSocketDebuggerUrl }] = targets as readonly [{ readonly webSocketDebuggerUrl: string }];
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  await ask(socket, "Profiler.enable");
  await ask(socket, "Profiler.setSamplingInterval", { interval: intervalUs });
  await ask(socket, "Profiler.start");
  const result = await work();
  const { profile } = (await ask(socket, "Profiler.stop")) as { readonly profile: CpuProfile };
  socket.close();
  return { result, samples: samplesOf(profile) };
}

let lastId = 0;

function ask(socket: WebSocket, method: string, params = {}): Promise<unknown> {
  lastId += 1;
  const id = lastId;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const received = ({ data }: MessageEvent) => {
    const answer = JSON.parse(String(data)) as { readonly id?: number; readonly result?: unknown };
    if (answer.id !== id) return;
    socket.removeEventListener("message", received);
    resolve(answer.result);
  };
  socket.addEventListener("message", received);
  socket.send(JSON.stringify({ id, method, params }));
  return promise;
}

function samplesOf({ nodes, samples, timeDeltas }: CpuProfile): readonly Sample[] {
  const stacks = new Map<number, readonly Frame[]>();
  // A parent comes before its children.
  for (const { id, callFrame, children = [] } of nodes) {
    const stack = [{ name: callFrame.functionName, url: callFrame.url }, ...(stacks.get(id) ?? [])];
    stacks.set(id, stack);
    for (const child of children) stacks.set(child, stack);
  }
  return samples.map((id, n) => ({ stack: stacks.get(id) ?? [], us: timeDeltas[n] ?? 0 }));
}
