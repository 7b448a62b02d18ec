// Numbers and units as a reader of a journal expects them.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const UNITS = {
  solMass: "M☉",
  "km / s": "km s⁻¹",
  "km/s": "km s⁻¹",
  "km / (s Mpc)": "km s⁻¹ Mpc⁻¹",
  "km / (Mpc s)": "km s⁻¹ Mpc⁻¹",
  "solMass / kpc3": "M☉ kpc⁻³",
  "solMass / kpc2": "M☉ kpc⁻²",
};

export function unitText(unit) {
  return unit ? (UNITS[unit] ?? unit) : "";
}

export function raised(exponent) {
  return [...String(exponent)].map((sign) => RAISED[sign]).join("");
}

export function number(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return `${minus(mantissa)} × 10${raised(Number(exponent))}`;
  }
  return minus(size >= 10 ** (digits - 1) ? String(Math.round(value)) : String(Number(value.toPrecision(digits))));
}

export function quantity(value, unit = "", digits = 3) {
  return [number(value, digits), unitText(unit)].filter(Boolean).join(" ");
}

// The median with its distances to the ends of the 68 % interval, all with the same power of ten.
export function interval({ median, low68, high68, unit = "" }) {
  const power = Math.abs(median) >= 1e5 ? Math.floor(Math.log10(Math.abs(median))) : 0;
  const scale = 10 ** power;
  const errors = [high68 - median, median - low68].map((error) => error / scale);
  const smallest = Math.max(Math.min(...errors.map(Math.abs).filter((error) => error > 0)), 1e-12);
  const places = Number.isFinite(smallest) ? Math.min(Math.max(0, 1 - Math.floor(Math.log10(smallest))), 6) : 2;
  const [value, up, down] = [median / scale, ...errors].map((part) => minus(part.toFixed(places)));
  const times = power ? ` × 10${raised(power)}` : "";
  return { value, up, down, times, unit: unitText(unit) };
}

const GREEK = { beta: "β", sigma: "σ", alpha: "α", gamma: "γ", eta: "η", rho: "ρ", nu: "ν", delta: "δ", Delta: "Δ", infty: "∞", kappa: "κ", odot: "☉" };

// Whose a parameter is where there are several catalogues: "\beta\,(\mathrm{giants})".
const OWNED = /^(.*)\\,\(\\mathrm\{(.+)\}\)$/;

// A symbol in TeX as plain text, with what is set lower after an underscore.
export function symbolText(tex) {
  const [, bare, owner] = OWNED.exec(tex) ?? [];
  if (owner) return `${owner.replace(/\\/g, "")}: ${symbolText(bare)}`;
  const words = tex.replace(/\\(?:mathrm|rm|text|mathit)\s*/g, "").replace(/\\([A-Za-z]+)/g, (whole, name) => GREEK[name] ?? name);
  return words.replace(/_☉/g, "☉").replace(/_\{([^{}]*)\}/g, (whole, low) => `_${low.replace(/[{}\s]/g, "")}`).replace(/[{}$\\]/g, "").trim();
}

// What a number field shows: short, and read back to the same number.
export function plain(value) {
  if (typeof value !== "number") return "";
  const size = Math.abs(value);
  return size >= 1e6 || (size > 0 && size < 1e-4) ? value.toExponential().replace("e+", "e") : String(value);
}

function minus(text) {
  return text.replace("-", "−");
}
