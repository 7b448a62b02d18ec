// When what is asked for: curves at once, the sample when settings changed, the posterior after a short rest.

import { debounce } from "./dom.js";
import { Latest, Wish } from "./latest.js";
import { markInput, measureDrawn } from "./timing.js";

const REST = 120;
const MODEL = ["curves"];
const FIRST = ["curves", "profile"];
const ALL = ["curves", "profile", "sample"];
// Settings that change which stars there are, where they are, or how they are binned.
const DATA = /^(catalogue|distance|frame|selection|substructure|dispersion)\./;

export class Asking {
  constructor(connection, store, { stale }) {
    this.inputs = [];
    const show = (wish) => {
      const id = connection.send({ do: "show", state: store.request(), want: [...wish.want] });
      this.firstSent ??= id;
      return id;
    };
    const working = document.getElementById("working");
    this.curves = new Latest(show, (isSlow) => {
      working.hidden = !isSlow;
    });
    this.posterior = new Latest(show);
    this.askPosterior = debounce(REST, () => this.posterior.ask(new Wish(["posterior"])));
    store.on((what, _, key) => this.changed(what, key, stale));
    connection.watch((what) => this.connected(what));
  }

  changed(what, key, stale) {
    if (what === "point") this.curves.ask(new Wish(["curves"], [markInput()]));
    if (what === "settings") {
      this.curves.ask(new Wish(DATA.test(key) ? ALL : MODEL, [markInput()]));
      stale();
      this.askPosterior();
    }
    if (what === "axes") {
      stale();
      this.posterior.ask(new Wish(["posterior"]));
    }
    if (what === "rebuilt") {
      stale(true);
      this.everything();
    }
  }

  // The first question was asked before the modules were here, see `early.js`; `isAnew`: about a link that was refused.
  begin(isAnew) {
    this.isAnew = isAnew;
    if (isAnew) {
      this.everything();
      return;
    }
    this.isFresh = true;
    this.curves.fly(0, new Wish(FIRST));
  }

  get firstId() {
    return this.isAnew ? this.firstSent : 0;
  }

  isForsaken(id) {
    return this.isAnew && id === 0;
  }

  // The stars and the posterior wait for the first curves, which they would only slow down.
  everything() {
    this.isFresh = true;
    this.curves.ask(new Wish(FIRST));
  }

  // After a lost connection what was in flight is asked again; the first time only what waits is sent.
  connected(what) {
    if (what === "lost") this.wasLost = true;
    for (const asked of what === "open" ? [this.curves, this.posterior] : []) {
      if (this.wasLost) asked.again();
      else asked.pump();
    }
    if (what === "open") this.wasLost = false;
  }

  // Curves have arrived: the next question leaves before they are drawn, so that server and page work at the same time.
  received(id) {
    this.inputs.push(...(this.curves.answered(id)?.inputs ?? []));
  }

  // They were drawn in this frame: how long each movement of a control waited for them.
  drawn() {
    measureDrawn(this.inputs.splice(0));
    if (!this.isFresh) return;
    this.isFresh = false;
    this.curves.ask(new Wish(["curves", "sample"]));
    this.posterior.ask(new Wish(["posterior"]));
  }

  ended(id) {
    const wasCurves = this.curves.answered(id) !== null;
    const wasPosterior = this.posterior.answered(id) !== null;
    return { wasCurves, wasPosterior };
  }
}
