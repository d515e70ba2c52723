// Filters a table while one types or chooses. Without this script the form's button does the same on the server.
"use strict";

for (const form of document.querySelectorAll("form[data-filters]")) {
  const table = document.getElementById(form.dataset.filters);
  const rows = [...table.tBodies[0].rows];
  const count = document.getElementById(`${table.id}-count`);
  const none = document.getElementById(`${table.id}-none`);

  const takes = (row, asked) =>
    (asked.get("q") || "").toLowerCase().split(/\s+/).every((word) => row.dataset.text.includes(word)) &&
    ["scenario", "modality", "region", "category"].every(
      (name) => !asked.get(name) || row.dataset[name].split(" ").includes(asked.get(name)),
    );

  const filter = () => {
    const asked = new FormData(form);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !takes(row, asked);
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length} ratings`;
    none.hidden = shown > 0;
    const kept = [...asked].filter(([, value]) => value);
    history.replaceState(null, "", kept.length ? `?${new URLSearchParams(kept)}` : location.pathname);
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
}
