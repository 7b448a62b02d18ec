// Before the first paint: the theme chosen last time, so that the page does not flash.
try {
  const chosen = localStorage.getItem("haloscale-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is refused: the system's theme stands.
}
