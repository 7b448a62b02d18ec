// The switch between light and dark; without a choice the system decides.

import { isDark, themeChanged } from "./palette.js";

export function startTheme(button) {
  const show = () => {
    themeChanged();
    button.setAttribute("aria-pressed", String(isDark()));
  };
  button.addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem("haloscale-theme", chosen);
    } catch {
      // Storage is refused: the choice holds for this page.
    }
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}
