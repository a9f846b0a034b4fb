// The conversations that this browser keeps, and the settings of the chat. Nothing of it goes to the server.

const CHAT = "saiki-chat-";
const SETTINGS = "saiki-chat/settings";
const MOST = 50;

/** All conversations, newest first. */
export function all() {
  return names()
    .map((name) => read(name))
    .filter((chat) => chat && Array.isArray(chat.messages))
    .sort((one, other) => other.time - one.time);
}

/** Keeps a conversation; where there is no room, the oldest ones go. */
export function keep(chat) {
  const others = all().filter((other) => other.id !== chat.id);
  while (others.length >= MOST) forget(others.pop().id);
  while (!write(CHAT + chat.id, chat) && others.length > 0) forget(others.pop().id);
}

export function forget(id) {
  attempt(() => localStorage.removeItem(CHAT + id));
}

/** Forgets all conversations, and the settings. */
export function eraseAll() {
  for (const name of names()) attempt(() => localStorage.removeItem(name));
  attempt(() => localStorage.removeItem(SETTINGS));
}

export function settings() {
  return read(SETTINGS) ?? {};
}

export function keepSettings(values) {
  write(SETTINGS, values);
}

function names() {
  return attempt(() => Object.keys(localStorage).filter((name) => name.startsWith(CHAT))) ?? [];
}

function read(name) {
  return attempt(() => JSON.parse(localStorage.getItem(name)));
}

function write(name, value) {
  return attempt(() => {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  });
}

/** A browser may keep nothing, be full, or hold what something else wrote: the page works all the same. */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
