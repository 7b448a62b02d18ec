// What the page asks for: source, recipe, settings that differ from the recipe, and the point where the model is drawn.

export class Store {
  constructor(controls, state) {
    this.listeners = new Set();
    this.point = {};
    this.drawable = null;
    this.title = null;
    this.files = new Map();
    this.names = new Map();
    this.take(controls);
    const chosen = state ?? controls.start ?? {};
    this.state = {
      source: chosen.source ?? { kind: "start" },
      recipe: chosen.recipe ?? controls.recipe,
      settings: { ...chosen.settings },
      point: { ...chosen.point },
      axes: [...(chosen.axes ?? [])],
    };
  }

  take(controls) {
    this.controls = controls;
    this.defaults = controls.defaults ?? {};
    this.all = controls.sections.flatMap((section) => section.controls);
  }

  // The name of what is shown: of an upload its file, else as the server calls it.
  get shownName() {
    const { source } = this.state;
    const file = source.kind === "upload" ? this.files.get(source.upload) : null;
    return file ?? this.title ?? this.controls.title ?? "";
  }

  // A source in words, also one that is no longer on the screen.
  nameOf(source) {
    if (source?.kind === "upload") return this.files.get(source.upload) ?? "an uploaded catalogue";
    return this.state.source.kind === "upload" ? (this.firstName ?? "the first catalogue") : this.shownName;
  }

  // What another question was about, as a fit was given it.
  adopt({ source, recipe, settings }) {
    Object.assign(this.state, { source: { ...source }, recipe, settings: { ...settings }, point: {} });
    this.title = null;
    this.changed("recipe");
  }

  // The figures that can be drawn for what is set, where the server says which; else all.
  get figures() {
    const all = (this.controls.figures ?? []).map((figure) => (typeof figure === "string" ? { name: figure } : figure));
    return this.drawable ? all.filter((figure) => this.drawable.includes(figure.name)) : all;
  }

  on(listener) {
    this.listeners.add(listener);
  }

  changed(what, key = null) {
    for (const listener of this.listeners) listener(what, this, key);
  }

  // The value in force: what was set, else what recipe and survey say.
  value(key, fallback = null) {
    if (Object.hasOwn(this.state.settings, key)) return this.state.settings[key];
    return Object.hasOwn(this.defaults, key) ? this.defaults[key] : fallback;
  }

  set(key, value) {
    if (value === undefined || same(value, this.defaults[key])) delete this.state.settings[key];
    else this.state.settings[key] = value;
    this.changed("settings", key);
  }

  setPoint(values) {
    Object.assign(this.state.point, values);
    this.changed("point");
  }

  // A value that the server refused: the model stays where it was drawn.
  takeBack(name) {
    if (Object.hasOwn(this.point, name)) this.state.point[name] = this.point[name];
    else delete this.state.point[name];
  }

  // The two parameters whose posterior is drawn.
  setAxes(axes) {
    this.state.axes = axes;
    this.changed("axes");
  }

  resetPoint() {
    this.state.point = {};
    this.changed("point");
  }

  setSource(source, file = null) {
    if (file) this.files.set(source.upload, file);
    this.title = null;
    Object.assign(this.state, { source, settings: {}, point: {} });
    this.changed("source");
  }

  setRecipe(recipe) {
    Object.assign(this.state, { recipe, settings: {}, point: {} });
    this.changed("recipe");
  }

  // The server said where the model is drawn and which parameters are free.
  drawn(curves) {
    this.point = curves.point ?? {};
    this.drawable = curves.figures ?? this.drawable;
    this.title = curves.title ?? this.title;
    if (this.state.source.kind !== "upload") this.firstName = this.shownName;
    this.names = new Map((curves.free ?? []).map((parameter) => [parameter.key, parameter.name]));
    this.changed("drawn");
  }

  // The name that a parameter has in the point; by its last word until the server has said it.
  parameterOf(control) {
    return control.parameter ?? this.names.get(control.key) ?? control.key.split(".").at(-1);
  }

  isShown(control) {
    const off = Object.entries(this.state.settings).some(([key, value]) => value === "off" && control.key.startsWith(`${key}.`));
    if (off) return false;
    const rules = Object.entries(control.shown_if ?? {});
    return rules.every(([key, values]) => values.some((wanted) => same(wanted, this.value(key))));
  }

  // What is sent: settings of hidden controls and of parameters no longer free are left out.
  request() {
    const shown = this.all.filter((control) => this.isShown(control));
    const keys = new Set(shown.map((control) => control.key));
    const known = new Set(this.all.map((control) => control.key));
    const kept = Object.entries(this.state.settings).filter(([key]) => keys.has(key) || !known.has(key));
    const free = new Set(shown.filter((control) => isFree(this.valueOf(control))).map((control) => this.parameterOf(control)));
    const point = Object.entries(this.state.point).filter(([name]) => free.has(name));
    return { ...this.state, settings: Object.fromEntries(kept), point: Object.fromEntries(point) };
  }

  valueOf(control) {
    return this.value(control.key, control.value ?? null);
  }
}

export function isFree(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && "prior" in value;
}

export function same(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
