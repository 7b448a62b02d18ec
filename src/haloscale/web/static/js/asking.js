// When what is asked for: curves at once, the sample when settings changed, the posterior after a short rest.

import { debounce } from "./dom.js";
import { Latest, Wish } from "./latest.js";
import { markInput, measureDrawn } from "./timing.js";

const REST = 250;
const ALL = ["curves", "sample", "profile"];

export class Asking {
  constructor(connection, store, { stale }) {
    this.store = store;
    const show = (wish) => connection.send({ do: "show", state: store.request(), want: [...wish.want] });
    this.curves = new Latest(show);
    this.posterior = new Latest(show);
    this.askPosterior = debounce(REST, () => this.posterior.ask(new Wish(["posterior"])));
    store.on((what) => this.changed(what, stale));
    connection.watch((what) => what === "open" && this.reconnected());
  }

  changed(what, stale) {
    if (what === "point") this.curves.ask(new Wish(["curves"], [markInput()]));
    if (what === "settings") {
      this.curves.ask(new Wish(ALL, [markInput()]));
      stale();
      this.askPosterior();
    }
    if (what === "rebuilt") this.everything();
  }

  everything() {
    this.curves.ask(new Wish(ALL));
    this.posterior.ask(new Wish(["posterior"]));
  }

  reconnected() {
    this.curves.again();
    this.posterior.again();
  }

  // Curves were drawn in this frame: how long each movement of a control waited for them.
  drawn(id) {
    const wish = this.curves.answered(id);
    if (wish) measureDrawn(wish.inputs);
  }

  ended(id) {
    const wasCurves = this.curves.answered(id) !== null;
    const wasPosterior = this.posterior.answered(id) !== null;
    return { wasCurves, wasPosterior };
  }
}
