"use strict";
// What a teacher enters is first kept on this device and removed only when the school has answered. Each entry is one
// item of localStorage of its own, so that two tabs never write over each other's; its key sorts by time. The school
// counts an entry with the same id once, and a newer one stays: sending again is always safe.
const Entries = (() => {
  const shown = document.querySelector("[data-entries-owner]");
  const prefix = `zgoda.entry.${shown.dataset.entriesOwner}.`;
  const TIMEOUT = 10000, LONGEST_PAUSE = 30000, AT_ONCE = 100;
  const KEPT_ALIVE = 20000; // characters; a browser finishes at most 64 kB for a page that is left
  const memory = new Map(); // where the device keeps nothing
  const stuck = new Set(); // addresses that do not accept our entries
  const listeners = [];
  let sending = false, pause = 1000, timer = null, offset = 0, last = 0, troubled = false;
  const here = document.getElementById("lesson")?.dataset.entries;
  let dropped = false; // not all that waited for other lessons than the open one holds

  const store = {
    set(key, value) { try { localStorage.setItem(key, value); } catch { memory.set(key, value); } },
    remove(key) { memory.delete(key); try { localStorage.removeItem(key); } catch { /* it was in memory */ } },
    all() {
      const found = new Map(memory);
      try {
        for (let i = 0; i < localStorage.length; i++) found.set(localStorage.key(i), localStorage.getItem(localStorage.key(i)));
      } catch { /* only memory */ }
      return [...found].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, ...JSON.parse(value) }));
    },
  };

  // The school's clock, as far as we know it; later entries are always later.
  function clock(now, heard = Date.now()) { offset = now - heard; }
  function moment() { last = Math.max(last + 1, Math.round(Date.now() + offset)); return last; }

  function put(url, entry) {
    dropped = false;
    const made = { ...entry, id: crypto.randomUUID(), entered_at: moment() };
    store.set(`${prefix}${String(made.entered_at).padStart(15, "0")}.${made.id}`, JSON.stringify({ url, entry: made }));
    show("saving");
    send();
  }

  async function send() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    let state = "saved";
    const failing = new Set(); // addresses that fail on the school's side; the others need not wait for them
    for (;;) {
      const [first, ...rest] = sendable().filter((item) => !failing.has(item.url));
      if (!first) break;
      state = await attempt([first, ...rest.filter((item) => item.url === first.url)].slice(0, AT_ONCE));
      if (state === "failing") failing.add(first.url);
      else if (state !== "saved") break;
      else pause = 1000;
    }
    sending = false;
    if (failing.size && state === "saved") state = "failing";
    if (state === "saved" && store.all().length) state = "stuck";
    if (state === "saved" && dropped) state = "dropped";
    if (state === "waiting" || state === "failing") {
      timer = setTimeout(send, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    show(state);
  }

  function sendable() { return store.all().filter((item) => !stuck.has(item.url)); }

  async function attempt(batch) {
    const url = batch[0].url;
    const body = JSON.stringify({ entries: batch.map((item) => item.entry) });
    let response;
    try {
      response = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        keepalive: body.length < KEPT_ALIVE,
        signal: AbortSignal.timeout(TIMEOUT),
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body,
      });
      if (response.status === 401 || response.status === 403) return "login";
      if (response.status === 400 || response.status === 404) { stuck.add(url); return "saved"; }
      if (!response.ok) return "failing";
      const answer = await response.json();
      clock(answer.now);
      const outcomes = new Map(answer.outcomes.map((outcome) => [outcome.id, outcome]));
      for (const item of batch) {
        if (outcomes.has(item.entry.id)) store.remove(item.key);
        else stuck.add(url);
      }
      dropped ||= url !== here && answer.outcomes.some((one) => one.result !== "saved" && one.result !== "repeated");
      listeners.forEach((listener) => listener(url, batch.map((item) => [item.entry, outcomes.get(item.entry.id)]), answer));
      return "saved";
    } catch {
      return "waiting";
    }
  }

  function token() {
    const headers = document.body.getAttribute("hx-headers");
    return headers ? JSON.parse(headers)["X-CSRFToken"] : "";
  }

  function show(state) {
    const count = store.all().length;
    shown.dataset.state = state;
    shown.hidden = "quiet" in shown.dataset && !count && state !== "dropped";
    const text = shown.dataset[state].replace("{count}", count);
    shown.querySelector("[data-entries-text]").textContent = text;
    // Who listens hears of trouble and of its end, not twice of every tap.
    if (state !== "saving") {
      const isTrouble = state !== "saved";
      const told = shown.querySelector("[data-entries-told]");
      if ((isTrouble || troubled) && told.textContent !== text) told.textContent = text;
      troubled = isTrouble;
    }
    shown.querySelector("[data-entries-login]").hidden = state !== "login";
    shown.querySelector("[data-entries-discard]").hidden = state !== "stuck";
  }

  shown.querySelector("[data-entries-discard]").addEventListener("submit", (event) => {
    event.preventDefault();
    store.all().filter((item) => stuck.has(item.url)).forEach((item) => store.remove(item.key));
    location.reload();
  });
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  // What the device could not keep would be lost with the page.
  window.addEventListener("beforeunload", (event) => { if (memory.size) event.preventDefault(); });

  return { put, send, clock, isDone: () => !store.all().length && !dropped, pending: (url) => store.all().filter((item) => item.url === url).map((item) => item.entry), onAnswer: (listener) => listeners.push(listener) };
})();
if (!document.getElementById("lesson")) {
  // The day was shown before these arrived.
  Entries.onAnswer(() => { if (Entries.isDone()) location.reload(); });
  Entries.send();
}
