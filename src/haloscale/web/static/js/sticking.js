// How much of the top of the page stays in sight while the rest scrolls: the head, and below it the strip of a fit.

export function keepTop(header, strip) {
  const root = document.documentElement.style;
  const isStuck = (node) => !node.hidden && getComputedStyle(node).position === "sticky";
  const measure = () => {
    const top = isStuck(header) ? header.offsetHeight : 0;
    root.setProperty("--head", `${top}px`);
    root.setProperty("--stuck", `${top + (isStuck(strip) ? strip.offsetHeight : 0)}px`);
  };
  const watch = new ResizeObserver(measure);
  watch.observe(header);
  watch.observe(strip);
  measure();
}
