// The demo EHR without reloading the page. Every form and every panel works without this script too.
"use strict";

const parts = { "X-Part": "yes" };

function tabs(root) {
  for (const list of root.querySelectorAll('[role="tablist"]')) {
    const all = [...list.querySelectorAll('[role="tab"]')];
    const show = (chosen, focus) => {
      for (const tab of all) {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
      }
      sessionStorage.setItem("tab", chosen.id);
      if (focus) chosen.focus();
    };
    list.hidden = false;
    list.addEventListener("click", (event) => {
      const tab = event.target.closest('[role="tab"]');
      if (tab) show(tab, false);
    });
    list.addEventListener("keydown", (event) => {
      const at = all.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      show(all[(to + all.length) % all.length], true);
    });
    show(all.find((tab) => tab.id === sessionStorage.getItem("tab")) || all[0], false);
  }
}

function copying(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const words = button.textContent;
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not allowed; open it below";
      }
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  }
}

async function refresh(id) {
  const part = document.getElementById(id);
  const answer = await fetch(part.dataset.from, { headers: parts });
  if (answer.ok) part.innerHTML = await answer.text();
}

function withdraw(root) {
  for (const done of root.querySelectorAll("[data-withdraw]")) {
    for (const reference of done.dataset.withdraw.split(" ").filter(Boolean)) {
      const tick = document.querySelector(`#pad [data-reference="${CSS.escape(reference)}"]`);
      if (tick) tick.checked = false;
    }
  }
}

function enhance(root) {
  tabs(root);
  copying(root);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const into = document.getElementById(form.dataset.into);
  if (!into) return;
  event.preventDefault();
  const status = document.getElementById("pad-status");
  const body = new URLSearchParams(new FormData(form, event.submitter));
  into.setAttribute("aria-busy", "true");
  status.textContent = "Asking …";
  try {
    const answer = await fetch(form.action, { method: "POST", headers: parts, body });
    into.innerHTML = await answer.text();
    enhance(into);
    withdraw(into);
    into.querySelector('[tabindex="-1"]:not([role])')?.focus();
    if (form.dataset.refresh) await refresh(form.dataset.refresh);
    status.textContent = "";
  } catch {
    status.textContent = "The service of the demo does not answer. Is it still running?";
  } finally {
    into.removeAttribute("aria-busy");
  }
});

const pad = document.getElementById("pad");
const noPrefetch = pad.elements.namedItem("no_prefetch");
const needs = () => { document.getElementById("needs-prefetch").hidden = !noPrefetch.checked; };
noPrefetch.addEventListener("change", needs);
needs();
enhance(document);
