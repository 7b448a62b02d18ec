// What is looked at in every panel at once: a radius, a range of radii, a group.

import { eachFrame } from "./dom.js";

export class View {
  constructor() {
    this.radius = null;
    this.range = null;
    this.group = null;
    this.listeners = new Set();
    this.tell = eachFrame((what) => {
      for (const listener of this.listeners) listener(what, this);
    });
  }

  on(listener) {
    this.listeners.add(listener);
  }

  setRadius(radius) {
    if (radius === this.radius) return;
    this.radius = radius;
    for (const listener of this.listeners) listener("radius", this);
  }

  setRange(range) {
    this.range = range && range[1] > range[0] ? range : null;
    this.tell("choice");
  }

  setGroup(group) {
    this.group = group;
    this.tell("choice");
  }

  clear() {
    Object.assign(this, { range: null, group: null, radius: null });
    this.tell("choice");
  }

  get chooses() {
    return this.range !== null || this.group !== null;
  }

  holds(r, group) {
    const inRange = this.range === null || (r >= this.range[0] && r <= this.range[1]);
    return inRange && (this.group === null || group === this.group);
  }
}
