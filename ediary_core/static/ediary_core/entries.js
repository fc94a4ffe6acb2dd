"use strict";
// What a teacher enters is first kept on this device and removed only when the school has answered. Each entry is one
// item of localStorage of its own, so that two tabs never write over each other's; its key sorts by time. The school
// counts an entry with the same id once, and a newer one stays: sending again is always safe.
const Entries = (() => {
  const shown = document.querySelector("[data-entries-owner]");
  const prefix = `zgoda.entry.${shown.dataset.entriesOwner}.`;
  const TIMEOUT = 10000, LONGEST_PAUSE = 30000, AT_ONCE = 100;
  const memory = new Map(); // where the device keeps nothing
  const stuck = new Set(); // addresses that do not accept our entries
  const listeners = [];
  let sending = false, pause = 1000, timer = null, offset = 0, last = 0;

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
    for (;;) {
      const waiting = store.all().filter((item) => !stuck.has(item.url));
      if (!waiting.length) break;
      const batch = waiting.filter((item) => item.url === waiting[0].url).slice(0, AT_ONCE);
      state = await attempt(batch);
      if (state !== "saved") break;
      pause = 1000;
    }
    sending = false;
    if (state === "saved" && store.all().length) state = "stuck";
    if (state === "waiting") {
      timer = setTimeout(send, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    show(state);
  }

  async function attempt(batch) {
    const url = batch[0].url;
    let response;
    try {
      response = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT),
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ entries: batch.map((item) => item.entry) }),
      });
      if (response.status === 401 || response.status === 403) return "login";
      if (response.status === 400 || response.status === 404) { stuck.add(url); return "saved"; }
      if (!response.ok) return "waiting";
      const answer = await response.json();
      clock(answer.now);
      const outcomes = new Map(answer.outcomes.map((outcome) => [outcome.id, outcome]));
      for (const item of batch) {
        if (outcomes.has(item.entry.id)) store.remove(item.key);
        else stuck.add(url);
      }
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
    shown.hidden = "quiet" in shown.dataset && !count;
    shown.querySelector("[data-entries-text]").textContent = shown.dataset[state].replace("{count}", count);
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

  return { put, send, clock, pending: (url) => store.all().filter((item) => item.url === url).map((item) => item.entry), onAnswer: (listener) => listeners.push(listener) };
})();
if (!document.getElementById("lesson")) Entries.send();
