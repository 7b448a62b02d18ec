// One request in flight; the newest state waits, those between are never sent.

const PATIENCE = 120_000;
const NOTICED = 400;

export class Latest {
  // `slow(isSlow)` is told when an answer takes longer than a person notices, and when it has come.
  constructor(send, slow = () => {}) {
    this.send = send;
    this.slow = slow;
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
    const timer = setTimeout(() => this.answered(id), PATIENCE);
    this.flying = { id, request, timer, notice: setTimeout(() => this.slow(true), NOTICED) };
  }

  land() {
    const { request, timer, notice } = this.flying;
    clearTimeout(timer);
    clearTimeout(notice);
    this.flying = null;
    this.slow(false);
    return request;
  }

  // The request that an answer belongs to; null for an answer to nothing that was asked here.
  answered(id) {
    if (this.flying?.id !== id) return null;
    const request = this.land();
    this.pump();
    return request;
  }

  // The connection was lost: what was in flight is asked again, unless something newer waits.
  again() {
    if (this.flying) {
      const request = this.land();
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
