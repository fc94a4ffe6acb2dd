"use strict";
// A form with data-confirm asks before it is sent. Without this script it is simply sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopPropagation();
  const dialog = document.getElementById("confirm");
  const yes = dialog.querySelector("[value=yes]");
  dialog.querySelector("p").textContent = form.dataset.confirm;
  yes.textContent = form.dataset.confirmYes || yes.dataset.default;
  // Red for what cannot be taken back, as on the button that was pressed.
  const isGrave = /btn-(outline-)?danger/.test(event.submitter?.className ?? "");
  yes.classList.toggle("btn-outline-danger", isGrave);
  yes.classList.toggle("btn-outline-primary", !isGrave);
  dialog.returnValue = "no";
  const submitter = event.submitter;
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  }, { once: true });
  dialog.showModal();
}, true);

// An open menu closes with Escape and when the focus or a tap goes elsewhere.
const menus = () => document.querySelectorAll(".person-menu[open], .bar-bottom details[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});
for (const elsewhere of ["click", "focusin"]) {
  document.addEventListener(elsewhere, (event) => {
    menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
}

// After a refused form the first thing to be read is what is wrong.
document.querySelector(".error-summary")?.focus();
