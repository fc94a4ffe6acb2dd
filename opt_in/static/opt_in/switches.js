// A switch is sent as soon as it is turned. Without this script the button beside it does the same.
document.querySelectorAll("form[data-switch]").forEach(function (form) {
  form.querySelector("button").hidden = true;
  form.querySelector("input[role=switch]").addEventListener("change", function () { form.requestSubmit(); });
});
