const POLL_MS = 1000;
const TICK_MS = 250;
const FADE_MS = 700;
const LOG_LINES = 60;

const byId = (id) => document.getElementById(id);
const cards = new Map();
const countdowns = new Set();

/** What the last poll showed; null before the first one. */
let known = null;
/** How far the server's clock is ahead of this one, in milliseconds. */
let clockOffset = 0;
let polls = Promise.resolve();
let waiting = 0;

/* The server */

async function getJson(path) {
  const response = await fetch(path, { cache: "no-store", headers: { Accept: "application/json" } });
  if (!response.ok) {
    throw new Error(`${path} answered ${response.status}`);
  }
  return { body: await response.json(), date: response.headers.get("Date") };
}

/** Send a change; resolves to null, or to what the server says against it. */
async function send(method, path, body) {
  try {
    const response = await fetch(path, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
    if (response.ok) {
      return null;
    }
    const problem = await response.json().catch(() => ({}));
    return problem.detail || `The server answered ${response.status}.`;
  } catch {
    return "The server does not answer.";
  }
}

async function poll() {
  const [users, pending] = await Promise.allSettled([getJson("api/users"), getJson("actuator/pendingpurges")]);
  showOutage(users.status === "rejected");
  if (users.status === "fulfilled") {
    readClock(users.value.date);
    showUsers(users.value.body);
  }
  showPending(pending.status === "fulfilled" ? pending.value.body.tables : null);
}

/** Poll after the polls under way, so that the page shows what a change has just done. */
function refresh() {
  waiting += 1;
  polls = polls.then(poll).catch(console.error).finally(() => { waiting -= 1; });
  return polls;
}

/** The Date header has whole seconds, so only a clock that is clearly off is corrected. */
function readClock(date) {
  const offset = Date.parse(date) - Date.now();
  clockOffset = Math.abs(offset) > 2000 ? offset : 0;
}

function showOutage(isOut) {
  const outage = byId("outage");
  const text = isOut ? "The application does not answer. Trying again every second." : "";
  if (outage.textContent !== text) {
    outage.textContent = text;
    outage.hidden = !isOut;
  }
}

/* Users */

function showUsers(users) {
  logChanges(users);
  const list = byId("user-list");
  for (const user of users) {
    let card = cards.get(user.id);
    if (!card) {
      card = createCard(user);
      cards.set(user.id, card);
      list.append(card.root);
    }
    updateCard(card, user);
  }
  const ids = new Set(users.map((user) => user.id));
  for (const [id, card] of cards) {
    if (!ids.has(id)) {
      cards.delete(id);
      card.documents.forEach((row) => countdowns.delete(row.countdown));
      countdowns.delete(card.countdown);
      fadeOut(card.root);
    }
  }
  const deleted = users.filter((user) => user.deletedAt).length;
  setText(byId("users-count"), `${users.length - deleted} live, ${deleted} deleted`);
  byId("empty").hidden = users.length > 0;
  tick();
}

function createCard(user) {
  const root = clone("user-template");
  const card = {
    root,
    article: root.querySelector(".card"),
    name: root.querySelector(".name"),
    email: root.querySelector(".email"),
    avatar: root.querySelector(".avatar"),
    action: root.querySelector(".card-head .action"),
    hint: root.querySelector(".hint"),
    problem: root.querySelector(".problem"),
    list: root.querySelector(".documents"),
    form: root.querySelector(".add"),
    countdown: createCountdown(root.querySelector(".card > .countdown")),
    documents: new Map(),
    user,
    cameBack: false,
  };
  card.name.id = `user-${user.id}`;
  card.article.setAttribute("aria-labelledby", card.name.id);
  const input = card.form.elements.title;
  input.id = `new-document-${user.id}`;
  card.form.querySelector("label").htmlFor = input.id;
  card.avatar.style.setProperty("--hue", (user.id * 67 + 110) % 360);
  card.action.addEventListener("click", () => act(card, card.action, () => changeRow("users", card.user)));
  card.form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(card, card.form.querySelector("button"), async () => {
      const problem = await send("POST", "api/documents", { userId: card.user.id, title: input.value });
      if (!problem) {
        input.value = "";
      }
      return problem;
    });
  });
  return card;
}

