// The state of the page as text of a URL: base64url of its JSON.

export function encodeState(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function decodeState(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

// The state that the fragment holds; null where there is none, and `broken` says so where it cannot be read.
export function stateOfFragment(fragment) {
  const found = /^#s=([A-Za-z0-9_-]+)$/.exec(fragment);
  if (!found) return { state: null, broken: fragment.startsWith("#s=") };
  try {
    const state = decodeState(found[1]);
    const whole = state && typeof state === "object" && !Array.isArray(state);
    return whole ? { state, broken: false } : { state: null, broken: true };
  } catch {
    return { state: null, broken: true };
  }
}
