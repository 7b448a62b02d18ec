// Before the modules are here: the chosen theme, so that nothing flashes, and the first question to the server.
// A plain script, as it must run first; `main.js` takes over what it leaves in `window.early`.

(() => {
  const root = document.documentElement.dataset;
  root.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  try {
    const chosen = localStorage.getItem("haloscale-theme");
    if (chosen === "dark" || chosen === "light") Object.assign(root, { theme: chosen, themeChosen: "" });
  } catch {
    // Storage is refused: the system's theme stands.
  }

  const fragment = /^#s=([A-Za-z0-9_-]+)$/.exec(location.hash);

  function linkedState() {
    try {
      const bytes = Uint8Array.from(atob(fragment[1].replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return {};
    }
  }

  const url = new URL("socket", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  const socket = new WebSocket(url);
  const messages = [];
  socket.onmessage = (event) => messages.push(event.data);
  socket.onopen = () => {
    const ask = { do: "show", id: 0, state: fragment ? linkedState() : {}, want: ["curves", "profile"] };
    socket.send(JSON.stringify(ask));
  };
  window.early = { controls: fetch(fragment ? `controls?state=${fragment[1]}` : "controls"), url, socket, messages };
})();