function updateCard(card, user) {
  const cameBack = card.user.deletedAt && !user.deletedAt;
  card.user = user;
  const isDeleted = user.deletedAt !== null;
  const leaving = user.documents.filter((doc) => doc.deletedAt).length;
  card.cameBack = (card.cameBack || cameBack) && !isDeleted && leaving > 0;

  setText(card.name, user.name);
  setEmail(card.email, user.email);
  setText(card.avatar, initials(user.name));
  setText(card.form.querySelector("label"), `Title of a new document for ${user.name}`);
  card.article.classList.toggle("deleted", isDeleted);
  card.form.hidden = isDeleted;
  showAction(card.action, isDeleted, user.name);
  showCountdown(card.countdown, user);
  setText(card.hint, hintFor(card, isDeleted, leaving));
  card.hint.hidden = card.hint.textContent === "";
  updateDocuments(card, isDeleted);
}

function hintFor(card, isDeleted, leaving) {
  if (isDeleted && leaving > 0) {
    return "Undo brings back the user. The documents can be undone after that, one by one.";
  }
  if (card.cameBack) {
    return `${leaving === 1 ? "One document is" : `${leaving} documents are`} still deleted. Undo what you want to keep.`;
  }
  return "";
}

function updateDocuments(card, userIsDeleted) {
  let last = null;
  for (const doc of card.user.documents) {
    let row = card.documents.get(doc.id);
    if (!row) {
      row = createDocument(card, doc);
      card.documents.set(doc.id, row);
      card.list.insertBefore(row.root, last ? last.nextSibling : card.list.firstChild);
    }
    last = row.root;
    row.doc = doc;
    const isDeleted = doc.deletedAt !== null;
    setText(row.title, doc.title);
    row.root.classList.toggle("deleted", isDeleted);
    showAction(row.action, isDeleted, doc.title);
    row.action.hidden = userIsDeleted;
    showCountdown(row.countdown, doc);
  }
  const ids = new Set(card.user.documents.map((doc) => doc.id));
  for (const [id, row] of card.documents) {
    if (!ids.has(id)) {
      card.documents.delete(id);
      countdowns.delete(row.countdown);
      fadeOut(row.root);
    }
  }
  card.list.hidden = card.list.childElementCount === 0;
}

function createDocument(card, doc) {
  const root = clone("document-template");
  const row = {
    root,
    title: root.querySelector(".title"),
    action: root.querySelector(".action"),
    countdown: createCountdown(root.querySelector(".countdown")),
    doc,
  };
  row.action.addEventListener("click", () => act(card, row.action, () => changeRow("documents", row.doc)));
  return row;
}

function changeRow(kind, row) {
  const path = `api/${kind}/${encodeURIComponent(row.id)}`;
  return row.deletedAt ? send("POST", `${path}/restore`) : send("DELETE", path);
}

/** Do one thing at a time per button. It keeps the focus, so it is not really disabled. */
async function act(card, button, change) {
  if (button.getAttribute("aria-disabled") === "true") {
    return;
  }
  button.setAttribute("aria-disabled", "true");
  const problem = await change();
  setText(card.problem, problem || "");
  card.problem.hidden = !problem;
  if (problem) {
    log("refused", problem);
  }
  await refresh();
  button.removeAttribute("aria-disabled");
}

function showAction(button, isDeleted, name) {
  const verb = isDeleted ? "Undo" : "Delete";
  setText(button, verb);
  button.setAttribute("aria-label", isDeleted ? `Undo the delete of ${name}` : `Delete ${name}`);
  button.classList.toggle("undo", isDeleted);
  button.classList.toggle("delete", !isDeleted);
}

/** Take a purged row off the page, and the focus with it to where the reader can go on. */
function fadeOut(element) {
  if (element.contains(document.activeElement)) {
    byId("users-title").focus();
  }
  element.inert = true;
  element.classList.add("purged");
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  setTimeout(() => element.remove(), isStill ? 0 : FADE_MS);
}

/* Countdowns */

function createCountdown(root) {
  return { root, clock: root.querySelector(".clock"), bar: root.querySelector(".bar"), from: 0, to: 0 };
}

function showCountdown(countdown, row) {
  countdown.root.hidden = row.deletedAt === null;
  if (row.purgeAt === null) {
    countdowns.delete(countdown);
    countdown.bar.hidden = true;
    setText(countdown.clock, row.deletedAt ? "deleted, no purge pending" : "");
    return;
  }
  countdown.bar.hidden = false;
  countdown.from = Date.parse(row.deletedAt);
  countdown.to = Date.parse(row.purgeAt);
  countdowns.add(countdown);
}

function tick() {
  const now = Date.now() + clockOffset;
  for (const countdown of countdowns) {
    const left = countdown.to - now;
    const share = Math.min(1, Math.max(0, left / (countdown.to - countdown.from || 1)));
    setText(countdown.clock, left > 0 ? `goes in ${duration(left)}` : "goes with the next run");
    countdown.bar.style.setProperty("--left", share.toFixed(4));
  }
}

