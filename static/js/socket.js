// A websocket that comes back: back-off up to 15 s, a sync every 10 s, and a call when it stays away.
const SYNC_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const REFUSED = 4400; // 4401 not signed in, 4404 no such job: asking again changes nothing

export function openSocket(path, { onMessage, onRefused, onLost, sequence }) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  let socket = null;
  let wait = FIRST_WAIT_MS;
  let retry = 0;
  let closed = false;

  const connect = () => {
    socket = new WebSocket(`${scheme}//${location.host}${path}`);
    socket.addEventListener("message", (event) => {
      wait = FIRST_WAIT_MS;
      onMessage(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (closed) return;
      if (event.code > REFUSED && event.code < REFUSED + 100) {
        stop();
        onRefused?.(event.code);
        return;
      }
      onLost?.();
      retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    });
  };
  const sync = setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "sync", sequence: sequence() }));
  }, SYNC_MS);
  const stop = () => {
    closed = true;
    clearInterval(sync);
    clearTimeout(retry);
    socket?.close();
  };
  connect();
  return stop;
}
