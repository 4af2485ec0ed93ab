// A websocket that comes back: back-off up to 15 s, a sync every 10 s, and a calm word on the page while it is away.
const SYNC_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PATIENCE_MS = 1200; // a break shorter than this is not worth a word
const REFUSED = [4401, 4404]; // not signed in, no such job: asking again changes nothing

const sayOffline = (away) => {
  const word = document.querySelector("[data-offline]");
  if (word) word.hidden = !away;
};

export function openSocket(path, { onMessage, onRefused, onLost, sequence }) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  let socket = null;
  let wait = FIRST_WAIT_MS;
  let retry = 0;
  let word = 0;
  let closed = false;
  let hiddenAt = 0;

  const connect = () => {
    clearTimeout(retry);
    const mine = new WebSocket(`${scheme}//${location.host}${path}`);
    socket = mine;
    mine.addEventListener("message", (event) => {
      if (mine !== socket || closed) return;
      wait = FIRST_WAIT_MS;
      clearTimeout(word);
      word = 0;
      sayOffline(false);
      onMessage(JSON.parse(event.data));
    });
    mine.addEventListener("close", (event) => {
      if (mine !== socket || closed) return;
      if (REFUSED.includes(event.code)) {
        stop();
        onRefused?.(event.code);
        return;
      }
      lose();
    });
  };
  const lose = () => {
    word ||= setTimeout(sayOffline, PATIENCE_MS, true);
    onLost?.();
    retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
  const again = () => {
    const old = socket;
    wait = FIRST_WAIT_MS;
    connect();
    old?.close();
  };
  // A connection that died without a word: the network went, or the page slept.
  const goes = () => {
    const old = socket;
    socket = null;
    clearTimeout(retry);
    lose();
    old?.close();
  };
  const wakes = () => {
    if (document.hidden) hiddenAt = Date.now();
    else if (hiddenAt && Date.now() - hiddenAt > SYNC_MS) again();
  };
  window.addEventListener("offline", goes);
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", wakes);

  const sync = setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "sync", sequence: sequence() }));
  }, SYNC_MS);
  const stop = () => {
    closed = true;
    clearInterval(sync);
    clearTimeout(retry);
    clearTimeout(word);
    sayOffline(false);
    window.removeEventListener("offline", goes);
    window.removeEventListener("online", again);
    document.removeEventListener("visibilitychange", wakes);
    socket?.close();
  };
  connect();
  return stop;
}
