/** The heap of a Node process's main thread, after a collection, by its inspector. */
interface Answer {
  id: number;
  result: { usedSize: number };
}

export class HeapProbe {
  readonly #socket: WebSocket;
  #next = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** @param address `HOST:PORT` of the inspector */
  static async open(address: string): Promise<HeapProbe> {
    const [target] = (await (await fetch(`http://${address}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(target!.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new HeapProbe(socket);
  }

  async usedBytes(): Promise<number> {
    await this.#call("HeapProfiler.collectGarbage");
    return (await this.#call("Runtime.getHeapUsage")).usedSize;
  }

  #call(method: string): Promise<Answer["result"]> {
    const id = ++this.#next;
    return new Promise((resolve) => {
      const onMessage = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as Answer;
        if (answer.id !== id) return;
        this.#socket.removeEventListener("message", onMessage);
        resolve(answer.result);
      };
      this.#socket.addEventListener("message", onMessage);
      this.#socket.send(JSON.stringify({ id, method }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}
