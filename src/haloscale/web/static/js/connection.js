// The socket: opened again with growing pauses when it is lost, and what arrives handed to whoever asked for its kind.

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 10_000;

export class Connection {
  // `early`: a socket that was opened before the modules were here, with what it has received.
  constructor({ url, socket, messages }) {
    this.url = url;
    this.handlers = new Map();
    this.watchers = new Set();
    this.pause = FIRST_PAUSE;
    this.next = 0;
    this.adopt(socket);
    socket.onmessage = null;
    queueMicrotask(() => messages.forEach((text) => this.receive(text)));
  }

  on(kind, handler) {
    this.handlers.set(kind, [...(this.handlers.get(kind) ?? []), handler]);
  }

  watch(watcher) {
    this.watchers.add(watcher);
  }

  get isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  adopt(socket) {
    this.socket = socket;
    const opened = () => {
      this.pause = FIRST_PAUSE;
      this.tell("open");
    };
    if (this.isOpen) queueMicrotask(opened);
    else socket.addEventListener("open", opened);
    socket.addEventListener("message", (event) => this.receive(event.data));
    if (socket.readyState >= WebSocket.CLOSING) queueMicrotask(() => this.lost());
    else socket.addEventListener("close", () => this.lost());
  }

  lost() {
    this.tell("lost");
    const pause = this.pause * (0.7 + 0.6 * Math.random());
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    setTimeout(() => this.adopt(new WebSocket(this.url)), pause);
  }

  tell(what) {
    for (const watcher of this.watchers) watcher(what);
  }

  receive(text) {
    const message = JSON.parse(text);
    for (const handler of this.handlers.get(message.kind) ?? []) handler(message);
  }

  // The number of the request, or null where there is no connection.
  send(request) {
    if (!this.isOpen) return null;
    this.next += 1;
    this.socket.send(JSON.stringify({ ...request, id: this.next }));
    return this.next;
  }
}