function duration(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  const days = Math.floor(seconds / 86400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  if (days === 0 && clock[0] === 0) {
    clock.shift();
  }
  const text = clock.map((part) => String(part).padStart(2, "0")).join(":");
  return days > 0 ? `${days} d ${text}` : text;
}

/* Pending purges */

function showPending(tables) {
  const note = byId("pending-note");
  note.hidden = tables !== null && tables.length > 0;
  setText(note, tables === null ? "The endpoint does not answer." : "Nothing is pending.");
  const panel = byId("pending");
  const sections = new Map([...panel.children].map((section) => [section.dataset.table, section]));
  for (const summary of tables || []) {
    let section = sections.get(summary.table);
    if (!section) {
      section = clone("pending-template");
      section.dataset.table = summary.table;
      setText(section.querySelector("h3"), summary.table);
      panel.append(section);
    }
    sections.delete(summary.table);
    for (const count of ["pending", "due", "held", "blocked", "failed"]) {
      const cell = section.querySelector(`.${count} dd`);
      setText(cell, String(summary[count]));
      cell.classList.toggle("zero", summary[count] === 0);
    }
    setText(section.querySelector(".state"), stateOf(summary));
  }
  sections.forEach((section) => section.remove());
}

function stateOf(summary) {
  if (summary.paused) {
    return "paused";
  }
  const parts = [];
  if (summary.atLeast) {
    parts.push("at least so many");
  }
  if (summary.oldestDue) {
    parts.push(`due since ${time(new Date(summary.oldestDue))}`);
  }
  return parts.join(", ");
}

/* Log */

/** Whatever changed between two polls, whoever changed it. */
function logChanges(users) {
  const now = new Map(users.map((user) => [user.id, user]));
  for (const [id, before] of known || []) {
    const after = now.get(id);
    if (!after) {
      log("purged", withDocuments(before.name, before.documents.length));
      continue;
    }
    const changes = documentChanges(before.documents, after.documents);
    if (!before.deletedAt && after.deletedAt) {
      log("deleted", withDocuments(after.name, changes.deleted.length));
      changes.deleted = [];
    } else if (before.deletedAt && !after.deletedAt) {
      log("restored", after.name);
    }
    for (const [verb, documents] of Object.entries(changes)) {
      if (documents.length > 0) {
        const what = documents.length === 1 ? `“${documents[0].title}”` : `${documents.length} documents`;
        log(verb, `${what} of ${after.name}`);
      }
    }
  }
  known = now;
}

function documentChanges(before, after) {
  const then = new Map(before.map((it) => [it.id, it]));
  const now = new Set(after.map((it) => it.id));
  return {
    added: after.filter((it) => !then.has(it.id)),
    deleted: after.filter((it) => it.deletedAt && then.has(it.id) && !then.get(it.id).deletedAt),
    restored: after.filter((it) => !it.deletedAt && then.has(it.id) && then.get(it.id).deletedAt),
    purged: before.filter((it) => !now.has(it.id)),
  };
}

function withDocuments(name, count) {
  return count === 0 ? name : `${name} and ${count === 1 ? "1 document" : `${count} documents`}`;
}

function log(verb, text) {
  const line = clone("log-template");
  const now = new Date();
  line.className = verb;
  line.querySelector("time").dateTime = now.toISOString();
  setText(line.querySelector("time"), time(now));
  setText(line.querySelector(".verb"), verb);
  setText(line.querySelector(".text"), text);
  const lines = byId("log-lines");
  lines.prepend(line);
  while (lines.childElementCount > LOG_LINES) {
    lines.lastElementChild.remove();
  }
  byId("log-empty").hidden = true;
}

/* Small things */

function clone(template) {
  return byId(template).content.firstElementChild.cloneNode(true);
}

function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** An address too long for its line breaks before the @. */
function setEmail(element, email) {
  if (element.textContent !== email) {
    const at = email.lastIndexOf("@");
    element.replaceChildren(email.slice(0, Math.max(at, 0)), document.createElement("wbr"), email.slice(Math.max(at, 0)));
  }
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return [words.at(0), words.length > 1 ? words.at(-1) : ""].map((word) => (word || "").charAt(0)).join("");
}

function time(date) {
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

function refreshIfIdle() {
  if (waiting === 0 && !document.hidden) {
    refresh();
  }
}

refreshIfIdle();
setInterval(tick, TICK_MS);
setInterval(refreshIfIdle, POLL_MS);
document.addEventListener("visibilitychange", refreshIfIdle);
