/**
 * What an HTTP/2 peer may do with its connection. One that does not answer any more is cut, idle streams behind ordinary
 * proxies stay alive by the same pings; one that opens no stream is let go; one that floods is told by which limit, and cut.
 */
import { constants, type ServerHttp2Session } from "node:http2";

/** A peer that is silent for this long is asked for a sign of life, and has this long to give it. */
const pingEveryMs = 30_000;
const pingTimeoutMs = 20_000;
/** A connection without an open stream is ended after this long; clients make another when they need it. */
const idleMs = 600_000;
/** Far above what clients that measure their bandwidth by pings send, far below what a flood is. */
const maxPingsASecond = 20_000;
const maxSettingsASecond = 1_000;

/** @param firstStreamMs how long a new connection may wait with its first stream */
export function watchConduct(session: ServerHttp2Session, firstStreamMs: number): void {
  askForLife(session);
  letGoWhenIdle(session, firstStreamMs);
  cutFlood(session, "ping", maxPingsASecond, "pings");
  cutFlood(session, "remoteSettings", maxSettingsASecond, "SETTINGS frames");
}

function askForLife(session: ServerHttp2Session): void {
  session.setTimeout(pingEveryMs, () => {
    if (session.destroyed || session.closed) return;
    const overdue = setTimeout(() => session.destroy(), pingTimeoutMs);
    session.ping(() => clearTimeout(overdue));
  });
}

function letGoWhenIdle(session: ServerHttp2Session, firstStreamMs: number): void {
  let open = 0;
  const letGo = (): void => {
    if (!session.destroyed) session.close();
  };
  let timer = setTimeout(letGo, firstStreamMs).unref();
  session.on("stream", (stream) => {
    open++;
    clearTimeout(timer);
    stream.once("close", () => {
      open--;
      if (open === 0 && !session.closed) timer = setTimeout(letGo, idleMs).unref();
    });
  });
  session.once("close", () => clearTimeout(timer));
}

function cutFlood(session: ServerHttp2Session, event: "ping" | "remoteSettings", most: number, what: string): void {
  let second = 0;
  let times = 0;
  session.on(event, () => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      times = 0;
    }
    times++;
    if (times !== most) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from(`${most} ${what} a second are too many`));
    // After the frame is on its way.
    setImmediate(() => session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM));
  });
}
