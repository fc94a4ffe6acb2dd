"use strict";
// The lesson page: each tap, letter or text becomes an entry at once (entries.js sends it). Without this script the page
// is a plain form; it stays one where the browser is too old to send entries.
(() => {
  if (!("randomUUID" in crypto && "timeout" in AbortSignal)) return;
  const sheet = document.getElementById("lesson");
  const url = sheet.dataset.entries;
  const rows = [...sheet.querySelectorAll(".pupil")];
  const topic = document.getElementById("id_topic");
  const substitution = document.getElementById("id_substitution");
  // A slow page must not make the device believe that the school's clock is slow.
  const [visit] = performance.getEntriesByType("navigation");
  Entries.clock(Number(sheet.dataset.now), performance.timeOrigin + visit.responseStart);
  sheet.querySelector("[data-without-script]").hidden = true;

  const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
  const chosen = (row) => radios(row).find((radio) => radio.checked);
  const rowOf = (pupil) => rows.find((row) => row.dataset.pupil === pupil);

  function paint(row) {
    const more = row.querySelector(".more");
    if (more) {
      const within = more.querySelector("input:checked");
      const summary = more.querySelector("summary");
      more.classList.toggle("chosen", Boolean(within));
      summary.textContent = within ? within.parentElement.textContent.trim() : summary.dataset.other;
    }
    const done = rows.filter(chosen).length;
    document.getElementById("count").textContent =
      sheet.dataset.count.replace("{done}", done).replace("{total}", rows.length);
    remind();
  }

  // Whoever has entered everybody thinks that all is done.
  function remind() {
    document.getElementById("topic-missing").hidden = Boolean(topic.value.trim()) || !rows.every(chosen);
  }

  function choose(row, value) {
    radios(row).forEach((radio) => { radio.checked = radio.value === value; });
    paint(row);
  }

  function enter(row) {
    paint(row);
    note(row.dataset.pupil, "");
    Entries.put(url, { kind: "attendance", pupil: row.dataset.pupil, value: chosen(row).value, seen: row.dataset.seen });
  }

  function note(place, text) {
    const shown = sheet.querySelector(`[data-note="${place}"]`);
    if (!shown) return;
    shown.textContent = text;
    shown.hidden = !text;
  }

  // Topic: a moment after the last letter, and when the field or the page is left. An empty one waits until then: who
  // has just emptied the field is about to type.
  let entered = topic.value.trim(), later = null;
  function enterTopic() {
    clearTimeout(later);
    const value = topic.value.trim();
    if (value === entered) return;
    entered = value;
    note("topic", "");
    Entries.put(url, { kind: "topic", value, seen: topic.dataset.seen });
  }
  topic.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => { if (topic.value.trim()) enterTopic(); }, 800); });
  topic.addEventListener("change", enterTopic);
  window.addEventListener("pagehide", enterTopic);
  substitution?.addEventListener("change", () => Entries.put(url, { kind: "substitution", value: substitution.checked ? "on" : "" }));

  sheet.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    const row = event.target.closest(".pupil");
    const more = event.target.closest(".more");
    if (more) { more.open = false; more.querySelector("summary").focus(); }
    enter(row);
  });

  document.getElementById("rest")?.addEventListener("click", (event) => {
    event.preventDefault();
    rows.filter((row) => !chosen(row)).forEach((row) => { choose(row, "present"); enter(row); });
  });
  sheet.addEventListener("submit", (event) => { if (event.target === sheet) event.preventDefault(); });

  // Keyboard: up, down and Enter between pupils, a letter for the attendance.
  const focus = (row) => (chosen(row)?.closest(".more:not([open])")?.querySelector("summary") || chosen(row) || radios(row)[0]).focus();
  function go(row, step) {
    const next = rows[rows.indexOf(row) + step];
    if (next) focus(next);
    else if (step > 0) document.getElementById("done").focus();
    else topic.focus();
  }
  sheet.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = event.target.closest(".pupil");
    if (event.target === topic) {
      if ((event.key === "Enter" || event.key === "ArrowDown") && rows.length) { event.preventDefault(); focus(rows[0]); }
      return;
    }
    if (!row) return;
    // On the rare ones Enter opens the list, unless one of them is chosen already.
    const opens = event.target.tagName === "SUMMARY" && !event.target.closest(".chosen");
    if (event.key === "ArrowDown" || (event.key === "Enter" && !opens)) { event.preventDefault(); go(row, 1); return; }
    if (event.key === "ArrowUp") { event.preventDefault(); go(row, -1); return; }
    const letter = event.key.toLocaleUpperCase(document.documentElement.lang);
    const radio = radios(row).find((one) => one.dataset.key === letter);
    if (!radio) return;
    event.preventDefault();
    choose(row, radio.value);
    enter(row);
    focus(row);
  });

  Entries.onAnswer((answered, results, answer) => {
    if (answered !== url) return;
    document.getElementById("recorded").hidden = !answer.recorded;
    // What holds an entry cannot be taken back any more.
    sheet.querySelector("[data-take-back]")?.remove();
    // Of several entries in one place the answer to the last one says what holds.
    const last = new Map(results.filter(([, outcome]) => outcome).map((result) => [placeOf(result[0]), result]));
    const newer = new Set(Entries.pending(url).map(placeOf));
    for (const [place, [entry, outcome]] of last) {
      // A topic that somebody is still typing goes on from what was on the page before: the colleague's came in between,
      // and both are told when this one replaces it.
      if (entry.kind === "topic" && outcome.result !== "refused" && outcome.value !== entry.value && topic.value.trim() !== entry.value) continue;
      const row = entry.pupil && rowOf(entry.pupil);
      if (outcome.change && row) row.dataset.seen = outcome.change;
      if (outcome.change && entry.kind === "topic") topic.dataset.seen = outcome.change;
      // What was entered since then is on its way; the answer to an older entry must not undo it on the screen.
      if (!newer.has(place) && outcome.value !== entry.value) {
        if (row) choose(row, outcome.value);
        // Nor what is just being typed.
        if (entry.kind === "topic" && topic.value.trim() === entry.value) { topic.value = entered = outcome.value; remind(); }
        if (entry.kind === "substitution" && substitution) substitution.checked = outcome.value === "on";
      }
      note(place, about(entry, outcome));
    }
  });

  function placeOf(entry) { return entry.pupil || entry.kind; }

  function about(entry, outcome) {
    const fill = (text) => text.replace("{name}", () => outcome.colleague).replace("{value}", () => outcome.label);
    if (outcome.result === "refused") return sheet.dataset.refused;
    if (outcome.value !== entry.value) return fill(outcome.colleague ? sheet.dataset.overtaken : sheet.dataset.older);
    return outcome.colleague ? fill(sheet.dataset.replaced) : "";
  }

  // What waits on this device from before is shown as entered, and sent.
  for (const entry of Entries.pending(url)) {
    if (entry.kind === "topic") { topic.value = entry.value; entered = entry.value; }
    if (entry.kind === "substitution" && substitution) substitution.checked = entry.value === "on";
    if (entry.pupil && rowOf(entry.pupil)) choose(rowOf(entry.pupil), entry.value);
  }
  topic.addEventListener("input", remind);
  remind();
  Entries.send();
})();
