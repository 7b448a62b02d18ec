// Elements made from text alone: nothing from a catalogue is ever parsed as markup.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate"]);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else if (value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function clear(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

let made = 0;

export function newId(stem) {
  made += 1;
  return `${stem}-${made}`;
}

// "σ_los [km s⁻¹]" with what follows an underscore set lower.
export function rich(text) {
  const span = el("span");
  for (const part of String(text).split(/(_[A-Za-z0-9,]+)/)) {
    if (/^_[A-Za-z0-9,]+$/.test(part)) span.append(el("sub", { text: part.slice(1) }));
    else if (part) span.append(part);
  }
  return span;
}

export function debounce(wait, call) {
  let timer = null;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), wait);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

// At most one call a frame, with the newest arguments.
export function eachFrame(call) {
  let waiting = null;
  return (...args) => {
    if (waiting === null) {
      requestAnimationFrame(() => {
        const newest = waiting;
        waiting = null;
        call(...newest);
      });
    }
    waiting = args;
  };
}
