"use strict";
// Headings become buttons that sort: up, down, and as it was. Numbers by value, a dash last.
const number = text => {
  const found = text.replace(/,(?=\d{3})/g, "").replace(/−/g, "-").match(/^[^\d+-]{0,3}([+-]?\d+(\.\d+)?(e[+-]?\d+)?)/);
  return found ? Number(found[1]) : NaN;
};
const compare = (a, b) => {
  const [x, y] = [number(a), number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || a.localeCompare(b);
  return x - y;
};
for (const table of document.querySelectorAll("table")) {
  const [body] = table.tBodies, given = [...body.rows], headings = [...table.querySelectorAll(".columns th")];
  if (given.length < 2) continue;
  headings.forEach((heading, at) => {
    const button = document.createElement("button"), numeric = heading.className === "number";
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[heading.getAttribute("aria-sort")] || "ascending";
      headings.forEach(other => other.removeAttribute("aria-sort"));
      if (next !== "none") heading.setAttribute("aria-sort", next);
      const sign = next === "descending" ? -1 : 1, text = row => row.cells[at].textContent.trim();
      const by = (a, b) => {
        const [x, y] = [text(a), text(b)];
        if ((x === "–") !== (y === "–")) return x === "–" ? 1 : -1;
        return sign * (numeric ? compare(x, y) : x.localeCompare(y, undefined, { numeric: true }));
      };
      body.append(...(next === "none" ? given : [...body.rows].sort(by)));
    });
  });
}
// The section in view is marked in the contents.
const links = new Map([...document.querySelectorAll("nav a")].map(link => [link.hash.slice(1), link]));
const seen = new IntersectionObserver(entries => entries.forEach(entry => {
  if (!entry.isIntersecting) return;
  links.forEach(link => link.removeAttribute("aria-current"));
  links.get(entry.target.getAttribute("aria-labelledby"))?.setAttribute("aria-current", "true");
}), { rootMargin: "-20% 0px -75% 0px" });
if (links.size) document.querySelectorAll("section").forEach(section => seen.observe(section));
