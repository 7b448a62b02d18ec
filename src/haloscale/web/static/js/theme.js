// The switch between light and dark; without a choice the system decides. `early.js` sets what the page begins with.

import { isDark, themeChanged } from "./palette.js";

export function startTheme(button) {
  const root = document.documentElement.dataset;
  const show = () => {
    themeChanged();
    button.setAttribute("aria-pressed", String(isDark()));
  };
  button.addEventListener("click", () => {
    Object.assign(root, { theme: isDark() ? "light" : "dark", themeChosen: "" });
    try {
      localStorage.setItem("haloscale-theme", root.theme);
    } catch {
      // Storage is refused: the choice holds for this page.
    }
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if ("themeChosen" in root) return;
    root.theme = event.matches ? "dark" : "light";
    show();
  });
  show();
}
