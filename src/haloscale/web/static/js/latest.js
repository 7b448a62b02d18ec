// One request in flight; the newest state waits, those between are never sent.

const PATIENCE = 20_000;

export class Latest {
  constructor(send) {
    this.send = send;
    this.flying = null;
    this.waiting = null;
  }

  ask(request) {
    this.waiting = this.waiting ? request.join(this.waiting) : request;
    this.pump();
  }

  pump() {
    if (this.flying || !this.waiting) return;
    const id = this.send(this.waiting);
    if (id === null) return;
    this.fly(id, this.waiting);
    this.waiting = null;
  }

  fly(id, request) {
    this.flying = { id, request, timer: setTimeout(() => this.answered(id), PATIENCE) };
  }

  // The request that an answer belongs to; null for an answer to nothing that was asked here.
  answered(id) {
    if (this.flying?.id !== id) return null;
    const { request, timer } = this.flying;
    clearTimeout(timer);
    this.flying = null;
    this.pump();
    return request;
  }

  // The connection was lost: what was in flight is asked again, unless something newer waits.
  again() {
    if (this.flying) {
      clearTimeout(this.flying.timer);
      const { request } = this.flying;
      this.flying = null;
      this.waiting = this.waiting ? this.waiting.join(request) : request;
    }
    this.pump();
  }
}

export class Wish {
  constructor(want, inputs = []) {
    this.want = new Set(want);
    this.inputs = inputs;
  }

  // This and an older one that was not sent yet.
  join(older) {
    return new Wish([...older.want, ...this.want], [...older.inputs, ...this.inputs]);
  }
}
